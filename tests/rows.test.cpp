// Tests that each loss of rows and columns has the bits of l1_loss, with every option, and what is refused.
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"
#include "support/strided_view.hpp"

using namespace l1loss;
using test::bits;

namespace {

struct size {
    std::size_t rows, columns;
};
constexpr size sizes[] = {{1, 1},   {1, 7},    {7, 1},   {4, 15},  {5, 64},    {3, 65},   {40, 33},  {65, 8},
                          {3, 511}, {2, 1025}, {130, 3}, {513, 9}, {1100, 21}, {20, 130}, {2000, 17}};

template <class T> struct matrices {
    std::size_t rows, columns;
    std::vector<T> x, y, w, row_weights;
    std::vector<unsigned char> mask;

    explicit matrices(size s) : rows(s.rows), columns(s.columns), mask(rows * columns) {
        std::tie(x, y) = test::make_pair<T>(test::distribution::wide, rows * columns);
        w = test::make_pair<T>(test::distribution::uniform, rows * columns).second;
        row_weights = test::make_pair<T>(test::distribution::uniform, rows).second;
        for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = test::split_mix(5, i) % 4 != 0;
    }

    /// The elements of row r, or of column c.
    template <class U> std::vector<U> row(std::vector<U> const& all, std::size_t r) const {
        return {all.begin() + static_cast<std::ptrdiff_t>(r * columns),
                all.begin() + static_cast<std::ptrdiff_t>((r + 1) * columns)};
    }
    template <class U> std::vector<U> column(std::vector<U> const& all, std::size_t c) const {
        std::vector<U> one;
        for (std::size_t r = 0; r < rows; ++r) one.push_back(all[r * columns + c]);
        return one;
    }
};

} // namespace

TEMPLATE_TEST_CASE("Rows and columns are l1_loss of each", "[rows]", float, double) {
    for (size const s : sizes) {
        matrices<TestType> const m(s);
        INFO(s.rows << " x " << s.columns);
        std::vector<TestType> rows(s.rows, -1), columns(s.columns, -1);
        bool same = true;
        l1_loss_rows(m.x, m.y, s.rows, rows);
        l1_loss_columns(m.x, m.y, s.rows, columns);
        for (std::size_t r = 0; r < s.rows; ++r) same = same && bits(rows[r]) == bits(l1_loss(m.row(m.x, r), m.row(m.y, r)));
        for (std::size_t c = 0; c < s.columns; ++c)
            same = same && bits(columns[c]) == bits(l1_loss(m.column(m.x, c), m.column(m.y, c)));
        CHECK(same);
    }
}

TEST_CASE("with weights of elements or rows, masks and counts", "[rows]") {
    for (size const s : sizes) {
        matrices<float> const m(s);
        INFO(s.rows << " x " << s.columns);
        std::vector<float> rows(s.rows), columns(s.columns);
        std::vector<std::size_t> row_counts(s.rows), column_counts(s.columns);
        bool same = true;
        l1_loss_rows(m.x, m.y, s.rows, rows, weights(m.w), where(m.mask), count(row_counts));
        l1_loss_columns(m.x, m.y, s.rows, columns, weights(m.w), where(m.mask), count(column_counts));
        std::size_t counted = 0;
        for (std::size_t r = 0; r < s.rows; ++r) {
            float const loss =
                l1_loss(m.row(m.x, r), m.row(m.y, r), weights(m.row(m.w, r)), where(m.row(m.mask, r)), count(counted));
            same = same && bits(rows[r]) == bits(loss) && row_counts[r] == counted;
        }
        for (std::size_t c = 0; c < s.columns; ++c) {
            float const loss =
                l1_loss(m.column(m.x, c), m.column(m.y, c), weights(m.column(m.w, c)), where(m.column(m.mask, c)), count(counted));
            same = same && bits(columns[c]) == bits(loss) && column_counts[c] == counted;
        }
        CHECK(same);
        test::strided_view<float const, 2> const each_row{m.row_weights.data(), {s.rows, 1}, {1, 1}};
        l1_loss_rows<reduction::sum>(m.x, m.y, s.rows, rows, weights(broadcast(each_row)), skip_nan);
        l1_loss_columns<reduction::sum>(m.x, m.y, s.rows, columns, weights(broadcast(each_row)), skip_nan);
        for (std::size_t r = 0; r < s.rows; ++r)
            same = same && bits(rows[r]) ==
                               bits(l1_loss<reduction::sum>(m.row(m.x, r), m.row(m.y, r),
                                                            weights(std::vector<float>(s.columns, m.row_weights[r])), skip_nan));
        for (std::size_t c = 0; c < s.columns; ++c)
            same = same && bits(columns[c]) ==
                               bits(l1_loss<reduction::sum>(m.column(m.x, c), m.column(m.y, c), weights(m.row_weights), skip_nan));
        CHECK(same);
    }
}

TEST_CASE("Columns on every architecture", "[rows]") {
    test::for_each_arch([&](auto arch) {
        INFO(arch.name());
        for (size const s : sizes) {
            matrices<float> const m(s);
            std::vector<float> sums(s.columns);
            l1_loss_columns<reduction::sum, void, decltype(arch)>(m.x, m.y, s.rows, sums);
            for (std::size_t c = 0; c < s.columns; ++c)
                if (bits(sums[c]) != bits(l1_loss<reduction::sum>(m.column(m.x, c), m.column(m.y, c))))
                    FAIL(s.rows << " x " << s.columns << ", column " << c);
        }
    });
}

#if L1LOSS_TEST_LOGIC // these need no forced inlining

TEST_CASE("Tensors, views, empty matrices, constant evaluation", "[rows]") {
    static constexpr tensor<float, 2, 3> x{1, 2, 3, 4, 5, 6}, y{};
    constexpr auto rows = [] {
        std::array<float, 2> out{};
        l1_loss_rows<reduction::sum>(x, y, out);
        return out;
    }();
    static_assert(rows == std::array<float, 2>{6, 15});
    constexpr auto columns = [] {
        std::array<float, 3> out{};
        l1_loss_columns(x, y, out, weights(broadcast(tensor<float, 2, 1>{3, 1})));
        return out;
    }();
    static_assert(columns == std::array<float, 3>{7 / 4.f, 11 / 4.f, 15 / 4.f});
    std::array<float, 2> out{};
    l1_loss_rows(x, y, out);
    CHECK(out == std::array<float, 2>{2, 5});
    l1_loss_rows(x, std::vector<float>(6), out);
    CHECK(out == std::array<float, 2>{2, 5});
    std::array<float, 3> down{};
    l1_loss_columns(test::strided_view<float const, 2>{x.data(), {2, 3}, {3, 1}}, y, down);
    CHECK(down == std::array<float, 3>{2.5f, 3.5f, 4.5f});

    // With five columns, some lanes of a register are past the end. Weights of rows must not fill them.
    constexpr tensor<float, 3, 5> wide{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    std::array<float, 3> each{};
    l1_loss_rows(wide, tensor<float, 3, 5>{}, each, weights(broadcast(tensor<float, 3, 1>{1, 2, 3})));
    CHECK(each == std::array<float, 3>{3, 8, 13});
    l1_loss_rows(tensor<float>{3}, tensor<float>{1}, std::span(each).first(1)); // a scalar is one row
    CHECK(each[0] == 2);
    // The number of rows splits elements in one dimension, of arrays and of views alike. A matrix must have the shape of the
    // others.
    std::vector<float> const x15(wide.begin(), wide.end()), y15(15);
    test::strided_view<float const, 1> const line{x15.data(), {15}, {1}};
    std::vector<float> expected(3);
    l1_loss_rows(x15, y15, 3, expected, weights(x15));
    std::vector<float> of_line(3);
    l1_loss_rows(line, y15, 3, of_line, weights(line));
    CHECK(of_line == expected);
    l1_loss_rows(x15, y15, 3, of_line, weights(line));
    CHECK(of_line == expected);
    std::vector<unsigned char> const bytes(15, 1);
    CHECK(test::message([&] {
              l1_loss_rows(x15, y15, 5, std::vector<float>(5),
                           where(test::strided_view<unsigned char const, 2>{bytes.data(), {3, 5}, {5, 1}}));
          }) == "l1loss: input is 5 x 3, mask is 3 x 5, expected one shape, or l1loss::broadcast");
    std::vector<std::size_t> counts(3);
    l1_loss_rows(x15, y15, 3, of_line, weights(x15), count(counts)); // weights alone leave no element out
    CHECK(of_line == expected);
    CHECK(counts == std::vector<std::size_t>(3, 5));

    std::vector<float> const empty;
    std::vector<float> three(3, -1), none;
    l1_loss_rows(empty, empty, 3, three); // three rows without elements
    CHECK((std::isnan(three[0]) && std::isnan(three[1]) && std::isnan(three[2])));
    l1_loss_rows<reduction::sum>(empty, empty, 3, three);
    CHECK(three == std::vector<float>{0, 0, 0});
    l1_loss_rows(empty, empty, 0, none);
    l1_loss_columns(empty, empty, 3, none);
}

namespace {

/// Calls every function on a matrix without elements, of `rows` rows and `columns` columns.
template <class X> void call_all_on_nothing(X const& x, std::size_t rows, std::size_t columns) {
    INFO(rows << " x " << columns);
    CHECK(l1_loss<reduction::sum>(x, x) == 0);
    CHECK(std::isnan(l1_loss(x, x, skip_nan)));
    std::vector<float> none;
    l1_loss<reduction::none>(x, x, none);
    l1_loss_backward(x, x, none);
    CHECK(l1_loss_with_gradient<reduction::sum>(x, x, none) == 0);
    l1loss::l1_accumulator<float> all;
    all.update(x, x);
    CHECK(all.count() == 0);
    for (bool const by_column : {false, true}) {
        std::size_t const losses = by_column ? columns : rows;
        std::vector<float> sums(losses, -1), means(losses, -1);
        std::vector<std::size_t> counts(losses, 9);
        if (by_column) l1_loss_columns<reduction::sum>(x, x, sums, skip_nan, count(counts)), l1_loss_columns(x, x, means);
        else l1_loss_rows<reduction::sum>(x, x, sums, skip_nan, count(counts)), l1_loss_rows(x, x, means);
        for (std::size_t k = 0; k < losses; ++k) CHECK((bits(sums[k]) == 0 && std::isnan(means[k]) && counts[k] == 0));
    }
}

} // namespace

TEST_CASE("A shape with a 0 in any place has rows and columns of nothing", "[rows]") {
    call_all_on_nothing(tensor<float, 0>{}, 0, 1);
    call_all_on_nothing(tensor<float, 0, 5>{}, 0, 5);
    call_all_on_nothing(tensor<float, 5, 0>{}, 5, 0);
    call_all_on_nothing(tensor<float, 0, 2, 3>{}, 0, 6);
    call_all_on_nothing(tensor<float, 2, 0, 3>{}, 2, 0);
    call_all_on_nothing(tensor<float, 2, 3, 0>{}, 2, 0);
    float x[1] = {};
    call_all_on_nothing(test::strided_view<float, 1>{x, {0}, {2}}, 0, 1);
    call_all_on_nothing(test::strided_view<float, 2>{x, {0, 5}, {5, 1}}, 0, 5);
    call_all_on_nothing(test::strided_view<float, 2>{x, {5, 0}, {1, 7}}, 5, 0);
    call_all_on_nothing(test::strided_view<float, 3>{x, {0, 2, 3}, {9, 4, 1}}, 0, 6);
    call_all_on_nothing(test::strided_view<float, 3>{x, {2, 0, 3}, {9, 4, 1}}, 2, 0);
    call_all_on_nothing(test::strided_view<float, 3>{x, {2, 3, 0}, {9, 4, 1}}, 2, 0);
    std::vector<float> memory(4);
    l1_loss_rows(tensor<float, 0, 5>{}, tensor<float, 0, 5>{}, std::span(memory.data(), 0),
                 count(std::span(reinterpret_cast<std::size_t*>(memory.data()), 0))); // outputs of nothing do not overlap

    auto const number_of_columns = [](auto const& nothing) { // where 0 rows are given
        std::string const error = test::message([&] { l1_loss_columns(nothing, nothing, 0, std::vector<float>(9)); });
        return error.substr(0, error.find(','));
    };
    CHECK(number_of_columns(std::vector<float>()) == "l1loss: input has 0 columns");
    CHECK(number_of_columns(test::strided_view<float, 1>{x, {0}, {2}}) == "l1loss: input has 0 columns");
    CHECK(number_of_columns(test::strided_view<float, 2>{x, {0, 5}, {5, 1}}) == "l1loss: input has 5 columns");
    CHECK(number_of_columns(tensor<float, 0, 5>{}) == "l1loss: input has 5 columns");
}

TEST_CASE("What does not fit is refused, and nothing written", "[rows]") {
    std::vector<float> const x(15), y(15);
    std::vector<float> out(4, -1);
    CHECK(test::message([&] { l1_loss_rows(x, y, 4, out); }) ==
          "l1loss: input has 15 elements, expected a multiple of 4, the rows");
    CHECK(test::message([&] { l1_loss_rows(x, y, 3, out); }) == "l1loss: input has 3 rows, output has 4 elements");
    CHECK(test::message([&] { l1_loss_columns(x, y, 3, out); }) == "l1loss: input has 5 columns, output has 4 elements");
    CHECK(test::message([&] { l1_loss_rows(x, y, -1, out); }) == "l1loss: rows is -1, expected 0 or more");
    CHECK(test::message([&] { l1_loss_rows(x, y, 0, out); }) ==
          "l1loss: input has 15 elements, expected a multiple of 0, the rows");
    CHECK(test::message([&] { l1_loss_rows(x, std::vector<float>(14), 3, out); }) ==
          "l1loss: input has 15 elements, target has 14");
    CHECK(test::message([&] { l1_loss_rows(tensor<float, 3, 4>{}, tensor<float, 3, 4>{}, 12, std::vector<float>(12)); }) ==
          "l1loss: input has 3 rows, and rows is 12");
    std::vector<float> memory(20);
    CHECK(test::message([&] { l1_loss_rows(x, y, 3, std::span(memory.data() + 1, 3), weights(std::span(memory.data(), 15))); }) ==
          "l1loss: output overlaps weights in part, expected the same memory and type, or none of it");
    test::strided_view<float const, 2> const each_row{memory.data(), {3, 1}, {1, 1}};
    CHECK(test::message([&] { l1_loss_rows(x, y, 3, std::span(memory.data() + 1, 3), weights(broadcast(each_row))); }) ==
          "l1loss: output overlaps weights in part, expected the same memory and type, or none of it");
    CHECK(test::message([&] { l1_loss_rows(x, y, 3, std::span(out).first(3), weights(std::span(memory).first(3))); }) ==
          "l1loss: input has 15 elements, weights has 3"); // one weight per row needs broadcast
    CHECK(test::message([&] { l1_loss_rows(std::span(memory.data(), 15), y, 3, std::span(memory.data() + 14, 3)); }) ==
          "l1loss: output overlaps input in part, expected the same memory and type, or none of it");
    CHECK(out == std::vector<float>(4, -1));
    for (std::ptrdiff_t const stride : {-1, 0, 2}) {
        test::strided_view<float, 1> const strided{memory.data() + 4, {3}, {stride}};
        auto const error = [](auto f) { return test::message(f) == "l1loss: output is strided, expected contiguous elements"; };
        CHECK(error([&] { l1_loss_rows(x, y, 3, strided); }));
        CHECK(error([&] { l1_loss_columns(x, y, 5, strided); }));
    }
    CHECK(memory == std::vector<float>(20));
}

#endif
