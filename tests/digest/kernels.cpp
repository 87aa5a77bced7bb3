// The functions of the library for the digest.
//
// With L1LOSS_DIGEST_THREADS, they are those of parallel.hpp where it has one. L1LOSS_DIGEST_ONLY may name some of float, double
// and other_elements. Then they are those of these types alone.
#include <algorithm>

#include <l1loss/l1loss.hpp>

#include "../support/strided_view.hpp"
#include "digest.hpp"

using namespace l1loss;
using digest::data;
using digest::hash;
using digest::shape;

#ifdef L1LOSS_DIGEST_THREADS
#include "on_threads.hpp"
#else
namespace by = l1loss;
#endif

namespace {

template <class T> using matrix = test::strided_view<T const, 2>;

// ---- Vectors of n elements.

template <class T> void mean(data<T> const& d, hash& out) { out.put(by::l1_loss(d.input, d.target, d.size())); }
template <class T> void sum(data<T> const& d, hash& out) { out.put(by::l1_loss<reduction::sum>(d.input, d.target, d.size())); }
template <class T> void in_double(data<T> const& d, hash& out) {
    out.put(by::l1_loss<reduction::mean, double>(d.input, d.float_target, d.size()));
}
template <class T> void none(data<T> const& d, hash& out) {
    std::vector<T> all(d.size());
    by::l1_loss<reduction::none>(d.input, d.target, d.size(), all);
    out.put(all);
}
template <class T> void backward(data<T> const& d, hash& out) {
    std::vector<T> of_input(d.size()), of_target(d.size());
    by::l1_loss_backward(d.input, d.target, of_input, d.size(), grad_output(0.7f), grad_target(of_target));
    out.put(of_input);
    out.put(of_target);
}
template <class T> void backward_none(data<T> const& d, hash& out) {
    std::vector<T> gradient(d.size());
    by::l1_loss_backward<reduction::none>(d.input, d.target, gradient, d.size(), grad_output(d.scale));
    out.put(gradient);
}
template <class T> void with_gradient(data<T> const& d, hash& out) {
    std::vector<T> gradient(d.size());
    out.put(by::l1_loss_with_gradient(d.input, d.target, gradient, d.size()));
    out.put(gradient);
}
template <class T> void weighted(data<T> const& d, hash& out) {
    out.put(by::l1_loss(d.input, d.target, d.size(), weights(d.weights)));
    out.put(by::l1_loss<reduction::sum>(d.input, d.target, d.size(), weights(d.scale)));
}
template <class T> void masked(data<T> const& d, hash& out) {
    std::size_t counted = 0;
    out.put(by::l1_loss(d.input, d.target, d.size(), where(d.mask), count(counted)));
    out.put(counted);
}
template <class T> void without_nan(data<T> const& d, hash& out) {
    std::size_t counted = 0;
    out.put(by::l1_loss(d.input, d.target, d.size(), skip_nan, count(counted)));
    out.put(counted);
}
template <class T> void all_named(data<T> const& d, hash& out) {
    out.put(by::l1_loss(d.input, d.target, d.size(), weights(d.weights), where(d.mask), skip_nan));
}
template <class T> void none_all_named(data<T> const& d, hash& out) {
    std::vector<T> all(d.size());
    by::l1_loss<reduction::none>(d.input, d.target, d.size(), all, weights(d.scale), where(d.mask), skip_nan);
    out.put(all);
}
template <class T> void gradient_all_named(data<T> const& d, hash& out) {
    std::vector<T> gradient(d.size());
    out.put(by::l1_loss_with_gradient(d.input, d.target, gradient, d.size(), weights(d.weights), where(d.mask), skip_nan));
    out.put(gradient);
}

/// Accumulates in chunks of growing lengths, then in two parts that are merged.
template <class T> void accumulate(data<T> const& d, hash& out, auto update) {
    l1_accumulator<T> whole;
    for (std::size_t i = 0, chunk = 1; i < d.size(); i += chunk, chunk = std::min(3 * chunk, d.size() - i)) update(whole, i, chunk);
    out.put(whole.mean());
    std::size_t const middle = d.size() / 2 / whole.block * whole.block;
    l1_accumulator<T> left, right(middle);
    update(left, 0, middle);
    update(right, middle, d.size() - middle);
    left.merge(right);
    out.put(left.sum());
    out.put(left.count());
}
template <class T> void accumulator(data<T> const& d, hash& out) {
    accumulate(d, out, [&](l1_accumulator<T>& loss, std::size_t i, std::size_t n) { loss.update(d.input + i, d.target + i, n); });
}
template <class T> void accumulator_all_named(data<T> const& d, hash& out) {
    accumulate(d, out, [&](l1_accumulator<T>& loss, std::size_t i, std::size_t n) {
        loss.update(d.input + i, d.target + i, n, weights(d.weights + i), where(d.mask + i), skip_nan);
    });
}

// ---- Other types of elements, made of the same numbers.

/// Numbers of two bytes, scaled by 2^-5, so that those of the finite part are finite in half.
template <class Short, class T> std::vector<Short> shortened(T const* x, std::size_t n) {
    std::vector<Short> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = Short(x[i] * T(0.03125));
    return all;
}
template <class Short, class T> void short_floats(data<T> const& d, hash& out) {
    std::size_t const n = d.size();
    auto const x = shortened<Short>(d.input, n), y = shortened<Short>(d.target, n);
    std::vector<Short> all(n), gradient(n);
    out.put(by::l1_loss(x, y));
    by::l1_loss<reduction::none>(x, y, all);
    by::l1_loss_backward<reduction::none, T>(x, y, gradient, grad_output(std::span(d.scale, n)));
    for (std::size_t i = 0; i < n; ++i) out.put(float(all[i])), out.put(float(gradient[i]));
}

/// The lowest bits of numbers.
template <class Int, class T> std::vector<Int> lowest_bits(T const* x, std::size_t n) {
    std::vector<Int> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<Int>(test::bits(x[i]));
    return all;
}
template <class Int, class T> void of_type(data<T> const& d, hash& out) {
    std::size_t const n = d.size();
    auto const x = lowest_bits<Int>(d.input, n), y = lowest_bits<Int>(d.target, n);
    std::vector<std::make_unsigned_t<Int>> all(n);
    std::size_t counted = 0;
    out.put(by::l1_loss(x, y));
    out.put(by::l1_loss<reduction::sum, std::uint64_t>(x, y, where(std::span(d.mask, n)), count(counted)));
    out.put(std::uint64_t{counted});
    by::l1_loss<reduction::none>(x, y, all);
    for (auto const difference : all) out.put(std::uint64_t{difference});
}
template <class T> void integers(data<T> const& d, hash& out) {
    of_type<std::uint8_t>(d, out);
    of_type<std::int8_t>(d, out);
    of_type<std::uint16_t>(d, out);
    of_type<std::int16_t>(d, out);
}
template <class T> void dequantised(data<T> const& d, hash& out) {
    auto const q = lowest_bits<std::int8_t>(d.input, d.size());
    out.put(by::l1_loss(dequantized(q, T(0.037), 3), std::span(d.target, d.size())));
}

// ---- Matrices.

template <class T> std::span<T const> all(T const* array, data<T> const& d) { return {array, d.size()}; }

template <class T> void rows(data<T> const& d, hash& out) {
    std::vector<T> losses(d.rows);
    by::l1_loss_rows(all(d.input, d), all(d.target, d), d.rows, losses);
    out.put(losses);
}
template <class T> void rows_named(data<T> const& d, hash& out) {
    std::vector<T> losses(d.rows);
    std::vector<std::size_t> counts(d.rows);
    by::l1_loss_rows(all(d.input, d), all(d.target, d), d.rows, losses, where(std::span(d.mask, d.size())), skip_nan,
                     count(counts));
    out.put(losses);
    out.put(counts);
}
template <class T> void columns(data<T> const& d, hash& out) {
    std::vector<T> losses(d.columns);
    l1_loss_columns(all(d.input, d), all(d.target, d), d.rows, losses);
    out.put(losses);
}
template <class T> void columns_named(data<T> const& d, hash& out) {
    std::vector<T> losses(d.columns);
    std::vector<std::size_t> counts(d.columns);
    l1_loss_columns(all(d.input, d), all(d.target, d), d.rows, losses, where(std::span(d.mask, d.size())), skip_nan, count(counts));
    out.put(losses);
    out.put(counts);
}
/// Every second row, then the transpose.
template <class T> void strided(data<T> const& d, hash& out) {
    auto const pitch = static_cast<std::ptrdiff_t>(d.columns);
    auto const loss = [&](std::array<std::size_t, 2> extents, std::array<std::ptrdiff_t, 2> strides) {
        out.put(by::l1_loss(matrix<T>{d.input, extents, strides}, matrix<T>{d.target, extents, strides}));
    };
    loss({(d.rows + 1) / 2, d.columns}, {2 * pitch, 1});
    loss({d.columns, d.rows}, {1, pitch});
}
/// Broadcasts the first row of the target, and takes the gradient of that.
template <class T> void broadcast_row(data<T> const& d, hash& out) {
    matrix<T> const x{d.input, {d.rows, d.columns}, {std::ptrdiff_t(d.columns), 1}};
    std::vector<T> of_input(d.size()), of_target(d.columns);
    out.put(by::l1_loss_with_gradient(x, broadcast(std::span(d.target, d.columns)), of_input, grad_target(of_target)));
    out.put(of_input);
    out.put(of_target);
}

// ---- Fixed shapes.

template <std::size_t... N, class T> void fixed_shapes(data<T> const& d, hash& out) {
    (out.put(by::l1_loss(std::span<T const, N>(d.input, N), std::span<T const, N>(d.target, N))), ...);
}
/// Many calls, among which a compiler might share work.
template <std::size_t N, class T> void side_by_side(data<T> const& d, hash& out) {
    constexpr std::size_t many = 32;
    std::vector<T> means(many);
    for (std::size_t k = 0; k < many; ++k)
        means[k] = by::l1_loss(std::span<T const, N>(d.input + k * N, N), std::span<T const, N>(d.target + k * N, N));
    out.put(means);
}
template <class T> void fixed_gradient(data<T> const& d, hash& out) {
    tensor<T, 3, 5> x, y, gradient;
    std::copy_n(d.input, 15, x.data());
    std::copy_n(d.target, 15, y.data());
    out.put(by::l1_loss_with_gradient(x, y, gradient, weights(std::span<T const, 15>(d.weights, 15))));
    for (T const g : gradient) out.put(g);
    for (T const t : by::l1_loss<reduction::none>(x, y)) out.put(t);
}

template <class T>
constexpr digest::function<T> table[] = {
    {"mean", shape::vector, mean},
    {"sum", shape::vector, sum},
    {"in_double", shape::vector, in_double},
    {"none", shape::vector, none},
    {"backward", shape::vector, backward},
    {"backward_none", shape::vector, backward_none},
    {"with_gradient", shape::vector, with_gradient},
    {"weighted", shape::vector, weighted},
    {"masked", shape::vector, masked},
    {"skip_nan", shape::vector, without_nan},
    {"all_named", shape::vector, all_named},
    {"none_all_named", shape::vector, none_all_named},
    {"gradient_all_named", shape::vector, gradient_all_named},
    {"accumulator", shape::vector, accumulator},
    {"accumulator_all_named", shape::vector, accumulator_all_named},
    {"rows", shape::matrix, rows},
    {"rows_named", shape::matrix, rows_named},
    {"columns", shape::matrix, columns},
    {"columns_named", shape::matrix, columns_named},
    {"strided", shape::matrix, strided},
    {"broadcast", shape::matrix, broadcast_row},
    {"fixed_shapes", shape::fixed, fixed_shapes<1, 3, 4, 7, 15, 64, 100, 513>},
    {"side_by_side", shape::fixed, side_by_side<3>},
    {"side_by_side_15", shape::fixed, side_by_side<15>},
    {"fixed_gradient", shape::fixed, fixed_gradient},
};

template <std::same_as<float> T>
constexpr digest::function<T> elements[] = {
    {"half", shape::vector, short_floats<l1loss::float16_t>},
    {"bfloat16", shape::vector, short_floats<l1loss::bfloat16_t>},
    {"integers", shape::vector, integers},
    {"dequantized", shape::vector, dequantised},
};

struct other_elements;
#ifndef L1LOSS_DIGEST_ONLY
#define L1LOSS_DIGEST_ONLY float, double, other_elements
#endif
template <class... Types> struct type_list {
    template <class T> static constexpr bool has = (std::is_same_v<T, Types> || ...);
};
using wanted = type_list<L1LOSS_DIGEST_ONLY>;

template <class T> std::span<digest::function<T> const> functions_of() {
    if constexpr (wanted::has<T>) return table<T>;
    else return {};
}
template <class T> std::span<digest::function<T> const> functions_of_others() {
    if constexpr (wanted::has<other_elements>) return elements<T>;
    else return {};
}

} // namespace

std::span<digest::function<float> const> digest::functions_of_elements() { return functions_of_others<float>(); }
template <> std::span<digest::function<float> const> digest::functions() { return functions_of<float>(); }
template <> std::span<digest::function<double> const> digest::functions() { return functions_of<double>(); }
