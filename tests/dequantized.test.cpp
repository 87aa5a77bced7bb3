// Tests quantised arguments: every result has the bits of that of a dequantised copy, which the test makes by itself.
#include <algorithm>
#include <array>
#include <limits>
#include <span>
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

using namespace l1loss;
using std::int16_t, std::int8_t, std::size_t, std::uint16_t, std::uint8_t;
using test::bits, test::dequantized_copy, test::random_integers;
using floats = std::vector<float>;

namespace {

constexpr std::array<uint8_t, 4> codes{0, 255, 128, 130};
constexpr std::array<float, 4> reference{-64, 64, 0, 0.5f};
static_assert(l1_loss<reduction::sum>(dequantized(codes, 0.5f, 128), reference) == 1);
static_assert(l1_loss(reference, dequantized(codes, 0.5, 128)) == 0.25f);
static_assert(l1_loss<reduction::none>(dequantized(codes, 0.5f, uint8_t{128}), reference) ==
              std::array<float, 4>{0, 0.5f, 0, 0.5f});
static_assert(l1_loss<reduction::sum>(dequantized(codes, 2), std::array<double, 4>{}) == 1026); // no zero point
static_assert(std::is_same_v<decltype(l1_loss(dequantized(codes, 0.5), reference)), float>);
static_assert(l1_loss<reduction::sum>(dequantized(tensor<int8_t, 2, 2>{-128, 127, 0, 1}, 1.0f, -128), tensor<float, 2, 2>{}) ==
              512);
constexpr auto row_losses = [] {
    std::array<float, 2> const scales{0.5f, 2};
    std::array<uint8_t, 2> const zero_points{0, 128};
    std::array<float, 2> out{};
    l1_loss_rows<reduction::sum>(dequantized(codes, scales, zero_points), reference, 2, out);
    return out;
}();
static_assert(row_losses[0] == 64 + 63.5f && row_losses[1] == 3.5f);
constexpr auto gradient = [] {
    std::array<float, 4> out{};
    l1_loss_backward(dequantized(codes, 0.5f, 128), reference, out);
    return out;
}();
static_assert(gradient == std::array<float, 4>{0, -0.25f, 0, 0.25f});

} // namespace

TEMPLATE_TEST_CASE("Every length and zero point has the bits of a copy", "[dequantized]", int8_t, uint8_t, int16_t, uint16_t) {
    constexpr int low = std::numeric_limits<TestType>::min(), high = std::numeric_limits<TestType>::max();
    auto const q = random_integers<TestType>(1, 1200);
    floats const y = test::make_pair<float>(test::distribution::wide, 1200).first;
    std::vector<double> const wide_y(y.begin(), y.end());
    struct {
        double scale;
        int zero_point;
    } const cases[] = {{0.02, (low + high + 1) / 2}, {1.0 / 3, low}, {-1e-3, high}, {0x1p-10, 3}};
    for (auto const& c : cases) {
        floats const copy = dequantized_copy<float>(q, c.scale, c.zero_point);
        auto const wide_copy = dequantized_copy<double>(q, c.scale, c.zero_point);
        test::for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            for (size_t n = 0; n <= 1100; n += n < 140 ? 1 : 7) {
                size_t const at = n * 5 % 41, other = n * 3 % 37;
                auto const x = dequantized(q.data() + at, c.scale, c.zero_point);
                float const *const u = copy.data() + at, *const v = y.data() + other;
                double const *const wide_u = wide_copy.data() + at, *const wide_v = wide_y.data() + other;
                if (bits(l1_loss<reduction::mean, void, Arch>(x, v, n)) != bits(l1_loss(u, v, n)) ||
                    bits(l1_loss<reduction::mean, double, Arch>(wide_v, x, n)) != bits(l1_loss(wide_u, wide_v, n)))
                    FAIL(arch.name() << ", n = " << n << ", zero point " << c.zero_point);
            }
        });
    }
}

TEST_CASE("Against other types of elements", "[dequantized]") {
    auto const q = random_integers<uint8_t>(2, 300);
    auto const r = random_integers<int16_t>(3, 300);
    floats const x = dequantized_copy<float>(q, 0.02f, 128), y = dequantized_copy<float>(r, 1e-3f, -5), raw(r.begin(), r.end());
    std::vector<l1loss::bfloat16_t> halves(r.begin(), r.end());
    floats const half_copy(halves.begin(), halves.end());
    std::vector<double> const wide(r.begin(), r.end()), wide_x = dequantized_copy<double>(q, 0.02f, 128);
    for (size_t n = 0; n <= 300; n += n < 70 ? 1 : 23) {
        auto const input = dequantized(q.data(), 0.02f, 128);
        bool same = bits(l1_loss(input, dequantized(r.data(), 1e-3f, -5), n)) == bits(l1_loss(x.data(), y.data(), n));
        same = same && bits(l1_loss(input, r.data(), n)) == bits(l1_loss(x.data(), raw.data(), n));
        same = same && bits(l1_loss(halves.data(), input, n)) == bits(l1_loss(half_copy.data(), x.data(), n));
        same = same && bits(l1_loss(input, wide.data(), n)) == bits(l1_loss(wide_x.data(), wide.data(), n));
        if (!same) FAIL("n = " << n);
    }
}

TEST_CASE("Fixed shapes of quantised elements have the bits of run-time lengths", "[dequantized]") {
    auto const q = random_integers<uint8_t>(11, test::longest_fixed);
    floats const y = test::make_pair<float>(test::distribution::wide, test::longest_fixed).first,
                 x = dequantized_copy<float>(q, 0.02f, 128);
    test::for_each_fixed_shape(q.data(), y.data(), [&](auto const& codes_of_shape, auto const& target, size_t n) {
        if (bits(l1_loss(dequantized(codes_of_shape, 0.02f, 128), target)) != bits(l1_loss(x.data(), y.data(), n)))
            FAIL("n = " << n);
    });
}

TEST_CASE("Quantised arrays of fixed size return the losses of their elements", "[dequantized]") {
    constexpr std::array<int8_t, 3> q{1, 2, 4};
    constexpr std::array<float, 3> y{1, 1, 1};
    constexpr auto losses = l1_loss<reduction::none>(dequantized(q, 0.5f, 2), y);
    static_assert(std::is_same_v<decltype(losses), std::array<float, 3> const> && losses == std::array<float, 3>{1.5f, 1, 0});
    tensor<int8_t, 2, 3> const codes{};
    CHECK_THROWS_AS(l1_loss(dequantized(codes, 0.5f), tensor<float, 3, 2>{}), std::invalid_argument);
}

TEMPLATE_TEST_CASE("Codes and the numbers of rows are touched within bounds", "[dequantized]", int8_t, uint8_t, int16_t, uint16_t) {
    test::guarded<TestType> const codes_memory(200), zeros_memory(200);
    test::guarded<float> const target(200), output(200), scales(200);
    for (size_t n = 0; n <= 200; ++n)
        for (bool const at_end : {false, true}) {
            auto const place = [&](auto const& memory) { return at_end ? memory.at_end(n) : memory.at_begin(); };
            TestType *const q = place(codes_memory), *const zeros = place(zeros_memory);
            float *const y = place(target), *const out = place(output), *const s = place(scales);
            std::fill_n(q, n, TestType(60));
            std::fill_n(zeros, n, TestType(50));
            std::fill_n(y, n, 1.0f);
            std::fill_n(s, n, 0.5f);
            bool same = l1_loss<reduction::sum>(dequantized(q, 0.5f, 50), y, n) == 4 * float(n);
            same = same && l1_loss<reduction::sum, double>(y, dequantized(q, 0.5f, 50), n) == 4 * double(n);
            l1_loss<reduction::none>(dequantized(q, 0.5f, 50), y, n, out);
            same = same && std::all_of(out, out + n, [](float t) { return t == 4; });
            l1_loss_rows(dequantized(std::span(q, n), std::span(s, n), std::span(zeros, n)), std::span(y, n), n, out);
            same = same && std::all_of(out, out + n, [](float t) { return t == 4; });
            if (!same) FAIL("n = " << n << (at_end ? ", at the end" : ""));
        }
}
