// Tests weights, masks and skip_nan in every combination against support/reference.hpp, bit for bit.
//
// parity.test.cpp compares them with NumPy and PyTorch.
#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"
#include "support/reference.hpp"
#include "support/strided_view.hpp"

using namespace l1loss;
using test::bits;

namespace {

constexpr std::size_t longest = 5000;

/// Inputs hold some NaN. Outside the mask there are infinities and NaN weights. Weights have both signs, or none is negative.
template <class T> struct data {
    std::vector<T> x, y, w;
    std::vector<unsigned char> mask;

    explicit data(bool signed_weights) : mask(longest) {
        std::tie(x, y) = test::make_pair<T>(test::distribution::wide, longest);
        w = test::make_pair<T>(signed_weights ? test::distribution::wide : test::distribution::uniform, longest).second;
        for (std::size_t i = 0; i < longest; ++i) {
            mask[i] = static_cast<unsigned char>(test::split_mix(7, i) % 5 == 0 ? 0 : 1 << i % 8);
            if (test::split_mix(8, i) % 16 == 0) (i % 2 == 0 ? x : y)[i] = std::numeric_limits<T>::quiet_NaN();
            if (mask[i] == 0 && i % 3 == 0) x[i] = std::numeric_limits<T>::infinity();
            if (mask[i] == 0 && i % 3 == 1) w[i] = std::numeric_limits<T>::quiet_NaN();
        }
    }
};

std::vector<std::size_t> lengths() {
    std::vector<std::size_t> all;
    for (std::size_t n = 0; n <= 140; ++n) all.push_back(n);
    for (std::size_t const n :
         std::initializer_list<std::size_t>{255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 1599, 2048, 4097, 5000})
        all.push_back(n);
    return all;
}

/// Compares loss(n) with the reference at every length. The flags say which options the loss is given.
template <class T, class F> void check(data<T> const& d, bool weighted, bool masked, bool skips, bool is_mean, F loss) {
    for (std::size_t const n : lengths()) {
        test::reference<T> const expected(d.x.data(), d.y.data(), n, weighted ? d.w.data() : nullptr,
                                          masked ? d.mask.data() : nullptr, skips);
        T const value = loss(n);
        if (bits(value) != bits(is_mean ? expected.mean : expected.sum))
            FAIL("n = " << n << ": " << value << ", expected " << (is_mean ? expected.mean : expected.sum));
    }
}

} // namespace

TEST_CASE("Every combination has the bits of the definition", "[options]") {
    for (bool const signed_weights : {false, true}) {
        data<float> const d(signed_weights);
        float const *x = d.x.data(), *y = d.y.data(), *w = d.w.data();
        unsigned char const* m = d.mask.data();
        check(d, false, false, true, true, [&](std::size_t n) { return l1_loss(x, y, n, skip_nan); });
        check(d, false, true, false, true, [&](std::size_t n) { return l1_loss(x, y, n, where(m)); });
        check(d, false, true, true, true, [&](std::size_t n) { return l1_loss(x, y, n, where(m), skip_nan); });
        check(d, true, false, false, true, [&](std::size_t n) { return l1_loss(x, y, weights(w), n); });
        check(d, true, false, true, true, [&](std::size_t n) { return l1_loss(x, y, weights(w), skip_nan, n); });
        check(d, true, true, false, true, [&](std::size_t n) { return l1_loss(x, y, n, where(m), weights(w)); });
        check(d, true, true, true, true, [&](std::size_t n) { return l1_loss(x, y, n, skip_nan, where(m), weights(w)); });
        check(d, true, true, false, false, [&](std::size_t n) { return l1_loss<reduction::sum>(x, y, n, where(m), weights(w)); });
        check(d, false, false, true, false, [&](std::size_t n) { return l1_loss<reduction::sum>(x, y, n, skip_nan); });
        for (bool const is_mean : {false, true})
            check(d, true, true, true, is_mean, [&](std::size_t n) {
                return l1_loss(x, y, n, where(m), weights(w), is_mean ? reduction::mean : reduction::sum, skip_nan);
            });
    }
    data<double> const d(true);
    check(d, true, true, true, true,
          [&](std::size_t n) { return l1_loss(d.x.data(), d.y.data(), n, skip_nan, where(d.mask.data()), weights(d.w.data())); });
    check(d, false, true, false, true, [&](std::size_t n) { return l1_loss(d.x.data(), d.y.data(), n, where(d.mask.data())); });
}

TEMPLATE_TEST_CASE("Views have them with registers of every width, whatever their rows and gaps", "[options]", float, double) {
    data<TestType> const d(true);
    constexpr std::size_t shapes[][3] = {{1, 9, 64},  {1, 40, 65}, {1, 30, 100}, {1, 9, 521}, {1, 2, 2100},
                                         {1, 70, 20}, {3, 5, 79},  {5, 1, 200},  {4, 3, 64},  {2, 3, 700}};
    for (auto const& shape : shapes) {
        std::size_t const matrices = shape[0], rows = shape[1], columns = shape[2];
        INFO(matrices << " x " << rows << " x " << columns);
        std::size_t const n = matrices * rows * columns;
        REQUIRE(n <= longest);
        // Each view has gaps that nothing may read: they hold NaN, and the mask selects them.
        std::size_t const size = matrices * (rows * (columns + 13) + 29);
        std::vector<TestType> const none(size, std::numeric_limits<TestType>::quiet_NaN());
        std::vector<TestType> x = none, y = none, w = none;
        std::vector<unsigned char> mask(size, 1);
        auto const strided = [&](auto& to, auto const& from, std::size_t gap) {
            std::size_t const pitch = columns + gap, pages = rows * pitch + gap;
            for (std::size_t i = 0; i < n; ++i)
                to[i / (rows * columns) * pages + i / columns % rows * pitch + i % columns] = from[i];
            return test::strided_view<std::remove_cvref_t<decltype(to[0])> const, 3>{
                to.data(), {matrices, rows, columns}, {static_cast<std::ptrdiff_t>(pages), static_cast<std::ptrdiff_t>(pitch), 1}};
        };
        auto const of_x = strided(x, d.x, 5), of_y = strided(y, d.y, 13), of_w = strided(w, d.w, 5);
        auto const of_mask = strided(mask, d.mask, 1);
        TestType const expected = test::reference<TestType>(d.x.data(), d.y.data(), n, d.w.data(), d.mask.data(), true).mean;
        TestType const expected_of_one = test::reference<TestType>(d.w.data(), d.w.data() + 1, n, nullptr, nullptr, true).sum;
        test::for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            INFO(arch.name());
            if constexpr (sizeof(TestType) == 4) { // all options, and for double one view with contiguous elements
                CHECK(bits(l1_loss<reduction::mean, void, Arch>(of_x, of_y, weights(of_w), where(of_mask), skip_nan)) ==
                      bits(expected));
            } else {
                CHECK(bits(l1_loss<reduction::sum, void, Arch>(of_w, std::span(d.w).subspan(1, n), skip_nan)) ==
                      bits(expected_of_one));
            }
        });
    }
}

TEST_CASE("Every architecture has them", "[options]") {
    data<float> const d(true);
    data<double> const e(true);
    test::for_each_arch([&](auto arch) {
        using Arch = decltype(arch);
        INFO(arch.name());
        auto const masked = [](auto const& of) {
            return [&](std::size_t n) {
                return l1_loss<reduction::mean, void, Arch>(of.x.data(), of.y.data(), n, weights(of.w.data()),
                                                            where(of.mask.data()));
            };
        };
        check(e, true, true, false, true, masked(e));
        check(d, true, true, false, true, masked(d));
        check(d, true, true, true, true, [&](std::size_t n) {
            std::size_t counted = 0;
            float const loss = l1_loss<reduction::mean, void, Arch>(d.x.data(), d.y.data(), n, weights(d.w.data()),
                                                                    where(d.mask.data()), skip_nan, count(counted));
            std::size_t expected = 0;
            for (std::size_t i = 0; i < n; ++i) expected += d.mask[i] != 0 && !std::isnan(d.x[i]) && !std::isnan(d.y[i]);
            if (counted != expected) FAIL("n = " << n << ": " << counted << " counted, expected " << expected);
            return loss;
        });
    });
}

TEST_CASE("Bytes that are not 0 are counted, by every architecture", "[options]") {
    std::vector<unsigned char> bytes(20000); // a counter of one byte is full after 255 registers of 32 bytes
    std::vector<float> const zeros(bytes.size());
    for (bool const none : {false, true}) {
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<unsigned char>(none || test::split_mix(9, i) % 3 == 0 ? 0 : test::split_mix(10, i));
        test::for_each_arch([&](auto arch) {
            INFO(arch.name());
            for (std::size_t const first : {0u, 1u, 7u}) {
                for (std::size_t n = 0; first + n <= bytes.size(); n += n < 300 ? 1 : 1021) {
                    auto const from = bytes.begin() + static_cast<std::ptrdiff_t>(first);
                    auto const left_out = std::count(from, from + static_cast<std::ptrdiff_t>(n), 0);
                    std::size_t counted = 0;
                    (void)l1_loss<reduction::mean, void, decltype(arch)>(zeros.data(), zeros.data(), n, where(bytes.data() + first),
                                                                         count(counted));
                    if (counted != n - static_cast<std::size_t>(left_out)) FAIL("n = " << n << ", first = " << first);
                }
            }
        });
    }
}

TEST_CASE("none with named arguments, element by element", "[options]") {
    data<float> const d(true);
    for (std::size_t const n : lengths()) {
        test::reference<float> const expected(d.x.data(), d.y.data(), n, d.w.data(), d.mask.data(), true);
        std::vector<float> out(n, -1);
        l1_loss<reduction::none>(d.x.data(), d.y.data(), n, out, weights(d.w.data()), where(d.mask.data()), skip_nan);
        for (std::size_t i = 0; i < n; ++i)
            if (bits(out[i]) != bits(expected.terms[i])) FAIL("n = " << n << ", i = " << i);
    }
}

TEST_CASE("count gives the number of elements that counted", "[options]") {
    data<float> const d(false);
    for (std::size_t const n : lengths()) {
        test::reference<float> const both(d.x.data(), d.y.data(), n, nullptr, d.mask.data(), true);
        std::size_t of_mean = 0, of_sum = 0, of_weighted = 0, of_all = 0, of_gradient = 0;
        float const* w = d.w.data();
        auto const m = where(d.mask.data());
        float const mean = l1_loss(d.x.data(), d.y.data(), n, m, skip_nan, count(of_mean));
        (void)l1_loss<reduction::sum>(d.x.data(), d.y.data(), n, m, skip_nan, count(of_sum));
        (void)l1_loss(d.x.data(), d.y.data(), n, m, skip_nan, weights(w), count(of_weighted));
        (void)l1_loss(d.x.data(), d.y.data(), n, count(of_all));
        std::vector<float> gradient(n);
        std::size_t of_none = 0, of_weights = 0;
        l1_loss<reduction::none>(d.x.data(), d.y.data(), n, gradient, m, skip_nan, count(of_none));
        (void)l1_loss(d.x.data(), d.y.data(), n, weights(w), count(of_weights));
        if (of_none != both.count || of_weights != n) FAIL("n = " << n << ": " << of_none << ' ' << of_weights);
        (void)l1_loss_with_gradient(d.x.data(), d.y.data(), gradient, n, m, skip_nan, count(of_gradient));
        if (of_mean != both.count || of_sum != both.count || of_weighted != both.count || of_all != n ||
            of_gradient != both.count || bits(mean) != bits(both.mean))
            FAIL("n = " << n << ": " << of_mean << ' ' << of_sum << ' ' << of_weighted << ' ' << of_all << ' ' << of_gradient
                        << ", expected " << both.count);
    }
    std::size_t of_shape = 0;
    tensor<float, 4> const four{1, std::numeric_limits<float>::quiet_NaN(), 3, 4};
    (void)l1_loss<reduction::none>(four, four, skip_nan, count(of_shape));
    CHECK(of_shape == 3);
}

TEST_CASE("A mask alone: its bytes are counted apart from the sum, up to 2^17 of them", "[options]") {
    constexpr std::size_t most = std::size_t{1} << 17;
    auto const [x, y] = test::make_pair<float>(test::distribution::wide, most + 1);
    std::vector<unsigned char> mask(most + 1);
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = static_cast<unsigned char>(test::split_mix(11, i) % 3);
    auto const m = where(mask.data());
    auto all = lengths();
    all.insert(all.end(), {most - 1, most, most + 1});
    std::vector<float> gradient(most + 1);
    for (std::size_t const n : all) {
        test::reference<float> const expected(x.data(), y.data(), n, nullptr, mask.data(), false);
        std::size_t of_mean = 0, of_sum = 0, of_weighted = 0, of_gradient = 0;
        float const mean = l1_loss(x.data(), y.data(), n, m, count(of_mean));
        float const sum = l1_loss(x.data(), y.data(), n, m, reduction::sum, count(of_sum));
        float const weighted = l1_loss(x.data(), y.data(), n, m, weights(x.data()), count(of_weighted));
        float const beside = l1_loss_with_gradient(x.data(), y.data(), gradient.data(), n, m, count(of_gradient));
        test::reference<float> const by_weight(x.data(), y.data(), n, x.data(), mask.data(), false);
        if (of_mean != expected.count || of_sum != expected.count || of_weighted != expected.count || of_gradient != expected.count)
            FAIL("n = " << n << ": " << of_mean << ' ' << of_sum << ' ' << of_weighted << ' ' << of_gradient << ", expected "
                        << expected.count);
        if (bits(mean) != bits(expected.mean) || bits(sum) != bits(expected.sum) || bits(weighted) != bits(by_weight.mean) ||
            bits(beside) != bits(expected.mean) || bits(l1_loss(x.data(), y.data(), n, m)) != bits(expected.mean) ||
            bits(l1_loss<reduction::sum>(x.data(), y.data(), n, m)) != bits(expected.sum))
            FAIL("n = " << n << ": " << mean << ' ' << sum << ' ' << weighted);
        float const scale = 1 / float(expected.count); // for so few elements it has the bits of the quotient in double
        for (std::size_t i = 0; i < n; ++i) {
            float const g = mask[i] == 0 || x[i] == y[i] ? 0 : x[i] > y[i] ? scale : -scale;
            if (bits(gradient[i]) != bits(g)) FAIL("n = " << n << ", gradient " << i << ": " << gradient[i] << ", expected " << g);
        }
    }
}

#if L1LOSS_TEST_LOGIC // these need no forced inlining

TEST_CASE("Masks of every byte type, fixed shapes and constant evaluation", "[options]") {
    constexpr tensor<float, 4> x{1, 2, 3, 4}, y{};
    constexpr bool mask[4] = {true, false, true, true};
    constexpr std::array<float, 4> w{1, 5, 2, 1};
    static_assert(l1_loss<reduction::sum>(x, y, where(mask)) == 8);
    static_assert(l1_loss(x, y, where(mask), weights(w)) == 11.f / 4);
    static_assert(l1_loss<reduction::none>(x, y, where(mask), weights(w)) == tensor<float, 4>{1, 0, 6, 4});
    CHECK(l1_loss(x, y, where(mask), weights(w)) == 11.f / 4);
    CHECK(l1_loss<reduction::sum>(x, y, where(std::vector<unsigned char>{1, 0, 255, 128})) == 8);
    CHECK(l1_loss<reduction::sum>(x, y, where(std::array{std::byte{1}, std::byte{0}, std::byte{64}, std::byte{1}})) == 8);
    CHECK(l1_loss<reduction::sum>(x, y, where(std::string("a\0b-", 4))) == 8);
}

TEST_CASE("What special weights come to", "[options]") {
    std::vector<float> const x{1, 2, 3}, y{1, 0, 0};
    auto const of = [&](float a, float b, float c) { return l1_loss(x, y, weights(std::vector<float>{a, b, c})); };
    float const infinity = std::numeric_limits<float>::infinity();
    CHECK(of(1, 1, 1) == l1_loss(x, y));
    CHECK(of(0, 0, 1) == 3);
    CHECK(of(1, -1, 2) == 2);                 // Σ w|d| = -2 + 6, Σ w = 2
    CHECK(bits(of(1, -1, 0)) == 0x7fc00000u); // Σ w = 0
    CHECK(bits(of(0, 0, 0)) == 0x7fc00000u);
    CHECK(bits(of(infinity, 1, 1)) == 0x7fc00000u); // ∞ · 0
    CHECK(bits(of(0, infinity, 1)) == 0x7fc00000u); // ∞ / ∞
    CHECK(bits(of(-NAN, 1, 1)) == 0x7fc00000u);
    CHECK(l1_loss<reduction::sum>(x, y, weights(std::vector<float>{1, infinity, 1})) == infinity);
    CHECK(bits(l1_loss<reduction::sum>(x, x, weights(std::vector<float>{-1, -1, -1}))) == 0); // +0, although every term is -0
    // Weights of double give a result of double.
    static_assert(std::is_same_v<decltype(l1_loss(x, y, weights(std::vector<double>{}))), double>);
    CHECK(l1_loss(x, y, weights(std::vector<double>{0, 1, 2})) == 8.0 / 3);
}

TEST_CASE("Sizes of named arguments are checked, against both inputs", "[options]") {
    std::vector<float> const x(15), w(14);
    CHECK(test::message([&] { (void)l1_loss(x, x, weights(w)); }) == "l1loss: input has 15 elements, weights has 14");
    CHECK(test::message([&] { (void)l1_loss(x, x, where(std::vector<char>(16))); }) ==
          "l1loss: input has 15 elements, mask has 16");
    CHECK(test::message([&] { (void)l1_loss(x, w, weights(w)); }) == "l1loss: input has 15 elements, target has 14");
}

#endif
