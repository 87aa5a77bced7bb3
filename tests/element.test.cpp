// Tests losses and gradients of elements of half and bfloat16, and of arguments with two types of elements.
//
// They are compared with those of a copy in float, or in double, which the test makes by itself.
#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/fixed_shapes.hpp"
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/integers.hpp"
#include "support/short_floats.hpp"

using namespace l1loss;
using namespace test;
using test::bits;
using floats = std::vector<float>;
using doubles = std::vector<double>;

namespace {

using half_array = std::array<half, 3>;
constexpr half_array halves{1, 2, 4}, other_halves{3, 2, -0.5f};
static_assert(l1_loss<reduction::sum>(halves, other_halves) == 6.5f && l1_loss(halves, std::array<float, 3>{}) == 7 / 3.0f);
static_assert(l1_loss<reduction::none>(halves, other_halves) == std::array<float, 3>{2, 0, 4.5f});
static_assert(std::is_same_v<decltype(l1_loss(halves, halves)), float> &&
              std::is_same_v<decltype(l1_loss<reduction::mean, double>(halves, halves)), double> &&
              std::is_same_v<decltype(l1_loss(halves, std::array<double, 3>{})), double>);
constexpr half_array half_gradient = [] {
    half_array g{};
    l1_loss_backward(halves, other_halves, g);
    return g;
}();
static_assert(half_gradient[0].bits == 0xb555 && half_gradient[1].bits == 0 && half_gradient[2].bits == 0x3555); // -1/3, 0, 1/3

} // namespace

TEMPLATE_TEST_CASE("Losses have the bits of a copy in float", "[element]", half, bfloat16) {
    auto const x = random_numbers<TestType>(1, 1200), y = random_numbers<TestType>(2, 1200);
    floats const a = copy_of(x), b = copy_of(y);
    for_each_arch([&](auto arch) {
        using Arch = decltype(arch);
        for (std::size_t n = 0; n <= 1100; ++n)
            for (std::size_t at = n % 41; at <= 40; at += n < 130 ? 1 : 41) {
                TestType const *const p = x.data() + at, *const q = y.data() + 40 - at;
                float const *const u = a.data() + at, *const v = b.data() + 40 - at;
                if (bits(l1_loss<reduction::mean, void, Arch>(p, q, n)) != bits(l1_loss(u, v, n)) ||
                    bits(l1_loss<reduction::sum, void, Arch>(p, q, n)) != bits(l1_loss<reduction::sum>(u, v, n)) ||
                    bits(l1_loss<reduction::mean, double, Arch>(p, q, n)) != bits(l1_loss<reduction::mean, double>(u, v, n)))
                    FAIL(arch.name() << ", n = " << n << ", at " << at);
            }
    });
}

namespace {

/// Compares losses of elements of two types with those of their copies.
template <class X, class Y, class A>
void check_mixed(std::vector<X> const& x, std::vector<A> const& a, std::vector<Y> const& y, std::vector<A> const& b) {
    for (std::size_t n = 0; n <= x.size(); n += n < 140 ? 1 : 61) {
        auto const loss = l1_loss(x.data(), y.data(), n);
        static_assert(std::is_same_v<decltype(loss), A const>);
        std::vector<A> none(n);
        l1_loss<reduction::none>(y.data(), x.data(), n, none.data());
        bool same = bits(loss) == bits(l1_loss(a.data(), b.data(), n));
        for (std::size_t i = 0; i < n; ++i) same = same && none[i] == std::abs(a[i] - b[i]);
        if (!same) FAIL("n = " << n);
    }
}
template <class A, class T> std::vector<A> converted(std::vector<T> const& all) { return {all.begin(), all.end()}; }

} // namespace

TEST_CASE("Two types of elements are converted to the accumulator", "[element]") {
    constexpr std::size_t n = 1100;
    auto const halves_of = random_numbers<half>(7, n);
    auto const brains = random_numbers<bfloat16>(8, n);
    floats const half_copy = copy_of(halves_of), brain_copy = copy_of(brains), f = make_pair<float>(distribution::wide, n).first;
    doubles const d = make_pair<double>(distribution::wide, n).first;
    auto const bytes = random_integers<std::int8_t>(9, n);
    auto const words = random_integers<std::uint16_t>(10, n);
    check_mixed(halves_of, half_copy, f, f);
    check_mixed(halves_of, half_copy, brains, brain_copy);
    check_mixed(brains, converted<double>(brain_copy), d, d);
    check_mixed(bytes, converted<float>(bytes), f, f);
    check_mixed(words, converted<float>(words), brains, brain_copy);
    check_mixed(random_integers<std::int16_t>(11, n), converted<double>(random_integers<std::int16_t>(11, n)), d, d);
    check_mixed(random_integers<std::uint8_t>(12, n), converted<float>(random_integers<std::uint8_t>(12, n)), halves_of, half_copy);
}

TEST_CASE("Fixed shapes have the bits of run-time lengths", "[element]") {
    auto const halves_of = random_numbers<half>(15, longest_fixed);
    auto const brains = random_numbers<bfloat16>(16, longest_fixed);
    auto const integers = random_integers<std::int8_t>(17, longest_fixed);
    floats const a = copy_of(halves_of), b = copy_of(brains), c(integers.begin(), integers.end());
    auto const compare_with = [](floats const& x, floats const& y) {
        return [&](auto const& input, auto const& target, std::size_t n) {
            if (bits(l1_loss(input, target)) != bits(l1_loss(x.data(), y.data(), n))) FAIL("n = " << n);
        };
    };
    for_each_fixed_shape(halves_of.data(), brains.data(), compare_with(a, b));
    for_each_fixed_shape(integers.data(), a.data(), compare_with(c, a));
}

TEMPLATE_TEST_CASE("Elements of two bytes are touched within bounds", "[element]", half, bfloat16) {
    guarded<TestType> const input(200), target(200), output(200), gradient(200);
    auto const check = [](TestType* x, TestType* y, TestType* out, TestType* g, std::size_t n) {
        std::fill_n(x, n, TestType(1.5f));
        std::fill_n(y, n, TestType(1));
        for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            bool same = l1_loss<reduction::sum, void, Arch>(x, y, n) == 0.5f * float(n);
            same = same && l1_loss<reduction::sum, double, Arch>(x, y, n) == 0.5 * double(n);
            l1_loss<reduction::none, void, Arch>(x, y, n, out);
            l1_loss_backward<reduction::sum, void, Arch>(x, y, g, n);
            for (std::size_t i = 0; i < n; ++i) same = same && float(out[i]) == 0.5f && float(g[i]) == 1;
            if (!same) FAIL(arch.name() << ", n = " << n);
        });
    };
    for (std::size_t n = 0; n <= 200; ++n) {
        check(input.at_end(n), target.at_end(n), output.at_end(n), gradient.at_end(n), n);
        check(input.at_begin(), target.at_begin(), output.at_begin(), gradient.at_begin(), n);
    }
}

TEMPLATE_TEST_CASE("Losses and gradients of each element are those of PyTorch", "[element]", half, bfloat16) {
    std::ifstream file(L1LOSS_GOLDEN_TORCH_SHORT);
    std::map<std::string, std::vector<TestType>> of;
    for (std::string line, type, key; std::getline(file, line);) {
        std::istringstream words(line);
        words >> type >> key >> std::hex;
        if (type != (is_half<TestType> ? "half" : "bfloat16")) continue;
        for (unsigned pattern; words >> pattern;) of[key].push_back(from_bits<TestType>(pattern));
    }
    REQUIRE(of["input"].size() == 256);
    std::vector<TestType> none(256), gradient(256);
    l1_loss<reduction::none>(of["input"], of["target"], none);
    l1_loss_backward<reduction::sum>(of["input"], of["target"], gradient);
    for (std::size_t i = 0; i < 256; ++i) {
        float const expected = of["none"].at(i);
        bool same = std::isnan(expected) ? std::isnan(float(none[i])) : pattern_of(none[i]) == pattern_of(of["none"][i]);
        same = same && float(gradient[i]) == float(of["gradient"].at(i)); // but for the sign of a zero
        if (!same) FAIL("element " << i);
    }
}
