// Tests that gradients, rows and columns of views have the bits of their contiguous copies in row-major order.
#include <cmath>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/message.hpp"
#include "support/view_sweep.hpp"

using namespace l1loss;
using test::bits;
using test::copy;
using test::strided_view;
using floats = std::vector<float>;

TEST_CASE("Gradients of views are those of their copies", "[view_variants]") {
    test::for_each_pair_of_views<float, false>([](auto const& x, auto const& y) {
        auto const a = copy(x), b = copy(y);
        floats of_views(a.size()), of_copies(a.size());
        CHECK(bits(l1_loss_with_gradient(x, y, of_views, weights(x))) == bits(l1_loss_with_gradient(a, b, of_copies, weights(a))));
        CHECK(of_views == of_copies);
        l1_loss_backward<reduction::sum>(x, y, of_views, skip_nan);
        l1_loss_backward<reduction::sum>(a, b, of_copies, skip_nan);
        CHECK(of_views == of_copies);
    });
}

TEST_CASE("Rows and columns of views are those of their copies", "[view_variants]") {
    test::for_each_pair_of_views<float, false>([](auto const& x, auto const& y) {
        auto const a = copy(x), b = copy(y);
        std::size_t const rows = x.extents[0], columns = x.extents[1];
        floats of_views(rows), of_copies(rows);
        l1_loss_rows(x, y, of_views);
        l1_loss_rows(a, b, rows, of_copies);
        CHECK(of_views == of_copies);
        of_views.resize(columns), of_copies.resize(columns);
        l1_loss_columns(x, y, of_views);
        l1_loss_columns(a, b, rows, of_copies);
        CHECK(of_views == of_copies);
    });
}

TEST_CASE("One view beside contiguous arrays is read as its copy, whichever array it is", "[view_variants]") {
    constexpr std::size_t rows = 5, columns = 70, n = rows * columns;
    auto const [x, y] = test::make_pair<float>(test::distribution::wide, n);
    std::span const a(x), b(y);
    auto const of_floats = test::make_pair<float>(test::distribution::uniform, 20000).first;
    for (std::ptrdiff_t const row : {75, 1, -75, 0})
        for (std::ptrdiff_t const column : {1, 5, -1, 0}) {
            INFO("strides " << row << ", " << column);
            strided_view<float const, 2> const v{of_floats.data() + 10000, {rows, columns}, {row, column}};
            auto const mask =
                test::mask_like(strided_view<float const, 2>{nullptr, {rows, columns}, {std::abs(row), std::abs(column)}});
            floats const w = copy(v);
            auto const m = copy(mask);
            floats of_view(n), of_copy(n);
            l1_loss_backward<reduction::none>(a, b, of_view, grad_output(v));
            l1_loss_backward<reduction::none>(a, b, of_copy, grad_output(w));
            CHECK(of_view == of_copy);
            of_view.resize(rows), of_copy.resize(rows);
            l1_loss_rows<reduction::sum>(a, b, rows, of_view, where(mask));
            l1_loss_rows<reduction::sum>(a, b, rows, of_copy, where(m));
            CHECK(of_view == of_copy);
            l1_loss_rows(a, b, rows, of_view, weights(v));
            l1_loss_rows(a, b, rows, of_copy, weights(w));
            CHECK(of_view == of_copy);
        }
}

TEST_CASE("Rows of one dimension keep its stride, as input and as weights", "[view_variants]") {
    auto const data = test::make_pair<float>(test::distribution::uniform, 2000);
    for (std::size_t const rows : std::initializer_list<std::size_t>{1, 2, 5, 60})
        for (std::ptrdiff_t const stride : {1, 2, -1, -3, 0}) {
            INFO(rows << " rows, stride " << stride);
            strided_view<float const, 1> const line{data.first.data() + 1000, {60}, {stride}};
            floats const y(data.second.begin(), data.second.begin() + 60), x = copy(line);
            floats of_view(rows), of_copy(rows);
            l1_loss_rows(line, y, rows, of_view, weights(line));
            l1_loss_rows(x, y, rows, of_copy, weights(x));
            CHECK(of_view == of_copy);
            strided_view<float const, 1> const shorter{line.data, {59}, {stride}};
            CHECK(test::message([&] { l1_loss_rows(line, y, rows, of_view, weights(shorter)); }) ==
                  "l1loss: input is " + std::to_string(rows) + " x " + std::to_string(60 / rows) +
                      ", weights is 59, expected one shape, or l1loss::broadcast");
        }
}

TEST_CASE("Weights of a matrix with one row or column have its shape, or are broadcast", "[view_variants]") {
    float const x[] = {1, 2, 3, 4, 5}, y[5] = {}, w[] = {1, 2, 1, 0, 3}; // Σ w = 7, Σ w x = 23
    for (bool const is_column : {false, true}) {
        std::size_t const rows = is_column ? 5 : 1, columns = is_column ? 1 : 5;
        INFO(rows << " x " << columns);
        strided_view<float const, 2> const v{&x[0], {rows, columns}, {1, 1}}, of_w{&w[0], {rows, columns}, {1, 1}},
            turned{&w[0], {columns, rows}, {1, 1}};
        strided_view<float const, 1> const line{&w[0], {5}, {1}};
        floats const expected = is_column ? floats{1, 2, 3, NAN, 5} : floats{23.f / 7};
        floats out(rows);
        auto const check = [&](auto each) {
            l1_loss_rows(v, y, out, each);
            for (std::size_t i = 0; i < rows; ++i)
                CHECK((out[i] == expected[i] || (std::isnan(out[i]) && std::isnan(expected[i]))));
        };
        check(weights(of_w));
        check(weights(broadcast(of_w)));
        check(weights(std::span(w)));
        auto const message = [&](auto each) { return test::message([&] { l1_loss_rows(v, y, out, each); }); };
        std::string const input = is_column ? "l1loss: input is 5 x 1, weights is " : "l1loss: input is 1 x 5, weights is ";
        std::string const tail = ", expected one shape, or l1loss::broadcast";
        CHECK(message(weights(turned)) == input + (is_column ? "1 x 5" : "5 x 1") + tail);
        CHECK(message(weights(line)) == input + "5" + tail); // as l1_loss does
    }
}

TEST_CASE("A number of rows that is not that of the matrix is refused, be it larger or smaller", "[view_variants]") {
    tensor<float, 3, 4> const fixed{};
    strided_view<float const, 2> const view{fixed.data(), {3, 4}, {4, 1}};
    floats out(12, -1);
    for (std::size_t const rows : std::initializer_list<std::size_t>{0, 1, 2, 3, 4, 6, 12}) {
        std::string const expected =
            rows == 3 ? "nothing was thrown" : "l1loss: input has 3 rows, and rows is " + std::to_string(rows);
        CHECK(test::message([&] { l1_loss_rows(fixed, fixed, rows, std::span(out).first(rows)); }) == expected);
        CHECK(test::message([&] { l1_loss_rows(view, fixed, rows, std::span(out).first(rows)); }) == expected);
    }
}
