// The functions of the compiled library for the digest, called through dispatch.hpp and so through the C interface.
#include <l1loss/dispatch.hpp>

#include "digest.hpp"

using digest::data;
using digest::hash;
using digest::shape;
using l1loss::reduction;
using namespace l1loss::dispatch;

namespace {

template <class T> std::span<T const> all(T const* array, data<T> const& d) { return {array, d.size()}; }

template <class T> void mean(data<T> const& d, hash& out) { out.put(l1_loss(all(d.input, d), all(d.target, d))); }
template <class T> void sum(data<T> const& d, hash& out) { out.put(l1_loss<reduction::sum>(all(d.input, d), all(d.target, d))); }
template <class T> void none(data<T> const& d, hash& out) {
    std::vector<T> losses(d.size());
    l1_loss<reduction::none>(all(d.input, d), all(d.target, d), losses);
    out.put(losses);
}
/// The gradient with respect to target is that with respect to input, the two exchanged.
template <class T> void backward(data<T> const& d, hash& out) {
    std::vector<T> of_input(d.size()), of_target(d.size());
    l1_loss_backward(all(d.input, d), all(d.target, d), of_input, 0.7f);
    l1_loss_backward(all(d.target, d), all(d.input, d), of_target, 0.7f);
    out.put(of_input);
    out.put(of_target);
}
template <class T> void with_gradient(data<T> const& d, hash& out) {
    std::vector<T> gradient(d.size());
    out.put(l1_loss_with_gradient(all(d.input, d), all(d.target, d), gradient));
    out.put(gradient);
}
template <class T> void rows(data<T> const& d, hash& out) {
    std::vector<T> losses(d.rows);
    l1_loss_rows(all(d.input, d), all(d.target, d), d.rows, losses);
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

std::span<digest::function<float> const> digest::functions_of_elements() { return {}; }
template <> std::span<digest::function<float> const> digest::functions() { return table<float>; }
template <> std::span<digest::function<double> const> digest::functions() { return table<double>; }
