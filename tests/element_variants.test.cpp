// Tests gradients, views, rows and options with elements of half and bfloat16, and such types of other libraries.
//
// They are compared with those of a copy in float, which the test makes by itself.
#include <algorithm>
#include <cmath>
#include <span>
#include <type_traits>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
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

TEMPLATE_TEST_CASE("Gradients, views, rows and options have the bits of a copy in float", "[element_variants]", half, bfloat16) {
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

/// Compares a loss, the terms and a gradient with those of the copies in float, which are rounded to a type of the library.
template <class T> void check_other_type() {
    auto const x = random_numbers<T>(13, 300), y = random_numbers<T>(14, 300);
    floats const a = copy_of(x), b = copy_of(y);
    std::vector<T> gradient(300), none(300);
    l1_loss_backward(x, y, gradient);
    l1_loss<reduction::none>(x, y, none);
    using own = std::conditional_t<is_half<T>, half, bfloat16>;
    for (std::size_t i = 0; i < 300; ++i) {
        unsigned const magnitude = pattern_of(own(1 / 300.0)), sign = a[i] < b[i] ? 0x8000 : 0;
        if (pattern_of(gradient[i]) != (a[i] == b[i] ? 0 : magnitude | sign)) FAIL("gradient " << i);
        if (pattern_of(none[i]) != pattern_of(own(std::abs(a[i] - b[i])))) FAIL("none " << i);
    }
    for (std::size_t n = 0; n < 300; ++n)
        if (bits(l1_loss(x.data(), y.data(), n)) != bits(l1_loss(a.data(), b.data(), n))) FAIL("n = " << n);
}

} // namespace

TEST_CASE("Types of other libraries have the bits of the library's own", "[element_variants]") {
    check_other_type<bfloat16>();
#if L1LOSS_TEST_EIGEN
    check_other_type<Eigen::half>();
    check_other_type<Eigen::bfloat16>();
#endif
#if L1LOSS_TEST_OPENCV
    check_other_type<cv::float16_t>();
#endif
#if L1LOSS_HAS_FLOAT16
    check_other_type<_Float16>();
#endif
#if L1LOSS_HAS_BFLOAT16
    check_other_type<__bf16>();
#endif
}

#if L1LOSS_TEST_EIGEN
TEST_CASE("Matrices of Eigen have elements of two bytes", "[element_variants]") {
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
