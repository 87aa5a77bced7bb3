// Tests quantised arguments with options, gradients, views, rows, threads and errors: every result has the bits of that of a
// dequantised copy, which the test makes by itself.
#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <vector>

#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/executors.hpp"
#include "support/inputs.hpp"
#include "support/integers.hpp"
#include "support/message.hpp"

using namespace l1loss;
using std::int16_t, std::int8_t, std::size_t, std::uint8_t;
using test::bits, test::dequantized_copy, test::random_integers;
using floats = std::vector<float>;

TEST_CASE("Options and gradients", "[dequantized_options]") {
    constexpr size_t n = 317;
    auto const q = random_integers<uint8_t>(4, n);
    auto [y, w] = test::make_pair<float>(test::distribution::wide, n);
    floats const x = dequantized_copy<float>(q, 0.02f, 100);
    for (size_t i = 0; i < n; i += 9) y[i] = std::numeric_limits<float>::quiet_NaN();
    for (size_t i = 4; i < n; i += 9) y[i] = x[i];
    std::vector<unsigned char> mask(n);
    for (size_t i = 0; i < n; ++i) mask[i] = test::split_mix(5, i) % 3 != 0;
    auto const input = [&] { return dequantized(q, 0.02f, 100); };
    size_t count = 0, expected_count = 1;
    CHECK(bits(l1_loss(input(), y, skip_nan)) == bits(l1_loss(x, y, skip_nan)));
    CHECK(bits(l1_loss(input(), y, skip_nan, reduction::sum)) == bits(l1_loss(x, y, skip_nan, reduction::sum)));
    CHECK(bits(l1_loss(y, input(), where(mask), skip_nan, weights(w), l1loss::count(count))) ==
          bits(l1_loss(y, x, where(mask), skip_nan, weights(w), l1loss::count(expected_count))));
    CHECK(count == expected_count);
    CHECK(bits(l1_loss(w, x, weights(input()))) == bits(l1_loss(w, x, weights(x))));

    floats out(n), expected(n), of_target(n), expected_of_target(n);
    auto const same = [](floats const& a, floats const& b) { return test::same(a, b); };
    l1_loss<reduction::none>(input(), y, out, where(mask), skip_nan);
    l1_loss<reduction::none>(x, y, expected, where(mask), skip_nan);
    CHECK(same(out, expected));
    CHECK(bits(l1_loss_with_gradient(input(), y, out, skip_nan, weights(w), grad_target(of_target))) ==
          bits(l1_loss_with_gradient(x, y, expected, skip_nan, weights(w), grad_target(expected_of_target))));
    CHECK(same(out, expected));
    CHECK(same(of_target, expected_of_target));
    l1_loss_backward<reduction::none>(y, input(), out, grad_output(w), where(mask));
    l1_loss_backward<reduction::none>(y, x, expected, grad_output(w), where(mask));
    CHECK(same(out, expected));
    for (size_t k = 0; k <= 70; ++k) {
        l1_loss_backward(dequantized(q.data(), 0.02f, 100), y.data(), out.data(), k);
        l1_loss_backward(x.data(), y.data(), expected.data(), k);
        if (!same(out, expected)) FAIL("gradient of " << k);
    }
    floats over = y; // the output is the memory of the target
    l1_loss<reduction::none>(input(), over, over, skip_nan);
    l1_loss<reduction::none>(x, y, expected, skip_nan);
    CHECK(same(over, expected));

    l1_accumulator<float> all, expected_all;
    for (size_t first = 0; first < n; first += 60) {
        size_t const k = (std::min)(size_t{60}, n - first);
        all.update(dequantized(q.data() + first, 0.02f, 100), w.data() + first, k);
        expected_all.update(x.data() + first, w.data() + first, k);
    }
    CHECK(bits(all.mean()) == bits(expected_all.mean()));
}

TEST_CASE("Views and broadcasts", "[dequantized_options]") {
    constexpr size_t rows = 9, columns = 70, n = rows * columns;
    auto const q = random_integers<int8_t>(6, n);
    floats const y = test::make_pair<float>(test::distribution::wide, n).first, x = dequantized_copy<float>(q, 0.05f, -7);
    auto const input = [](auto const& v) { return dequantized(v, 0.05f, -7); };
    auto const matrix = [](auto const& m) { return strided(m.data(), {{rows, columns}, {columns, 1}}); };
    auto const spread = [](auto const& m) { return strided(m.data(), {{columns, 1}, {rows, columns}}); };
    auto const backwards = [](auto const& m) { return strided(m.data() + n - 1, {{columns, -1}, {rows, -int(columns)}}); };
    auto const one_row = [](auto const& m) { return strided(m.data() + columns, {{rows, 0}, {columns, 1}}); };
    auto const column = [](auto const& m) { return strided(m.data() + 2, {{rows, columns}, {1, 1}}); };
    CHECK(bits(l1_loss(input(matrix(q)), matrix(y))) == bits(l1_loss(x, y)));
    CHECK(bits(l1_loss(input(spread(q)), backwards(y))) == bits(l1_loss(spread(x), backwards(y))));
    CHECK(bits(l1_loss(backwards(y), input(backwards(q)))) == bits(l1_loss(backwards(y), backwards(x))));
    CHECK(bits(l1_loss(input(one_row(q)), matrix(y))) == bits(l1_loss(one_row(x), matrix(y))));
    CHECK(bits(l1_loss(matrix(y), broadcast(input(column(q))))) == bits(l1_loss(matrix(y), broadcast(column(x)))));
    CHECK(bits(l1_loss(broadcast(input(std::span(q).first(columns))), matrix(y))) ==
          bits(l1_loss(broadcast(std::span(x).first(columns)), matrix(y))));
    CHECK(bits(l1_loss(broadcast(input(std::span(q).first(1))), matrix(y))) ==
          bits(l1_loss(broadcast(std::span(x).first(1)), matrix(y))));
    CHECK(bits(l1_loss(input(matrix(q)), broadcast(column(y)))) == bits(l1_loss(matrix(x), broadcast(column(y)))));

    floats out(n), expected(n), of_column(rows), expected_of_column(rows);
    l1_loss<reduction::none>(input(spread(q)), backwards(y), out);
    l1_loss<reduction::none>(spread(x), backwards(y), expected);
    CHECK(test::same(out, expected));
    auto const result = [&](floats& m) { return strided(m.data(), {{rows, 1}, {1, 1}}); };
    l1_loss_backward(matrix(y), broadcast(input(column(q))), out, grad_target(result(of_column)));
    l1_loss_backward(matrix(y), broadcast(column(x)), expected, grad_target(result(expected_of_column)));
    CHECK(test::same(out, expected));
    CHECK(test::same(of_column, expected_of_column));
    CHECK(test::message([&] { (void)l1_loss(input(matrix(q)), spread(y)); }) ==
          "l1loss: input is 9 x 70, target is 70 x 9, expected one shape, or l1loss::broadcast");
}

TEMPLATE_TEST_CASE("Rows have scales and zero points of their own", "[dequantized_options]", uint8_t, int16_t) {
    auto const all = random_integers<TestType>(7, 2310), all_zeros = random_integers<TestType>(8, 770);
    auto const [all_y, all_scales] = test::make_pair<float>(test::distribution::wide, 2310);
    for (size_t const rows : {1u, 3u, 33u, 770u}) {
        INFO(rows);
        size_t const columns = 2310 / rows;
        std::vector<TestType> const zeros(all_zeros.begin(), all_zeros.begin() + std::ptrdiff_t(rows));
        floats const scales(all_scales.begin(), all_scales.begin() + std::ptrdiff_t(rows));
        std::vector<double> const wide_scales(scales.begin(), scales.end());
        floats copy, one_scale, one_zero;
        for (size_t i = 0; i < 2310; ++i) {
            size_t const r = i / columns;
            copy.push_back(float(int{all[i]} - int{zeros[r]}) * scales[r]);
            one_scale.push_back(float(int{all[i]} - int{zeros[r]}) * 0.3f);
            one_zero.push_back(float(int{all[i]} - 5) * scales[r]);
        }
        std::vector<unsigned char> mask;
        for (size_t i = 0; i < 2310; ++i) mask.push_back(test::split_mix(9, i) % 4 != 0);
        floats out(rows), expected(rows), of_columns(columns), expected_of_columns(columns);
        l1_loss_rows(dequantized(all, scales, zeros), all_y, rows, out);
        l1_loss_rows(copy, all_y, rows, expected);
        CHECK(test::same(out, expected));
        l1_loss_rows(all_y, dequantized(all, wide_scales, zeros), rows, out, where(mask), weights(all_scales));
        l1_loss_rows(all_y, copy, rows, expected, where(mask), weights(all_scales));
        CHECK(test::same(out, expected));
        l1_loss_rows<reduction::sum>(dequantized(all, 0.3f, zeros), all_y, rows, out);
        l1_loss_rows<reduction::sum>(one_scale, all_y, rows, expected);
        CHECK(test::same(out, expected));
        l1_loss_rows<reduction::sum>(dequantized(all, scales, 5), all_y, rows, out);
        l1_loss_rows<reduction::sum>(one_zero, all_y, rows, expected);
        CHECK(test::same(out, expected));
        l1_loss_columns(dequantized(all, scales, zeros), all_y, rows, of_columns, where(mask));
        l1_loss_columns(copy, all_y, rows, expected_of_columns, where(mask));
        CHECK(test::same(of_columns, expected_of_columns));
        auto const transposed = [&](auto const& m) { return strided(m.data(), {{rows, 1}, {columns, rows}}); };
        floats transposed_copy(2310);
        for (size_t i = 0; i < 2310; ++i) transposed_copy[i] = float(int{all[i]} - int{zeros[i % rows]}) * scales[i % rows];
        l1_loss_rows(dequantized(transposed(all), scales, zeros), transposed(all_y), out);
        l1_loss_rows(transposed(transposed_copy), transposed(all_y), expected);
        CHECK(test::same(out, expected));
    }
}

TEST_CASE("Threads take quantised arguments", "[dequantized_options]") {
    constexpr size_t n = test::least<float> + 3 * 1111, rows = 11;
    static_assert(n % rows != 0);
    auto const q = random_integers<uint8_t>(10, n / rows * rows);
    floats const y = test::make_pair<float>(test::distribution::near, q.size()).first,
                 x = dequantized_copy<float>(q, 1 / 255.0f, 3);
    floats const scales(rows, 1 / 255.0f);
    floats out(rows), expected(rows), gradient_out(q.size()), expected_gradient(q.size());
    l1_loss_rows(x, y, rows, expected);
    l1_loss_backward(x, y, expected_gradient);
    float const mean = l1_loss(x, y);
    test::for_each_executor([&](test::executor const& run, char const* name) {
        INFO(name);
        CHECK(bits(l1_loss(run, dequantized(q, 1 / 255.0f, 3), y)) == bits(mean));
        l1_loss_rows(run, dequantized(q, scales, 3), y, rows, out);
        CHECK(test::same(out, expected));
        l1_loss_backward(run, dequantized(q, 1 / 255.0f, 3), y, gradient_out);
        CHECK(test::same(gradient_out, expected_gradient));
    });
}

TEST_CASE("Zero points outside the range, and wrong numbers of scales, are errors", "[dequantized_options]") {
    std::array<uint8_t, 6> const q{};
    std::array<int8_t, 6> const signed_q{};
    std::array<int16_t, 6> const words{};
    floats const y(6);
    floats out(3, 7);
    auto const text = [&](auto const& values, auto zero_point) {
        return test::message([&] { (void)l1_loss(dequantized(values, 0.5f, zero_point), y); });
    };
    CHECK(text(q, 256) == "l1loss: zero_point is 256, expected 0 to 255, the range of the elements");
    CHECK(text(q, -1) == "l1loss: zero_point is -1, expected 0 to 255, the range of the elements");
    CHECK(text(signed_q, 128) == "l1loss: zero_point is 128, expected -128 to 127, the range of the elements");
    CHECK(text(signed_q, 4294967295u) == "l1loss: zero_point is 4294967295, expected -128 to 127, the range of the elements");
    CHECK(text(words, 1LL << 40) == "l1loss: zero_point is 1099511627776, expected -32768 to 32767, the range of the elements");
    CHECK(text(signed_q, 'a') == "nothing was thrown");
    CHECK(text(words, -32768) == "nothing was thrown");
    floats const scales(2, 1);
    std::vector<uint8_t> const zero_points(4);
    CHECK(test::message([&] { l1_loss_rows(dequantized(q, scales), y, 3, out); }) ==
          "l1loss: input has 3 rows, scale has 2 elements");
    CHECK(test::message([&] { l1_loss_rows(y, dequantized(q, 1.0f, zero_points), 3, out); }) ==
          "l1loss: input has 3 rows, zero_point has 4 elements");
    floats const spread{1, 0, 2, 0, 3, 0};
    CHECK(test::message([&] { l1_loss_rows(dequantized(q, strided(spread.data(), {{3, 2}})), y, 3, out); }) ==
          "l1loss: scale is strided, expected contiguous elements");
    CHECK(test::message([&] { l1_loss_rows(dequantized(q, std::span(out).first(3)), y, 3, out); }) ==
          "l1loss: output overlaps scale, expected different memory");
    CHECK(out == floats(3, 7)); // nothing was written
    CHECK(test::message([&] { (void)l1_loss(dequantized(q, 1.0f), floats(7)); }) == "l1loss: input has 6 elements, target has 7");
}
