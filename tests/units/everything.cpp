// Calls every family of functions, each with a path to an error. The build compiles this once for each set of flags, and UNIT is
// the name of the one function that others see.
#include <array>
#include <exception>
#include <vector>

#include <l1loss/constant.hpp>
#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>
#include <span>

namespace user { // types of a program that all of its units have

template <std::size_t Rank> struct view {
    float* data;
    std::array<std::size_t, Rank> extents;
    std::array<std::ptrdiff_t, Rank> strides;

    L1LOSS_INLINE static constexpr std::size_t rank() { return Rank; }
    L1LOSS_INLINE constexpr std::size_t extent(std::size_t r) const { return extents[r]; }
    L1LOSS_INLINE constexpr std::ptrdiff_t stride(std::size_t r) const { return strides[r]; }
    L1LOSS_INLINE constexpr float* data_handle() const { return data; }
};

struct one_after_another {
    L1LOSS_INLINE void operator()(std::size_t n, l1loss::indexed_task task) const {
        for (std::size_t i = 0; i < n; ++i) task(i);
    }
};

} // namespace user

namespace {

using namespace l1loss;

template <class F> double guarded(F f) {
#if defined(__cpp_exceptions)
    try {
        return f();
    } catch (std::exception const&) {
        return 0;
    }
#else
    return f();
#endif
}

template <class X, class Mask> double calls(X const& x, X const& y, Mask const& mask, float* out) {
    double sum = 0;
    l1_accumulator<float> loss, next(l1_accumulator<float>::block);
    sum += guarded([&] { return l1_loss(x, y, parse_reduction("sum"), where(mask)); });
    sum += guarded([&] { return l1_loss<reduction::none>(x, y, out), 0; });
    sum += guarded([&] { return l1_exceeds(x, y, 0.5f, where(mask)); });
    sum += guarded([&] { return l1_loss_backward(x, y, out, grad_output(2)), 0; });
    sum += guarded([&] { return loss.update(x, y, weights(y)), loss.mean(); });
    sum += guarded([&] { return loss.merge(next), loss.reset(), loss.sum(); });
    return sum + double(loss.count() + loss.first_index() + next.last_index());
}

template <class X> double matrix_calls(X const& x, X const& y, float* out) {
    double sum = 0;
    std::vector<std::size_t> counts(4);
    std::span<float> const two(out, 2), four(out + 8, 4);
    sum += guarded([&] { return l1_loss_rows(x, y, two), 0; });
    sum += guarded([&] { return l1_loss_columns<reduction::sum>(x, y, four, count(counts)), 0; });
    return sum + double(counts[0]);
}

/// Elements of two bytes, integers, and integers that stand for real numbers.
double element_calls(float* x, float* y, std::span<unsigned char> bytes, float* out) {
    l1loss::float16_t h[32], k[32];
    for (int i = 0; i < 32; ++i) h[i] = x[i], k[i] = y[i];
    l1_accumulator<std::uint64_t> loss, next;
    double sum = 0;
    sum += guarded([&] { return l1_loss(h, k, where(bytes)); });
    sum += guarded([&] { return l1_loss<reduction::none>(h, k, std::span(k)), float(k[0]); });
    sum += guarded([&] { return double(l1_loss<reduction::sum, std::uint64_t>(bytes, bytes)); });
    sum += guarded([&] { return loss.update(bytes, bytes, where(bytes)), loss.merge(next), loss.mean(); });
    sum += guarded([&] { return l1_loss(dequantized(bytes, 0.5f, 128), std::span(y, bytes.size())); });
    sum += guarded([&] { return l1_loss_rows(dequantized(bytes, std::span(x, 2), 3), h, 2, std::span(out, 2)), 0; });
    loss.reset();
    return sum + double(loss.count()) + double(loss.sum());
}

} // namespace

double UNIT(float* x, float* y, unsigned char* mask, float* out, std::size_t n) {
    tensor<float, 2, 4> const a{x[0], x[1]}, b{y[0], y[1]};
    std::span<float> const in(x, n), other(y, n);
    std::span<unsigned char> const chosen(mask, n);
    user::view<1> const strided{x, {n / 2}, {2}}, strided_other{y, {n / 2}, {2}};
    user::view<2> const matrix{x, {2, 4}, {8, 2}}, matrix_other{y, {2, 4}, {8, 2}}, row{y, {1, 4}, {8, 2}};
    double sum = calls(in, other, chosen, out);
    sum += calls(strided, strided_other, chosen.first(n / 2), out);
    std::size_t counted = 0;
    sum += guarded([&] { return l1_loss_with_gradient<reduction::sum>(in, other, out, skip_nan, grad_target(out + n)); });
    sum += guarded([&] { return l1_loss<reduction::sum, double>(in, other, count(counted)); });
    sum += matrix_calls(matrix, matrix_other, out);
    tensor<float, 1, 4> reduced{};
    sum += guarded([&] { return l1_loss_backward(matrix, broadcast(row), out, grad_target(reduced)), reduced(0, 1); });
    sum += guarded([&] { return l1_loss(user::one_after_another{}, in, other); });
    sum += guarded([&] { return l1_loss_rows(user::one_after_another{}, in, other, 2, std::span<float>(out, 2)), 0; });
    sum += guarded([&] { return l1_loss_backward(user::one_after_another{}, in, other, std::span<float>(out, n)), 0; });
    sum += l1_loss(a, b) + l1_loss<reduction::none>(a, b)(0, 1) + l1_loss(x, y, n) + double(to_string(reduction::sum).size());
    sum += element_calls(x, y, chosen.first(32), out);
    sum += l1_loss_constant(tensor<float, 2>{1, 2}, tensor<float, 2>{3, 5}) + double(a == b) +
           relative_error_bound<float>(n, reduction::mean);
    return sum;
}
