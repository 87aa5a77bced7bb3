// Tests that constant evaluation gives the bits of run time.
//
// The shapes are short ones, shapes around stripes and blocks, and 65,536 elements, which stay within the default limits of the
// compiler.
#include <cstdint>
#include <vector>

#include <l1loss/constant.hpp>
#include <l1loss/l1loss.hpp>

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

} // namespace

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
