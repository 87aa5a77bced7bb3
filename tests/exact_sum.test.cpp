// Tests losses of two arguments of integers, whose sum is exact.
//
// Every expected value is computed in std::int64_t.
#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/executors.hpp"
#include "support/fixed_shapes.hpp"
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/integers.hpp"
#include "support/message.hpp"

using namespace l1loss;
using std::int16_t, std::int64_t, std::int8_t, std::size_t, std::uint16_t, std::uint64_t, std::uint8_t;
using namespace test;
using test::bits;

namespace {

template <class X, class Y>
using fixed_none = typename decltype(l1_loss<reduction::none>(std::array<X, 2>{}, std::array<Y, 2>{}))::value_type;
static_assert(std::is_same_v<fixed_none<int8_t, int8_t>, uint8_t> && std::is_same_v<fixed_none<uint8_t, uint8_t>, uint8_t> &&
              std::is_same_v<fixed_none<int8_t, uint8_t>, uint16_t> && std::is_same_v<fixed_none<int16_t, int16_t>, uint16_t> &&
              std::is_same_v<fixed_none<uint8_t, uint16_t>, uint16_t> &&
              std::is_same_v<fixed_none<int16_t, uint16_t>, std::uint32_t>);
template <class... Arguments>
concept has_none = requires(Arguments... arguments) { l1_loss<reduction::none>(arguments...); };

constexpr std::array<int8_t, 4> bytes{-128, 127, 0, -1};
constexpr std::array<int8_t, 4> other_bytes{127, -128, 0, 1};
constexpr std::array<uint16_t, 4> words{65535, 0, 1, 40000};
static_assert(l1_loss<reduction::none>(bytes, other_bytes) == std::array<uint8_t, 4>{255, 255, 0, 2});
static_assert(l1_loss<reduction::none, float>(bytes, other_bytes) == std::array<float, 4>{255, 255, 0, 2});
static_assert(l1_loss<reduction::none>(bytes, words) == std::array<std::uint32_t, 4>{65663, 127, 1, 40001});
static_assert(l1_loss(bytes, other_bytes) == 128 && l1_loss<reduction::mean, double>(bytes, words) == 105792 / 4.0);
static_assert(l1_loss<reduction::sum, uint64_t>(bytes, other_bytes) == 512);
static_assert(std::is_same_v<decltype(l1_loss(bytes, words)), float> &&
              std::is_same_v<decltype(l1_loss<reduction::sum, uint64_t>(words, words)), uint64_t>);
static_assert(l1_loss(bytes, other_bytes, weights(std::array<float, 4>{1, 0, 5, 1})) == 257 / 7.0f);

constexpr size_t longest = 1100, offsets = 41;
/// Fewer calls in a test of logic.
constexpr bool is_tried(size_t n, size_t offset) {
#if L1LOSS_TEST_ONE_ARCH
    return n < 150 || n % offsets == offset;
#else
    return n < 300 || n % 8 == offset % 8;
#endif
}

} // namespace

TEMPLATE_TEST_CASE("Sums and means of integers are exact at every length and offset", "[exact_sum]", int8_t, uint8_t, int16_t,
                   uint16_t) {
    auto const x = random_integers<TestType>(1, longest + offsets), y = random_integers<TestType>(2, longest + offsets);
    for_each_arch([&](auto arch) {
        using Arch = decltype(arch);
        for (size_t offset = 0; offset < offsets; ++offset) {
            TestType const *const p = x.data() + offset, *const q = y.data() + (offset * 7 + 3) % offsets;
            uint64_t sum = 0;
            for (size_t n = 0; n <= longest; sum += difference(p[n], q[n]), ++n) {
                if (!is_tried(n, offset)) continue;
                if (l1_loss<reduction::sum, uint64_t, Arch>(p, q, n) != sum ||
                    bits(l1_loss<reduction::sum, void, Arch>(p, q, n)) != bits(float(sum)) ||
                    bits(l1_loss<reduction::mean, void, Arch>(p, q, n)) != bits(mean_of<float>(sum, n)) ||
                    bits(l1_loss<reduction::mean, double, Arch>(p, q, n)) != bits(mean_of<double>(sum, n)))
                    FAIL(arch.name() << ", n = " << n << ", offset " << offset);
            }
        }
    });
}

TEMPLATE_TEST_CASE("The extremes of integers do not overflow a register", "[exact_sum]", int8_t, uint8_t, int16_t, uint16_t) {
    using limits = std::numeric_limits<TestType>;
    constexpr size_t n = 300001;
    std::vector<TestType> const low(n, limits::min()), high(n, limits::max());
    uint64_t const each = sizeof(TestType) == 1 ? 255 : 65535;
    for_each_arch([&](auto arch) {
        using Arch = decltype(arch);
        CHECK(l1_loss<reduction::sum, uint64_t, Arch>(low, high) == each * n);
        CHECK(l1_loss<reduction::sum, uint64_t, Arch>(high, low) == each * n);
        CHECK(l1_loss<reduction::sum, uint64_t, Arch>(high, high) == 0);
        CHECK(l1_loss<reduction::mean, void, Arch>(low, high) == float(each));
    });
    CHECK(bits(l1_loss(high, low, reduction::sum)) == bits(float(each * n)));
    CHECK(bits(l1_loss<reduction::sum, double>(high, low)) == bits(double(each * n)));
}

namespace {

template <class X, class Y> void check_pair() {
    auto const x = random_integers<X>(3, 400);
    auto const y = random_integers<Y>(4, 400);
    using U = fixed_none<X, Y>;
    for (size_t n = 0; n <= 400; n += n < 140 ? 1 : 13) {
        uint64_t const sum = sum_of(part_of(x, 0, n), part_of(y, 0, n));
        std::vector<U> none(n), reversed(n);
        std::vector<float> in_float(n);
        l1_loss<reduction::none>(x.data(), y.data(), n, none.data());
        l1_loss<reduction::none>(y.data(), x.data(), n, reversed.data());
        l1_loss<reduction::none>(x.data(), y.data(), n, in_float.data());
        bool same = l1_loss<reduction::sum, uint64_t>(x.data(), y.data(), n) == sum;
        same = same && bits(l1_loss(y.data(), x.data(), n)) == bits(mean_of<float>(sum, n)) && none == reversed;
        for (size_t i = 0; i < n; ++i) same = same && none[i] == difference(x[i], y[i]) && in_float[i] == float(none[i]);
        if (!same) FAIL("n = " << n);
    }
}

} // namespace

TEST_CASE("Integers of one type or of two have exact terms", "[exact_sum]") {
    check_pair<int8_t, int8_t>();
    check_pair<uint8_t, int8_t>();
    check_pair<int8_t, uint16_t>();
    check_pair<uint16_t, int16_t>();
    check_pair<int16_t, uint8_t>();
    check_pair<uint8_t, uint16_t>();
    check_pair<int16_t, int8_t>();
    std::array<uint8_t, 3> over{1, 200, 7};
    l1_loss<reduction::none>(over, std::array<uint8_t, 3>{255, 0, 7}, over);
    CHECK(over == std::array<uint8_t, 3>{254, 200, 0});
}

TEST_CASE("A mask, a count and a reduction at run time leave integers exact", "[exact_sum]") {
    auto const check = [](auto const& x, auto const& y) {
        std::vector<unsigned char> mask;
        for (size_t i = 0; i < x.size(); ++i) mask.push_back(static_cast<unsigned char>(split_mix(5, i) % 3));
        for (size_t n = 0; n <= x.size(); ++n) {
            uint64_t sum = 0;
            size_t expected = 0, count = 99, other = 99, third = 99;
            for (size_t i = 0; i < n; ++i)
                if (mask[i] != 0) sum += difference(x[i], y[i]), ++expected;
            auto const* const p = x.data();
            auto const* const q = y.data();
            bool same = bits(l1_loss(p, q, n, where(mask.data()), l1loss::count(count))) == bits(mean_of<float>(sum, expected));
            same = same && l1_loss<reduction::sum, uint64_t>(p, q, n, where(mask.data()), l1loss::count(other)) == sum;
            same = same &&
                   bits(l1_loss(p, q, n, where(mask.data()), skip_nan, reduction::mean)) == bits(mean_of<float>(sum, expected));
            (void)l1_loss(p, q, n, l1loss::count(third));
            if (!same || count != expected || other != expected || third != n) FAIL("n = " << n);
        }
        std::vector<float> none(x.size());
        l1_loss<reduction::none>(x, y, none, where(mask));
        for (size_t i = 0; i < x.size(); ++i) CHECK(none[i] == (mask[i] != 0 ? float(difference(x[i], y[i])) : 0));
    };
    check(random_integers<uint8_t>(6, 290), random_integers<uint8_t>(7, 290));
    check(random_integers<int16_t>(8, 290), random_integers<int8_t>(9, 290));
}

TEST_CASE("With weights, integers are summed in the order of floats", "[exact_sum]") {
    auto const x = random_integers<int8_t>(10, 700), y = random_integers<int8_t>(11, 700);
    std::vector<float> const a(x.begin(), x.end()), b(y.begin(), y.end()), w = make_pair<float>(distribution::uniform, 700).first;
    std::vector<uint8_t> const integer_weights = random_integers<uint8_t>(12, 700);
    std::vector<float> const v(integer_weights.begin(), integer_weights.end());
    for (size_t n = 0; n <= 700; n += n < 70 ? 1 : 35) {
        auto const weighted = l1_loss(x.data(), y.data(), n, weights(w.data()));
        if (bits(weighted) != bits(l1_loss(a.data(), b.data(), n, weights(w.data())))) FAIL("n = " << n);
        auto const sum = l1_loss<reduction::sum>(x.data(), y.data(), n, weights(integer_weights.data()));
        if (bits(sum) != bits(l1_loss<reduction::sum>(a.data(), b.data(), n, weights(v.data())))) FAIL("n = " << n);
    }
}

TEST_CASE("With weights, the terms of integers are floats", "[exact_sum]") {
    std::vector<int8_t> const x{1, 3, -128}, y{0, 0, 127};
    std::vector<float> const w{2.5f, -1.5f, 2}, expected{2.5f, -4.5f, 510};
    std::vector<float> none(3);
    l1_loss<reduction::none>(x, y, none, weights(w));
    CHECK(none == expected);
    constexpr auto fixed = l1_loss<reduction::none>(bytes, other_bytes, weights(std::array<float, 4>{2.5f, -1.5f, 2, 0.25f}));
    static_assert(std::is_same_v<decltype(fixed), std::array<float, 4> const>);
    CHECK(std::vector<float>(fixed.begin(), fixed.end()) == std::vector<float>{637.5f, -382.5f, 0, 0.5f});
    static_assert(has_none<std::vector<int8_t>, std::vector<int8_t>, std::vector<uint8_t>>);
    static_assert(!has_none<std::vector<int8_t>, std::vector<int8_t>, std::vector<uint8_t>, decltype(weights(w))>);
}

TEST_CASE("Fixed shapes of integers have exact sums", "[exact_sum]") {
    auto const check = [](auto const& x, auto const& y) {
        for_each_fixed_shape(x.data(), y.data(), [&](auto const& input, auto const& target, size_t n) {
            if (l1_loss<reduction::sum, uint64_t>(input, target) != sum_of(part_of(x, 0, n), part_of(y, 0, n))) FAIL("n = " << n);
        });
    };
    check(random_integers<uint8_t>(25, longest_fixed), random_integers<uint8_t>(26, longest_fixed));
    check(random_integers<int16_t>(27, longest_fixed), random_integers<int16_t>(28, longest_fixed));
    check(random_integers<int8_t>(29, longest_fixed), random_integers<uint16_t>(30, longest_fixed));
}

TEST_CASE("A sum that may not fit 64 bits is refused before it begins", "[exact_sum]") {
    uint16_t const high = 65535, low = 0;
    uint64_t const most = ~uint64_t{0} / 65535;
    auto const repeated = [&](uint16_t const& x, uint64_t n) { return strided(&x, {{n, 0}}); };
    std::string const tail = " elements, expected at most 281479271743489, whose sum fits 64 bits";
    for (uint64_t const n : {most + 1, uint64_t{1} << 49}) {
        auto const x = repeated(high, n), y = repeated(low, n);
        std::string const message = "l1loss: input has " + std::to_string(n) + tail;
        l1_accumulator<uint64_t> all;
        uint64_t out[1]{};
        CHECK(test::message([&] { (void)l1_loss<reduction::sum, uint64_t>(x, y); }) == message);
        CHECK(test::message([&] { (void)l1_loss(x, y); }) == message);
        CHECK(test::message([&] { (void)l1_loss(executor(shuffled{0}), x, y); }) == message);
        CHECK(test::message([&] { (void)l1_exceeds(x, y, 1); }) == message);
        CHECK(test::message([&] { all.update(x, y); }) == message);
        CHECK(all.count() == 0);
        auto const one_row = [&](uint16_t const& v) { return strided(&v, {{1, 0}, {n, 0}}); };
        CHECK(test::message([&] { l1_loss_rows<reduction::sum, uint64_t>(one_row(high), one_row(low), out); }) == message);
    }
    l1_accumulator<uint64_t> all;
    all.update(&high, &low, 1);
    for (int k = 0; k < 48; ++k) all.merge(all);
    CHECK(all.sum() == uint64_t{65535} << 48);
    CHECK(test::message([&] { all.merge(all); }) ==
          "l1loss: the sums of 281474976710656 and of 281474976710656 elements do not fit 64 bits together");
    CHECK(all.sum() == uint64_t{65535} << 48);
}

TEST_CASE("Sizes of integers that differ, and outputs that overlap in part, are errors", "[exact_sum]") {
    std::vector<int8_t> x(5), y(6);
    CHECK(test::message([&] { (void)l1_loss(x, y); }) == "l1loss: input has 5 elements, target has 6");
    auto* const same_memory = reinterpret_cast<uint8_t*>(x.data());
    CHECK(test::message([&] { l1_loss<reduction::none>(x.data(), y.data(), 5, same_memory); }) ==
          "l1loss: output overlaps input in part, expected the same memory and type, or none of it");
}

TEMPLATE_TEST_CASE("Integers are touched within bounds", "[exact_sum]", int8_t, uint8_t, int16_t, uint16_t) {
    using U = std::make_unsigned_t<TestType>;
    guarded<TestType> const input(200), target(200);
    guarded<U> const output(200);
    guarded<unsigned char> const mask(200);
    auto const check = [](TestType* x, TestType* y, U* out, unsigned char* m, size_t n) {
        std::fill_n(x, n, TestType(120));
        std::fill_n(y, n, TestType(20));
        std::fill_n(m, n, static_cast<unsigned char>(1));
        for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            bool same = l1_loss<reduction::sum, uint64_t, Arch>(x, y, n) == 100 * n;
            same = same && l1_loss<reduction::sum, void, Arch>(x, y, n, where(m)) == 100 * float(n);
            std::fill_n(out, n, U(0));
            l1_loss<reduction::none, void, Arch>(x, y, n, out);
            same = same && std::all_of(out, out + n, [](U t) { return t == 100; });
            same = same && l1_loss<reduction::sum, uint64_t, Arch>(x, out, n) == 20 * n; // of two types, if one is signed
            same = same && l1_loss<reduction::sum, uint64_t, Arch>(m, x, n, where(m)) == 119 * n;
            std::vector<uint64_t> sums(n);
            l1_loss_columns<reduction::sum, uint64_t, Arch>(std::span(x, n), std::span(y, n), n == 0 ? 0 : 1, sums);
            same = same && sums == std::vector<uint64_t>(n, 100);
            l1_accumulator<uint64_t> all;
            all.template update<Arch>(x, y, n);
            all.template update<Arch>(x, y, n, where(m));
            same = same && all.sum() == 200 * n && all.count() == 2 * n;
            if (!same) FAIL(arch.name() << ", n = " << n);
        });
    };
    for (size_t n = 0; n <= 200; ++n) {
        check(input.at_end(n), target.at_end(n), output.at_end(n), mask.at_end(n), n);
        check(input.at_begin(), target.at_begin(), output.at_begin(), mask.at_begin(), n);
    }
}

TEST_CASE("More than 2^32 integers are summed", "[exact_sum_long]") {
    constexpr size_t period = size_t{1} << 20, times = (size_t{1} << 32) / period, n = times * period + 5;
    int const file = memfd_create("l1loss", 0); // one MiB of memory, mapped 4097 times
    REQUIRE(file >= 0);
    REQUIRE(ftruncate(file, period) == 0);
    void* const memory = mmap(nullptr, (times + 1) * period, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    auto* const x = static_cast<uint8_t*>(memory);
    for (size_t k = 0; k <= times; ++k)
        REQUIRE(mmap(x + k * period, period, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED);
    auto const values = random_integers<uint8_t>(24, period);
    std::copy(values.begin(), values.end(), x);
    uint64_t each = 0, rest = 0;
    for (size_t i = 0; i < period; ++i) each += difference(x[i], x[i + 1]);
    for (size_t i = 0; i < 5; ++i) rest += difference(x[i], x[i + 1]);
    uint64_t const sum = times * each + rest;
    CHECK(l1_loss<reduction::sum, uint64_t>(x, x + 1, n) == sum);
    CHECK(bits(l1_loss(x, x + 1, n)) == bits(mean_of<float>(sum, n)));
    munmap(memory, (times + 1) * period);
    close(file);
}
