// The compiled library's functions, as the digest calls them, by its C interface.
#include <l1loss/l1loss.h>

#include "digest.hpp"

using digest::data;
using digest::hash;
using digest::shape;

namespace {

/// The functions for T.
template <class T>
struct library;
template <>
struct library<float> {
    static constexpr auto mean = l1loss_mean_f32, sum = l1loss_sum_f32;
    static constexpr auto none = l1loss_none_f32;
    static constexpr auto backward = l1loss_backward_f32;
    static constexpr auto with_gradient = l1loss_with_gradient_f32;
    static constexpr auto rows = l1loss_rows_f32;
};
template <>
struct library<double> {
    static constexpr auto mean = l1loss_mean_f64, sum = l1loss_sum_f64;
    static constexpr auto none = l1loss_none_f64;
    static constexpr auto backward = l1loss_backward_f64;
    static constexpr auto with_gradient = l1loss_with_gradient_f64;
    static constexpr auto rows = l1loss_rows_f64;
};

template <class T>
void mean(data<T> const& d, hash& out) {
    out.put(library<T>::mean(d.input, d.target, d.size()));
}
template <class T>
void sum(data<T> const& d, hash& out) {
    out.put(library<T>::sum(d.input, d.target, d.size()));
}
template <class T>
void none(data<T> const& d, hash& out) {
    std::vector<T> all(d.size());
    library<T>::none(d.input, d.target, d.size(), all.data());
    out.put(all);
}
/// Of the target: as of the input, were these exchanged.
template <class T>
void backward(data<T> const& d, hash& out) {
    std::vector<T> of_input(d.size()), of_target(d.size());
    library<T>::backward(d.input, d.target, d.size(), L1LOSS_MEAN, 0.7f, of_input.data());
    library<T>::backward(d.target, d.input, d.size(), L1LOSS_MEAN, 0.7f, of_target.data());
    out.put(of_input);
    out.put(of_target);
}
template <class T>
void with_gradient(data<T> const& d, hash& out) {
    std::vector<T> gradient(d.size());
    T loss = -1;
    library<T>::with_gradient(d.input, d.target, d.size(), L1LOSS_MEAN, 1, gradient.data(), &loss);
    out.put(loss);
    out.put(gradient);
}
template <class T>
void rows(data<T> const& d, hash& out) {
    std::vector<T> losses(d.rows);
    library<T>::rows(d.input, d.target, d.rows, d.columns, L1LOSS_MEAN, losses.data());
    out.put(losses);
}

template <class T>
constexpr digest::function<T> table[] = {
    {"mean", shape::vector, mean},
    {"sum", shape::vector, sum},
    {"none", shape::vector, none},
    {"backward", shape::vector, backward},
    {"with_gradient", shape::vector, with_gradient},
    {"rows", shape::matrix, rows},
};

} // namespace

template <>
std::span<digest::function<float> const> digest::functions() {
    return table<float>;
}
template <>
std::span<digest::function<double> const> digest::functions() {
    return table<double>;
}
