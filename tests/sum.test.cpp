// Tests the summation order.
//
// The definition is compared with golden bits from an independent implementation, and every architecture of xsimd with the
// definition.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <l1loss/loss.hpp>
#include <l1loss/tensor.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/definition.hpp"
#include "support/inputs.hpp"

using l1loss::l1_loss;
using l1loss::reduction;
using test::bits;
using test::distribution;

namespace {

using test::by_definition;

template <reduction R = reduction::mean, class Arch = xsimd::default_arch, class T>
[[gnu::noinline]] T by_l1_loss(T const* x, T const* y, std::size_t n) {
    return l1_loss<R, void, Arch>(x, y, n);
}

struct golden_row {
    std::string type, distribution;
    std::size_t n = 0;
    std::uint64_t sum = 0, mean = 0;
};

std::vector<golden_row> golden_rows() {
    std::ifstream file(L1LOSS_GOLDEN_SUM);
    std::vector<golden_row> rows;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        golden_row row;
        std::istringstream(line) >> row.type >> row.distribution >> row.n >> std::hex >> row.sum >> row.mean;
        rows.push_back(row);
    }
    return rows;
}

/// Calls f(row, x, y) for the golden rows of T. x and y are made once per distribution, at the greatest length.
template <class T, class F> void for_each_golden(F f) {
    auto const rows = golden_rows();
    REQUIRE(rows.size() > 700);
    for (distribution d : test::distributions) {
        auto const [x, y] = test::make_pair<T>(d, (std::size_t{1} << 20) + 1);
        for (auto const& row : rows)
            if (row.distribution == name_of(d) && row.type == (sizeof(T) == 4 ? "float32" : "float64")) f(row, x.data(), y.data());
    }
}

/// Every length up to twice a block of floats, then lengths around every boundary of the order.
std::vector<std::size_t> lengths() {
    std::vector<std::size_t> all;
    for (std::size_t n = 0; n <= 1100; ++n) all.push_back(n);
    for (std::size_t k = 11; k <= 20; ++k)
        for (std::size_t n = (std::size_t{1} << k) - 2; n <= (std::size_t{1} << k) + 2; ++n) all.push_back(n);
    for (std::size_t blocks = 3; blocks <= 40; ++blocks)
        for (std::size_t rest : {0u, 1u, 63u, 64u, 65u, 200u, 511u}) all.push_back(blocks * 512 + rest);
    return all;
}

/// Calls f(Arch{}) for every architecture. One is enough for a test of logic, and under -ffast-math those that differ in code.
template <class F> void for_each_arch(F f) {
#if L1LOSS_TEST_ONE_ARCH || defined(__FAST_MATH__)
    test::for_each_arch(f);
#else
    test::for_each_arch_of_xsimd(f);
#endif
}

/// Compares R of n elements on every architecture with the definition. The message names the length and the architecture that
/// differ.
template <reduction R, class T> void compare(T const* x, T const* y, std::size_t n, std::string const& what) {
    T const expected = by_definition<R>(x, y, n);
    for_each_arch([&](auto arch) {
        T const actual = by_l1_loss<R, decltype(arch)>(x, y, n);
        if (bits(actual) != bits(expected))
            FAIL(what << ", n = " << n << ", " << arch.name() << ": " << actual << ", by definition " << expected);
    });
    T const actual = by_l1_loss<R>(x, y, n);
    if (bits(actual) != bits(expected)) FAIL(what << ", n = " << n << ", l1_loss: " << actual << ", by definition " << expected);
}

} // namespace

TEMPLATE_TEST_CASE("The definition gives the golden bits", "[sum]", float, double) {
    std::size_t compared = 0;
    for_each_golden<TestType>([&](golden_row const& row, TestType const* x, TestType const* y) {
        INFO(row.distribution << ", n = " << row.n);
        CHECK(bits(by_definition<reduction::sum>(x, y, row.n)) == row.sum);
        CHECK(bits(by_definition<reduction::mean>(x, y, row.n)) == row.mean);
        ++compared;
    });
    CHECK(compared > 350);
}

TEMPLATE_TEST_CASE("l1_loss and every architecture give the golden bits", "[sum]", float, double) {
    for_each_golden<TestType>([&](golden_row const& row, TestType const* x, TestType const* y) {
        INFO(row.distribution << ", n = " << row.n);
        CHECK(bits(by_l1_loss<reduction::sum>(x, y, row.n)) == row.sum);
        CHECK(bits(by_l1_loss(x, y, row.n)) == row.mean);
        for_each_arch([&](auto arch) {
            INFO(arch.name());
            CHECK(bits(by_l1_loss<reduction::sum, decltype(arch)>(x, y, row.n)) == row.sum);
        });
    });
}

TEMPLATE_TEST_CASE("Every architecture gives the bits of the definition at every length", "[sum]", float, double) {
    auto const all = lengths();
    for (distribution d : test::distributions) {
        auto const [x, y] = test::make_pair<TestType>(d, *std::max_element(all.begin(), all.end()));
        for (std::size_t n : all) {
            compare<reduction::mean>(x.data(), y.data(), n, std::string(name_of(d)));
            if (n <= 1100) compare<reduction::sum>(x.data(), y.data(), n, std::string(name_of(d)));
        }
    }
}

TEMPLATE_TEST_CASE("The bits do not depend on where in a cache line the data begin", "[sum]", float, double) {
    std::size_t const line = 64 / sizeof(TestType);
    auto const [x, y] = test::make_pair<TestType>(distribution::wide, 8192);
    std::vector<TestType> a(x.size() + 2 * line), b(y.size() + 2 * line);
    auto const aligned = [](std::vector<TestType>& v) {
        std::size_t const misplaced = reinterpret_cast<std::uintptr_t>(v.data()) % 64 / sizeof(TestType);
        return v.data() + (64 / sizeof(TestType) - misplaced);
    };
    for (std::size_t offset = 0; offset < line; ++offset) {
        std::size_t const other = (offset * 5 + 3) % line; // input and target are misaligned differently
        TestType* const input = aligned(a) + offset;
        TestType* const target = aligned(b) + other;
        std::copy(x.begin(), x.end(), input);
        std::copy(y.begin(), y.end(), target);
        for (std::size_t n = 0; n <= 1100; ++n) compare<reduction::mean>(input, target, n, "offset " + std::to_string(offset));
        for (std::size_t n : {1500u, 2048u, 4096u, 5000u, 8192u})
            compare<reduction::mean>(input, target, n, "offset " + std::to_string(offset));
    }
}

TEMPLATE_TEST_CASE("Means of fixed shapes side by side are divided one by one", "[sum]", float, double) {
    // -ffast-math would share one reciprocal among these means.
    constexpr std::size_t many = 4, N = 3;
    l1loss::tensor<TestType, N> x[many]{}, y[many]{};
    for (std::size_t repeat = 0; repeat < 1000; ++repeat) {
        for (std::size_t k = 0; k < many; ++k)
            for (std::size_t i = 0; i < N; ++i) {
                x[k].elements[i] = test::element<TestType>(distribution::uniform, 0, (repeat * many + k) * N + i);
                y[k].elements[i] = test::element<TestType>(distribution::uniform, 1, (repeat * many + k) * N + i);
            }
        TestType mean[many];
        mean[0] = l1_loss(x[0], y[0]);
        mean[1] = l1_loss(x[1], y[1]);
        mean[2] = l1_loss(x[2], y[2]);
        mean[3] = l1_loss(x[3], y[3]);
        for (std::size_t k = 0; k < many; ++k)
            if (bits(mean[k]) != bits(by_definition<reduction::mean>(x[k].data(), y[k].data(), N)))
                FAIL("repeat " << repeat << ", " << k);
    }
}

TEST_CASE("A number of elements that is no float divides in double", "[sum]") {
    constexpr std::size_t n = (std::size_t{1} << 24) + 1;
    CHECK(l1loss::detail::quotient(0x1p24f, n) == 0x1.fffffep-1f); // 2^24 / (2^24 + 1) = 1 - 2^-24 + …
    CHECK(l1loss::detail::quotient(0x1p24f, n - 1) == 1);
    CHECK(l1loss::detail::quotient(0x1p24, n) == 0x1p24 / 16777217);
}

#ifndef __FAST_MATH__ // it promises finite, normal input only

TEMPLATE_TEST_CASE("NaN, infinities, zeros, subnormals and overflow give the bits of the definition", "[sum]", float, double) {
    using limits = std::numeric_limits<TestType>;
    TestType const inf = limits::infinity(), nan = limits::quiet_NaN(), tiny = limits::denorm_min(), huge = limits::max();
    TestType const signalling = limits::signaling_NaN();
    struct {
        char const* name;
        std::vector<TestType> values;
    } const cases[] = {
        {"quiet NaN", {1, nan, 2}},
        {"negative NaN", {1, -nan, 2}},
        {"signalling NaN", {1, signalling, 2}},
        {"infinity", {1, inf, 2}},
        {"minus infinity", {-inf, 1}},
        {"inf - inf and NaN", {inf, -inf, nan}},
        {"zeros", {TestType(0), -TestType(0)}},
        {"subnormals", {tiny, -3 * tiny, 1000 * tiny, limits::min(), -limits::min()}},
        {"near overflow", {huge, huge / 2, -huge / 4}},
        {"opposite huge", {huge, -huge}},
    };
    for (auto const& c : cases)
        for (int sparse : {1, 97}) // special values everywhere, or at every 97th element
            for (std::size_t n = 0; n <= 1100; n += (n < 140 ? 1 : 7)) {
                auto [x, y] = test::make_pair<TestType>(distribution::wide, n);
                for (std::size_t i = n % 5; i < n; i += std::size_t(sparse)) {
                    x[i] = c.values[i % c.values.size()];
                    if (i % 3 == 0) y[i] = c.values[(i + 1) % c.values.size()];
                }
                compare<reduction::sum>(x.data(), y.data(), n, c.name);
                compare<reduction::mean>(x.data(), y.data(), n, c.name);
            }
}

TEMPLATE_TEST_CASE("Special values have the IEEE result, whichever way they are summed", "[sum]", float, double) {
    using limits = std::numeric_limits<TestType>;
    for (std::size_t n : {1u, 2u, 3u, 4u, 7u, 8u, 15u, 16u, 17u, 31u, 33u, 64u, 65u, 100u, 511u, 512u, 513u, 1000u, 1025u, 5000u})
        for (std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
            INFO("n = " << n << ", at " << at);
            std::vector<TestType> x(n, TestType(1)), y(n, TestType(0));
            auto const both = [&](auto r) { // compares the definition with l1_loss
                constexpr reduction R = decltype(r)::value;
                TestType const a = by_definition<R>(x.data(), y.data(), n), b = l1_loss<R>(x, y);
                CHECK(bits(a) == bits(b));
                return b;
            };
            std::integral_constant<reduction, reduction::sum> sum;
            std::integral_constant<reduction, reduction::mean> mean;
            for (TestType nan : {limits::quiet_NaN(), -limits::quiet_NaN(), limits::signaling_NaN()}) {
                x[at] = nan;
                CHECK(bits(both(sum)) == bits(limits::quiet_NaN()));
                CHECK(bits(both(mean)) == bits(limits::quiet_NaN()));
            }
            x[at] = -limits::infinity();
            CHECK(both(sum) == limits::infinity());
            CHECK(both(mean) == limits::infinity());
            y[at] = -limits::infinity(); // inf - inf
            CHECK(bits(both(sum)) == bits(limits::quiet_NaN()));
            x[at] = limits::max();
            y[at] = -limits::max(); // overflows
            CHECK(both(sum) == limits::infinity());
        }
}

#endif

TEMPLATE_TEST_CASE("Pairs with NaN are left out, even where the compiler knows no NaN", "[sum]", float, double) {
    using integer = test::bits_of<TestType>;
    constexpr auto infinity = static_cast<integer>(sizeof(TestType) == 4 ? 0x7f800000 : 0x7ff0000000000000);
    auto [x, y] = test::make_pair<TestType>(test::distribution::wide, 700);
    auto finite_x = x, finite_y = y; // +0 in place of what is left out
    for (std::size_t i = 0; i < x.size(); ++i) {
        auto const random = test::split_mix(8, i);
        if (random % 4 != 0) continue;
        auto const payload = static_cast<integer>(random >> 45) + 1;
        integer const nan = infinity + payload; // kept as bits: as a number, the NaN might be lost
        auto const sign = static_cast<integer>(random % 8 != 0) << (8 * sizeof(integer) - 1);
        integer const pattern = nan | sign;
        std::memcpy(&(random % 3 != 0 ? x : y)[i], &pattern, sizeof pattern);
        finite_x[i] = finite_y[i] = 0;
    }
    for (std::size_t n = 0; n <= x.size(); ++n)
        CHECK(bits(l1_loss<reduction::sum>(x.data(), y.data(), n, l1loss::skip_nan)) ==
              bits(by_l1_loss<reduction::sum>(finite_x.data(), finite_y.data(), n)));
}
