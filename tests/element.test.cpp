// Tests losses and gradients of elements of half and bfloat16, and of arguments with two types of elements.
//
// They are compared with those of a copy in float, or in double, which the test makes by itself.
#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
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

#if L1LOSS_TEST_EIGEN
#include <Eigen/Core>
template <> inline constexpr auto l1loss::format_of<Eigen::half> = l1loss::float_format::half;
template <> inline constexpr auto l1loss::format_of<Eigen::bfloat16> = l1loss::float_format::bfloat16;
#endif
#if L1LOSS_TEST_OPENCV
#include <opencv2/core/cvdef.h>
template <> inline constexpr auto l1loss::format_of<cv::float16_t> = l1loss::float_format::half;
#endif

using namespace l1loss;
using namespace test;
using test::bits;
using floats = std::vector<float>;
using doubles = std::vector<double>;

namespace {

using half_array = std::array<float16_t, 3>;
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

TEMPLATE_TEST_CASE("Losses have the bits of a copy in float", "[element]", float16_t, bfloat16_t) {
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

TEMPLATE_TEST_CASE("Gradients, views, rows and options have the bits of a copy in float", "[element]", float16_t, bfloat16_t) {
    constexpr std::size_t rows = 9, columns = 70, n = rows * columns;
    auto x = random_numbers<TestType>(3, n), y = random_numbers<TestType>(4, n), w = random_numbers<TestType>(5, n);
    for (std::size_t i = 0; i < n; i += 11) x[i] = from_bits<TestType>(infinity<TestType> + 1 + unsigned(i)); // a NaN
    for (std::size_t i = 3; i < n; i += 13) y[i] = x[i];
    floats const a = copy_of(x), b = copy_of(y), u = copy_of(w);
    std::vector<unsigned char> mask(n);
    for (std::size_t i = 0; i < n; ++i) mask[i] = split_mix(6, i) % 3 != 0;
    auto const none_of = [](auto const& p, auto const& q, auto const&... options) {
        floats out(n);
        l1_loss<reduction::none>(p, q, out, options...);
        std::vector<std::uint32_t> all;
        for (float const t : out) all.push_back(std::isnan(t) ? 0 : bits(t));
        return all;
    };
    CHECK(none_of(x, y, weights(w)) == none_of(a, b, weights(u)));
    std::size_t count = 0, expected_count = 0;
    CHECK(bits(l1_loss(x, y, skip_nan, where(mask), weights(w), l1loss::count(count))) ==
          bits(l1_loss(a, b, skip_nan, where(mask), weights(u), l1loss::count(expected_count))));
    CHECK(count == expected_count);
    CHECK(bits(l1_loss(x, b, skip_nan)) == bits(l1_loss(a, y, skip_nan)));
    CHECK(bits(l1_loss(a, b, skip_nan, weights(w))) == bits(l1_loss(x, y, skip_nan, weights(u))));

    floats gradient(n), of_target(n), expected(n), expected_of_target(n);
    CHECK(bits(l1_loss_with_gradient(x, y, gradient, skip_nan, weights(w), grad_target(of_target))) ==
          bits(l1_loss_with_gradient(a, b, expected, skip_nan, weights(u), grad_target(expected_of_target))));
    CHECK(gradient == expected);
    CHECK(of_target == expected_of_target);
    std::vector<TestType> rounded = x; // over its own input
    l1_loss_backward(rounded, y, rounded, skip_nan, weights(w), grad_output(3));
    l1_loss_backward(a, b, expected, skip_nan, weights(u), grad_output(3));
    for (std::size_t i = 0; i < n; ++i)
        if (pattern_of(rounded[i]) != pattern_of(TestType(expected[i]))) FAIL("gradient " << i);
    std::vector<TestType> of_column(rows);
    floats expected_of_column(rows);
    auto const matrix = [](auto const& m) { return strided(m.data(), {{rows, columns}, {columns, 1}}); };
    auto const column = [](auto const& m) { return strided(m.data(), {{rows, 5}, {1, 1}}); };
    l1_loss_backward(broadcast(column(y)), matrix(x), strided(of_column.data(), {{rows, 1}, {1, 1}}), skip_nan);
    l1_loss_backward(broadcast(column(b)), matrix(a), strided(expected_of_column.data(), {{rows, 1}, {1, 1}}), skip_nan);
    for (std::size_t r = 0; r < rows; ++r) CHECK(pattern_of(of_column[r]) == pattern_of(TestType(expected_of_column[r])));

    auto const backwards = [](auto const& m) { return strided(m.data() + n - 1, {{columns, -1}, {rows, -int(columns)}}); };
    auto const spread = [](auto const& m) { return strided(m.data(), {{columns, 1}, {rows, columns}}); };
    CHECK(none_of(backwards(x), spread(y)) == none_of(backwards(a), spread(b)));
    CHECK(bits(l1_loss(backwards(x), spread(y), skip_nan)) == bits(l1_loss(backwards(a), spread(b), skip_nan)));
    CHECK(bits(l1_loss(matrix(x), broadcast(column(y)), skip_nan)) == bits(l1_loss(matrix(a), broadcast(column(b)), skip_nan)));

    floats losses(columns), expected_losses(columns);
    auto const same_losses = [&] {
        for (std::size_t k = 0; k < columns; ++k)
            if (bits(losses[k]) != bits(expected_losses[k])) return false;
        return true;
    };
    l1_loss_columns(x, y, rows, losses, where(mask));
    l1_loss_columns(a, b, rows, expected_losses, where(mask));
    CHECK(same_losses());
    l1_loss_rows(y, w, rows, std::span(losses).first(rows), where(mask));
    l1_loss_rows(b, u, rows, std::span(expected_losses).first(rows), where(mask));
    CHECK(same_losses());

    l1_accumulator<float> all;
    for (std::size_t first = 0, step = 1; first < n; first += step, step = std::min(step + 7, n - first))
        all.update(y.data() + first, w.data() + first, step);
    CHECK(bits(all.mean()) == bits(l1_loss(b, u)));
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
    auto const halves_of = random_numbers<float16_t>(7, n);
    auto const brains = random_numbers<bfloat16_t>(8, n);
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

namespace {

/// Compares a loss, the terms and a gradient with those of the copies in float, which are rounded to a type of the library.
template <class T> void check_other_type() {
    auto const x = random_numbers<T>(13, 300), y = random_numbers<T>(14, 300);
    floats const a = copy_of(x), b = copy_of(y);
    std::vector<T> gradient(300), none(300);
    l1_loss_backward(x, y, gradient);
    l1_loss<reduction::none>(x, y, none);
    using own = std::conditional_t<is_half<T>, float16_t, bfloat16_t>;
    for (std::size_t i = 0; i < 300; ++i) {
        unsigned const magnitude = pattern_of(own(1 / 300.0)), sign = a[i] < b[i] ? 0x8000 : 0;
        if (pattern_of(gradient[i]) != (a[i] == b[i] ? 0 : magnitude | sign)) FAIL("gradient " << i);
        if (pattern_of(none[i]) != pattern_of(own(std::abs(a[i] - b[i])))) FAIL("none " << i);
    }
    for (std::size_t n = 0; n < 300; ++n)
        if (bits(l1_loss(x.data(), y.data(), n)) != bits(l1_loss(a.data(), b.data(), n))) FAIL("n = " << n);
}

} // namespace

TEST_CASE("Types of other libraries have the bits of the library's own", "[element]") {
    check_other_type<bfloat16_t>();
#if L1LOSS_TEST_EIGEN
    check_other_type<Eigen::half>();
    check_other_type<Eigen::bfloat16>();
#endif
#if L1LOSS_TEST_OPENCV
    check_other_type<cv::float16_t>();
#endif
#if defined(__FLT16_MANT_DIG__)
    check_other_type<_Float16>();
#endif
#if L1LOSS_HAS_BFLOAT16
    check_other_type<__bf16>();
#endif
}

#if L1LOSS_TEST_EIGEN
TEST_CASE("Matrices of Eigen have elements of two bytes", "[element]") {
    Eigen::Matrix<Eigen::half, 5, 7> x, y;
    Eigen::Matrix<float, 5, 7> a, b;
    for (int i = 0; i < 35; ++i) {
        x.data()[i] = Eigen::half(a.data()[i] = float(i * i) / 8);
        y.data()[i] = Eigen::half(b.data()[i] = 3 - float(i));
    }
    CHECK(bits(l1_loss(x, y)) == bits(l1_loss(a, b)));
    CHECK(bits(l1_loss(x.transpose(), b.transpose())) == bits(l1_loss(a.transpose(), b.transpose())));
}
#endif

TEST_CASE("Fixed shapes have the bits of run-time lengths", "[element]") {
    auto const halves_of = random_numbers<float16_t>(15, longest_fixed);
    auto const brains = random_numbers<bfloat16_t>(16, longest_fixed);
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

TEMPLATE_TEST_CASE("Elements of two bytes are touched within bounds", "[element]", float16_t, bfloat16_t) {
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
