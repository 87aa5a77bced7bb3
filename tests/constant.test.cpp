// Tests that constant evaluation gives the bits of run time.
//
// The shapes are short ones, shapes around stripes and blocks, and 65,536 elements, which stay within the default limits of the
// compiler.
#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include <l1loss/constant.hpp>
#include <l1loss/l1loss.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"

using l1loss::l1_loss;
using l1loss::reduction;
using l1loss::tensor;
using test::bits;
using test::distribution;

namespace {

template <class T, std::size_t N> constexpr tensor<T, N> elements(distribution d, std::uint64_t which) {
    tensor<T, N> t{};
    T* const p = t.data();
    for (std::size_t i = 0; i < N; ++i) p[i] = test::element<T>(d, which, i);
    return t;
}

/// Not inlined, so that it is compiled once and not evaluated as a constant.
template <reduction R, class X> [[gnu::noinline]] auto at_run_time(X const& x, X const& y) { return l1_loss<R>(x, y); }
[[gnu::noinline]] auto none_at_run_time(auto const& x, auto const& y) { return l1_loss<reduction::none>(x, y); }

/// Compares three results of one length: a constant, run time with a fixed shape, and run time without one.
template <class T, std::size_t N> void check() {
    static constexpr tensor<T, N> x = elements<T, N>(distribution::wide, 0), y = elements<T, N>(distribution::wide, 1);
    constexpr T sum = l1_loss<reduction::sum>(x, y), mean = l1_loss(x, y);
    constexpr auto none = l1_loss<reduction::none>(x, y);
    static_assert(bits(l1loss::l1_loss_constant<reduction::sum>(x, y)) == bits(sum));
    static_assert(bits(l1loss::l1_loss_constant(x, y)) == bits(mean));
    static_assert(l1loss::l1_loss_constant<reduction::none>(x, y) == none);
    auto const [a, b] = test::make_pair<T>(distribution::wide, N);
    bool is_right = bits(at_run_time<reduction::sum>(x, y)) == bits(sum) && bits(at_run_time<reduction::mean>(x, y)) == bits(mean);
    if (!is_right) FAIL("mean or sum of a fixed shape, n = " << N);
    if (none_at_run_time(x, y) != none) FAIL("none of a fixed shape, n = " << N);
    is_right = bits(at_run_time<reduction::sum>(a, b)) == bits(sum) && bits(at_run_time<reduction::mean>(a, b)) == bits(mean);
    if (!is_right) FAIL("mean or sum of a run-time length, n = " << N);
}

template <class T, std::size_t... N> void check_all(std::index_sequence<N...>) { (check<T, N>(), ...); }

// 65,536 values that take little arithmetic to make: i/8 against -i, whose sum is 9/8 · Σ i.
constexpr std::size_t many = 65536;
template <int Scale> constexpr tensor<float, many> ramp() {
    tensor<float, many> t{};
    float* const p = t.data();
    for (std::size_t i = 0; i < many; ++i) p[i] = float(i) * (Scale > 0 ? 1.f / Scale : -1.f);
    return t;
}
constexpr tensor<float, many> up = ramp<8>(), down = ramp<-1>();
constexpr float ramp_sum = l1_loss<reduction::sum>(up, down);
static_assert(ramp_sum > 0.99999f * 2415882240.f && ramp_sum < 1.00001f * 2415882240.f);
static_assert(l1loss::l1_loss_constant<reduction::sum>(up, down) == ramp_sum);

// Two element types give a result of the wider. |-0 - +0| is +0, here in a scalar.
static_assert(l1loss::l1_loss_constant(tensor<float, 2>{0.1f, 1}, tensor<double, 2>{0.1, 3}) ==
              l1_loss(tensor<float, 2>{0.1f, 1}, tensor<double, 2>{0.1, 3}));
static_assert(bits(l1loss::l1_loss_constant<reduction::none>(tensor<float>{-0.0f}, tensor<float>{0.0f})()) == bits(0.0f));

// What an element is that does not count, and the signs of zeros. Each function returns the bits of what it computes.
constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
template <class... Numbers> constexpr auto all_bits(Numbers... x) { return std::array{bits(x)...}; }

template <class Arch, class... Options>
constexpr auto of_all(tensor<float, 2, 2> const& x, tensor<float, 2, 2> const& y, Options... options) {
    std::size_t counted = 0;
    auto const n = l1loss::count(counted);
    tensor<float, 2, 2> each{}, of_input{}, of_target{};
    std::array<float, 2> rows{}, columns{};
    float const sum = l1_loss<reduction::sum, void, Arch>(x, y, options...);
    float const mean = l1_loss<reduction::mean, void, Arch>(x, y, options..., n);
    l1_loss<reduction::none, void, Arch>(x, y, each, options...);
    l1loss::l1_loss_backward<reduction::sum, void, Arch>(x, y, of_input, options..., l1loss::grad_target(of_target));
    l1loss::l1_loss_rows<reduction::sum, void, Arch>(x, y, rows, options...);
    l1loss::l1_loss_columns<reduction::sum, void, Arch>(x, y, columns, options...);
    auto const [a, b, c, d] = each.elements;
    auto const [e, f, g, h] = of_input.elements;
    auto const [i, j, k, l] = of_target.elements;
    return all_bits(sum, mean, float(counted), a, b, c, d, e, f, g, h, i, j, k, l, rows[0], rows[1], columns[0], columns[1]);
}
constexpr bool mask[] = {true, false, false, true};
template <class Arch> constexpr auto without_nan() { return of_all<Arch>({1, nan, 3, 4}, {2, 1, nan, 8}, l1loss::skip_nan); }
template <class Arch> constexpr auto under_mask() { return of_all<Arch>({1, nan, 9, 4}, {2, 1, 3, 8}, l1loss::where(mask)); }
template <class Arch> constexpr auto under_mask_with_weights() {
    tensor<float, 2, 2> const w{2, 5, nan, 0.5f};
    return of_all<Arch>({1, 9, 0, 4}, {2, infinity, 3, 8}, l1loss::where(mask), l1loss::weights(w));
}
template <class Arch> constexpr auto gradient_under_mask() {
    std::array<float, 4> gradient{};
    l1loss::l1_loss_backward<reduction::none, void, Arch>(std::array{1.f, nan, 9.f, 4.f}, std::array{2.f, 1.f, 3.f, 8.f}, gradient,
                                                          l1loss::where(mask),
                                                          l1loss::grad_output(std::array{2.f, nan, infinity, 3.f}));
    return all_bits(gradient[0], gradient[1], gradient[2], gradient[3]);
}
template <class Arch> constexpr float with_nan_as_weight(float of_element) { // it leaves no element out
    std::array const w{nan, 1.f, 1.f};
    return l1_loss<reduction::mean, void, Arch>(std::array{of_element, 2.f, 3.f}, std::array{1.f, 0.f, 0.f}, l1loss::weights(w),
                                                l1loss::skip_nan);
}
template <class Arch> constexpr auto with_signed_zeros() {
    tensor<float, 2, 2> const x{1, 2, 3, 4}, minus{-1, -1, -1, -1}, zero{-0.f, -0.f, -0.f, -0.f};
    auto const m = l1loss::weights(minus), z = l1loss::weights(zero);
    return all_bits(l1_loss<reduction::sum, void, Arch>(x, x, m), l1_loss<reduction::mean, void, Arch>(x, x, m),
                    l1_loss<reduction::mean, void, Arch>(x, minus, z), l1_loss<reduction::sum, void, Arch>(x, minus, z),
                    l1_loss<reduction::mean, void, Arch>(x, x));
}
constexpr auto of_plain =
                   all_bits(5.f, 2.5f, 2.f, 1.f, 0.f, 0.f, 4.f, -1.f, 0.f, 0.f, -1.f, 1.f, 0.f, 0.f, 1.f, 1.f, 4.f, 1.f, 4.f),
               of_weighted =
                   all_bits(4.f, 1.6f, 2.f, 2.f, 0.f, 0.f, 2.f, -2.f, 0.f, 0.f, -0.5f, 2.f, 0.f, 0.f, 0.5f, 2.f, 2.f, 2.f, 2.f);
constexpr auto of_gradient = all_bits(-2.f, 0.f, 0.f, -3.f);
constexpr auto of_zeros = all_bits(0.f, -0.f, nan, 0.f, 0.f); // +0 / -4 is -0, and Σ w = -0 is no denominator
static_assert(without_nan<xsimd::default_arch>() == of_plain && under_mask<xsimd::default_arch>() == of_plain);
static_assert(under_mask_with_weights<xsimd::default_arch>() == of_weighted);
static_assert(gradient_under_mask<xsimd::default_arch>() == of_gradient);
static_assert(with_nan_as_weight<xsimd::default_arch>(nan) == 2.5f);
static_assert(with_signed_zeros<xsimd::default_arch>() == of_zeros);

template <class Arch> void check_special() {
    CHECK(without_nan<Arch>() == of_plain);
    CHECK(under_mask<Arch>() == of_plain);
    CHECK(under_mask_with_weights<Arch>() == of_weighted);
    CHECK(gradient_under_mask<Arch>() == of_gradient);
    CHECK(with_nan_as_weight<Arch>(nan) == 2.5f);
    CHECK(bits(with_nan_as_weight<Arch>(1)) == bits(nan));
    CHECK(with_signed_zeros<Arch>() == of_zeros);
}

} // namespace

TEST_CASE("NaN, zeros, and elements that do not count: a constant, on registers, and by the definition", "[constant]") {
    check_special<xsimd::default_arch>();
    check_special<test::no_registers>();
}

TEMPLATE_TEST_CASE("A constant has the bits of the run-time result, for every shape of up to eight batches of four", "[constant]",
                   float, double) {
    check_all<TestType>(std::make_index_sequence<35>{});
}

TEMPLATE_TEST_CASE("A constant has the bits of the run-time result, around rows and blocks", "[constant]", float, double) {
    check_all<TestType>(std::index_sequence<39, 40, 41, 47, 48, 49, 55, 57, 63, 64, 65, 100, 127, 128, 129, 255, 256, 257, 300, 511,
                                            512, 513, 767, 784, 1000, 1024, 1025, 2050>{});
}

TEST_CASE("65,536 elements are a constant, and have the run-time bits", "[constant]") {
    CHECK(bits(l1_loss<reduction::sum>(up, down)) == bits(ramp_sum));
    CHECK(bits(l1_loss<reduction::sum>(up.data(), down.data(), many)) == bits(ramp_sum));
}
