// Tests how elements of half and bfloat16 convert: as one number, in constant evaluation, and in every register and tail.
//
// The conversions are compared with the definitions of the formats and, for half, with digests of NumPy's.
#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/short_floats.hpp"

using namespace l1loss;
using namespace test;
using test::bits;
using floats = std::vector<float>;
using doubles = std::vector<double>;

namespace {

template <class T> std::vector<T> all_patterns() {
    std::vector<T> all;
    for (unsigned p = 0; p < 0x10000; ++p) all.push_back(from_bits<T>(p));
    return all;
}

/// Numbers near the halfway points of T, and what they are rounded to.
template <class T, class Number> struct halfway_points {
    std::vector<Number> numbers;
    std::vector<unsigned> rounded;

    halfway_points() {
        for (unsigned p = 0; p < infinity<T>; ++p) {
            double const next = p + 1 < infinity<T> ? value_of<T>(p + 1) : std::ldexp(1.0, max_exponent<T> + 1);
            auto const middle = static_cast<Number>((value_of<T>(p) + next) / 2); // exact
            add(middle, p + p % 2);
            add(std::nextafter(middle, Number(0)), p);
            add(std::nextafter(middle, std::numeric_limits<Number>::infinity()), p + 1);
        }
    }
    void add(Number x, unsigned pattern) {
        numbers.push_back(x);
        rounded.push_back(pattern);
    }
};

/// FNV-1a, as in golden/make_half.py.
class digest {
public:
    template <class Bits> void add(Bits x) {
        for (std::size_t k = 0; k < sizeof x; ++k) state_ = (state_ ^ (x >> 8 * k & 0xff)) * 0x100000001B3;
    }
    std::uint64_t value() const { return state_; }

private:
    std::uint64_t state_ = 0xCBF29CE484222325;
};
std::uint64_t golden_digest(std::string const& wanted) {
    std::ifstream file(L1LOSS_GOLDEN_HALF);
    for (std::string name, value; file >> name;)
        if (name == wanted && file >> value) return std::stoull(value, nullptr, 16);
    FAIL("golden/half.txt has no " << wanted);
    return 0;
}

// A sample, since constant evaluation takes time to compile: zeros, subnormal numbers, the extremes, infinities and ties.
constexpr bool is_pair(half x, std::uint16_t pattern, float number) {
    return x.bits == pattern && bits(float(half::from_bits(pattern))) == bits(number);
}
static_assert(is_pair(0, 0, 0) && is_pair(-0.0f, 0x8000, -0.0f) && is_pair(1, 0x3c00, 1) && is_pair(-2.5, 0xc100, -2.5f));
static_assert(is_pair(0x1p-24, 1, 0x1p-24f) && is_pair(0x1.ff8p-15, 0x3ff, 0x1.ff8p-15f) && is_pair(0x1p-14, 0x400, 0x1p-14f));
static_assert(is_pair(65504, 0x7bff, 65504) && is_pair(65519.99, 0x7bff, 65504) && is_pair(0.1, 0x2e66, 0x1.998p-4f));
static_assert(is_pair(65520, 0x7c00, std::numeric_limits<float>::infinity()) && half(-1e300).bits == 0xfc00);
static_assert(half(0x1p-25).bits == 0 && half(0x1.0000000000001p-25).bits == 1 && half(0x1.8p-24).bits == 2);
static_assert(half(2049).bits == 0x6800 && half(2051).bits == 0x6802 && half(5e-324).bits == 0);
static_assert(half(std::numeric_limits<double>::quiet_NaN()).bits == 0x7e00);
static_assert(bfloat16(1).bits == 0x3f80 && bfloat16(257).bits == 0x4380 && bfloat16(259).bits == 0x4382);
static_assert(bfloat16(0x1p-134).bits == 0 && bfloat16(0x1.8p-133).bits == 2 && bfloat16(3.4e38f).bits == 0x7f80);
static_assert(float(bfloat16(-0x1p-133)) == -0x1p-133f && bfloat16(-1e300).bits == 0xff80);
static_assert(std::is_trivial_v<half> && sizeof(half) == 2 && std::is_trivial_v<bfloat16> && sizeof(bfloat16) == 2);

} // namespace

TEMPLATE_TEST_CASE("Every pattern is the number that its format defines", "[float_format]", half, bfloat16) {
    digest all;
    for (unsigned p = 0; p < 0x10000; ++p) {
        double const expected = value_of<TestType>(p);
        float const number = from_bits<TestType>(p);
        TestType const back = number;
        if (std::isnan(expected)) {
            unsigned const quiet = 1u << (digits<TestType> - 1);
            if (!std::isnan(number) || pattern_of(back) != (p | quiet)) FAIL(p << " is a NaN");
        } else if (bits(double(number)) != bits(expected) || pattern_of(back) != p) {
            FAIL(p << " is " << expected << ", not " << number);
        }
        all.add(std::isnan(number) ? 0x7fc00000 : bits(number));
    }
    if (is_half<TestType>) CHECK(all.value() == golden_digest("to_float"));
}

#if L1LOSS_HAS_FLOAT16
TEST_CASE("Half is the compiler's _Float16", "[float_format]") {
    for (unsigned p = 0; p < 0x10000; ++p) {
        float const number = half::from_bits(static_cast<std::uint16_t>(p)), expected = float(from_bits<_Float16>(p));
        if (std::isnan(expected) ? !std::isnan(number) : bits(number) != bits(expected)) FAIL(p);
    }
    for (double const x : halfway_points<half, double>().numbers)
        if (pattern_of(half(x)) != pattern_of(static_cast<_Float16>(x))) FAIL(x);
}
#endif

TEMPLATE_TEST_CASE("Every pattern converts in every register and tail", "[float_format]", half, bfloat16) {
    std::vector<TestType> const all = all_patterns<TestType>(), zeros(all.size(), TestType(0));
    floats const copy = copy_of(all), zeros_in_float(all.size());
    auto const same = [](auto x, float y) { return std::isnan(y) ? std::isnan(x) : bits(x) == bits(decltype(x)(std::abs(y))); };
    for_each_arch([&](auto arch) {
        using Arch = decltype(arch);
        floats out(all.size());
        for (std::size_t const n : {std::size_t{1}, std::size_t{3}, std::size_t{7}, std::size_t{15}, all.size()}) {
            for (std::size_t first = 0; first < all.size(); first += n) {
                std::size_t const count = std::min(n, all.size() - first);
                l1_loss<reduction::none, void, Arch>(all.data() + first, zeros.data(), count, out.data() + first);
            }
            for (std::size_t i = 0; i < out.size(); ++i)
                if (!same(out[i], copy[i])) FAIL(arch.name() << ", n = " << n << ": " << i << " became " << out[i]);
        }
        doubles wide(all.size());
        l1_loss<reduction::none, double, Arch>(all, zeros, wide);
        for (std::size_t i = 0; i < wide.size(); ++i)
            if (!same(wide[i], copy[i])) FAIL(arch.name() << ", in double: " << i << " became " << wide[i]);
        for (std::size_t first = 0; first + 700 <= all.size(); first += 251) {
            auto const sum = l1_loss<reduction::sum, void, Arch>(all.data() + first, zeros.data(), 700);
            if (bits(sum) != bits(l1_loss<reduction::sum>(copy.data() + first, zeros_in_float.data(), 700))) FAIL(first);
        }
    });
}

TEMPLATE_TEST_CASE("A number is rounded to the nearest, ties to even", "[float_format]", half, bfloat16) {
    auto const check = [](auto number, std::string const& name) {
        halfway_points<TestType, decltype(number)> const points;
        digest all;
        for (std::size_t i = 0; i < points.numbers.size(); ++i) {
            auto const x = points.numbers[i];
            auto const rounded = pattern_of(TestType(x));
            if (rounded != points.rounded[i] || pattern_of(TestType(-x)) != (points.rounded[i] | 0x8000)) FAIL(name << " " << x);
            all.add(static_cast<std::uint16_t>(rounded));
        }
        if (is_half<TestType>) CHECK(all.value() == golden_digest(name));
    };
    check(double{}, "from_double");
    check(float{}, "from_float");
    for (double const large : {1e39, 1e300, std::numeric_limits<double>::infinity()})
        CHECK(pattern_of(TestType(-large)) == (infinity<TestType> | 0x8000));
    for (double const small : {0x1p-149, 0x1p-150, 5e-324}) CHECK(pattern_of(TestType(-small)) == 0x8000);
    for (std::uint64_t const payload : {1u, 12345u}) { // the upper bits of these are those of an infinity
        TestType const nan(std::bit_cast<double>(0xfff0000000000000u | payload));
        CHECK(pattern_of(nan) == (infinity<TestType> | 0x8000 | 1u << (digits<TestType> - 1)));
    }
    CHECK(pattern_of(TestType(3)) == pattern_of(TestType(3.0f))); // an integer
}

TEMPLATE_TEST_CASE("Registers and tails are rounded as one number is", "[float_format]", half, bfloat16) {
    auto const check = [](auto number) {
        using A = decltype(number);
        halfway_points<TestType, A> points;
        for (int k = 0; k < 20; ++k) points.add(std::numeric_limits<A>::infinity(), infinity<TestType>);
        std::size_t const size = points.numbers.size();
        std::vector<A> signed_numbers = points.numbers;
        for (std::size_t i = 0; i < size; i += 2) signed_numbers[i] = -signed_numbers[i];
        std::vector<TestType> const zeros(size, TestType(0)), ones(size, TestType(1));
        for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            for (std::size_t const n : {std::size_t{1}, std::size_t{7}, std::size_t{15}, size}) {
                std::vector<TestType> none(size), gradient(size), of_target(size);
                for (std::size_t first = 0; first < size; first += n) {
                    std::size_t const count = std::min(n, size - first);
                    A const *const x = points.numbers.data() + first, *const g = signed_numbers.data() + first;
                    l1_loss<reduction::none, A, Arch>(x, zeros.data(), count, none.data() + first);
                    l1_loss_backward<reduction::none, A, Arch>(ones.data(), zeros.data(), gradient.data() + first, count,
                                                               grad_output(g), grad_target(of_target.data() + first));
                }
                for (std::size_t i = 0; i < size; ++i) {
                    unsigned const expected = points.rounded[i], sign = i % 2 == 0 ? 0x8000 : 0;
                    if (pattern_of(none[i]) != expected) FAIL(arch.name() << ", n = " << n << ": none of " << points.numbers[i]);
                    if (pattern_of(gradient[i]) != (expected | sign) || pattern_of(of_target[i]) != (expected | (sign ^ 0x8000)))
                        FAIL(arch.name() << ", n = " << n << ": gradient of " << signed_numbers[i]);
                }
            }
            std::vector<TestType> of_nan(21); // 16 in registers and 5 in a tail, and only lower bits of the payload are set
            std::vector<A> const nan(21, std::bit_cast<A>(bits(std::numeric_limits<A>::infinity()) + 1));
            l1_loss<reduction::none, A, Arch>(nan.data(), zeros.data(), 21, of_nan.data());
            for (TestType const x : of_nan) CHECK(pattern_of(x) == (infinity<TestType> | 1u << (digits<TestType> - 1)));
        });
    };
    check(float{});
    check(double{});
}
