// Views: strides of any kind give the bits of the contiguous copy in row-major order; what is refused says why; and the real
// objects of Eigen, xtensor and, where the standard library has it, std::mdspan.
#include <numeric>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"
#include "support/strided_view.hpp"

#if __has_include(<mdspan>)
#include <mdspan>
#endif
#if L1LOSS_TEST_EIGEN
#include <Eigen/Core>
#endif
#if L1LOSS_TEST_XTENSOR
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif

using namespace l1loss;
using test::bits;
using test::strided_view;
using floats = std::vector<float>;

namespace {

/// The elements of a view in row-major order, one by one.
template <class T, std::size_t Rank>
std::vector<std::remove_const_t<T>> copy(strided_view<T, Rank> const& v) {
    std::vector<std::remove_const_t<T>> all;
    std::array<std::size_t, Rank> index{};
    std::size_t const n = std::accumulate(v.extents.begin(), v.extents.end(), std::size_t{1}, std::multiplies<>{});
    for (std::size_t i = 0; i < n; ++i) {
        std::ptrdiff_t at = 0;
        for (std::size_t d = 0; d < Rank; ++d) at += static_cast<std::ptrdiff_t>(index[d]) * v.strides[d];
        all.push_back(v.data[at]);
        for (std::size_t d = Rank; d-- > 0 && ++index[d] == v.extents[d];) index[d] = 0;
    }
    return all;
}

/// Everything that can be computed of two views gives the bits that it gives for their copies.
template <class T, std::size_t Rank>
void check_as_copies(strided_view<T const, Rank> const& x, strided_view<T const, Rank> const& y) {
    auto const a = copy(x), b = copy(y);
    std::size_t const n = a.size();
    CHECK(bits(l1_loss(x, y)) == bits(l1_loss(a, b)));
    CHECK(bits(l1_loss<reduction::sum>(x, b)) == bits(l1_loss<reduction::sum>(a, b))); // one of the two alone
    if constexpr (Rank > 2 || sizeof(T) > 4) return; // the same code but for how an index becomes an address
    CHECK(bits(l1_loss(a, y)) == bits(l1_loss(a, b)));
    CHECK(bits(l1_loss(a, b, weights(y))) == bits(l1_loss(a, b, weights(b))));
    static std::vector<unsigned char> const bytes = [] {
        std::vector<unsigned char> all(200000);
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = test::split_mix(12, i) % 3 == 0;
        return all;
    }();
    strided_view<unsigned char const, Rank> const mask{bytes.data(), y.extents, y.strides};
    CHECK(bits(l1_loss(x, y, where(mask), skip_nan)) == bits(l1_loss(a, b, where(copy(mask)), skip_nan)));
    std::vector<T> of_views(n), of_copies(n);
    l1_loss<reduction::none>(x, y, of_views);
    l1_loss<reduction::none>(a, b, of_copies);
    CHECK(of_views == of_copies);
    CHECK(bits(l1_loss_with_gradient(x, y, of_views, weights(x))) == bits(l1_loss_with_gradient(a, b, of_copies, weights(a))));
    CHECK(of_views == of_copies);
    l1_loss_backward<reduction::sum>(x, y, of_views, skip_nan);
    l1_loss_backward<reduction::sum>(a, b, of_copies, skip_nan);
    CHECK(of_views == of_copies);
    std::vector<T> rows(x.extents[0]), rows_of_copies(x.extents[0]);
    l1_loss_rows(x, y, rows);
    l1_loss_rows(a, b, x.extents[0], rows_of_copies);
    CHECK(rows == rows_of_copies);
    std::vector<T> columns(n / x.extents[0]), columns_of_copies(n / x.extents[0]);
    l1_loss_columns(x, y, columns);
    l1_loss_columns(a, b, x.extents[0], columns_of_copies);
    CHECK(columns == columns_of_copies);
}

} // namespace

TEMPLATE_TEST_CASE("A view gives the bits of its contiguous copy", "[view]", float, double) {
    auto const [x, y] = test::make_pair<TestType>(test::distribution::uniform, 200000);
    using matrix = strided_view<TestType const, 2>;
    using cube = strided_view<TestType const, 3>;
    constexpr int shapes[][2] = {{1, 1},   {1, 5},    {5, 1},   {3, 7},   {8, 8},   {15, 15}, {9, 64},   {40, 63},
                                 {7, 130}, {3, 1000}, {70, 33}, {40, 65}, {40, 79}, {9, 521}, {3, 2100}, {300, 9}};
    for (auto const& [rows, columns] : shapes) {
        auto const r = static_cast<std::size_t>(rows), c = static_cast<std::size_t>(columns);
        INFO(rows << " x " << columns);
        auto const y_of = [&, &y = y](std::ptrdiff_t row, std::ptrdiff_t column) {
            return matrix{y.data() + 100000, {r, c}, {row, column}};
        };
        matrix const packed = y_of(columns, 1);
        check_as_copies(matrix{x.data(), {r, c}, {columns, 1}}, packed);
        check_as_copies(matrix{x.data(), {r, c}, {columns + 3, 1}}, packed);               // padded rows
        check_as_copies(matrix{x.data(), {r, c}, {columns + 3, 1}}, y_of(columns + 1, 1)); // of different pitch
        check_as_copies(matrix{x.data(), {r, c}, {1, rows}}, packed);                      // transposed
        check_as_copies(matrix{x.data(), {r, c}, {1, rows}}, y_of(1, rows));
        check_as_copies(matrix{x.data() + 50000, {r, c}, {-columns, -1}}, packed); // backwards
        check_as_copies(matrix{x.data(), {r, c}, {2 * columns, 2}}, packed);       // every second
        check_as_copies(matrix{x.data(), {r, c}, {0, 1}}, packed);                 // one row over and over
        check_as_copies(matrix{x.data(), {r, c}, {1, 0}}, y_of(0, 0));
        check_as_copies(cube{x.data(), {r, 3, c}, {3 * columns, columns, 1}},
                        cube{y.data(), {r, 3, c}, {columns, columns * rows, 1}});
        check_as_copies(cube{x.data(), {3, r, c}, {1, 3, 3 * rows}}, cube{y.data(), {3, r, c}, {columns * rows, columns + 2, 1}});
    }
    strided_view<TestType const, 0> const scalar{x.data(), {}, {}}, other{y.data(), {}, {}};
    CHECK(bits(l1_loss(scalar, other)) == bits(l1_loss(x.data(), y.data(), 1)));
    matrix const empty{x.data(), {0, 3}, {5, 1}};
    CHECK(std::isnan(l1_loss(empty, empty)));
}

TEST_CASE("A view whose rank is known at run time only", "[view]") {
    struct any_rank {
        float const* data;
        std::size_t dimensions;
        std::size_t rank() const { return dimensions; }
        std::size_t extent(std::size_t) const { return 1; }
        std::ptrdiff_t stride(std::size_t) const { return 1; }
        float const* data_handle() const { return data; }
    };
    float const x = 3, y = 1;
    CHECK(l1_loss(any_rank{&x, 8}, any_rank{&y, 8}) == 2);
    CHECK(l1_loss(any_rank{&x, 0}, any_rank{&y, 0}) == 2);
    CHECK(test::message([&] {
              (void)l1_loss(any_rank{&x, 9}, any_rank{&y, 9});
          }) == "l1loss: an argument has 9 dimensions, expected at most 8");
}

TEST_CASE("A view in constant evaluation", "[view]") {
    static constexpr float x[6] = {1, 2, 3, 4, 5, 6};
    constexpr strided_view<float const, 2> transposed{x, {3, 2}, {1, 3}}; // 1 4 | 2 5 | 3 6
    static_assert(l1_loss<reduction::sum>(transposed, std::array{1.f, 4.f, 2.f, 5.f, 3.f, 7.f}) == 1);
    static_assert(l1_loss<reduction::sum>(broadcast(tensor<float, 2, 1>{1, 2}), tensor<float, 2, 2>{1, 3, 2, 5}) == 5);
    SUCCEED();
}

TEST_CASE("broadcast extends what is named, by NumPy's rules, and nothing else is extended", "[view]") {
    floats const x{1, 2, 3, 4, 5, 6}, row{1, 2, 3}, column{10, 20};
    strided_view<float const, 2> const matrix{x.data(), {2, 3}, {3, 1}}, as_row{row.data(), {1, 3}, {3, 1}},
        as_column{column.data(), {2, 1}, {1, 1}};
    // NumPy 1.24: abs(x - row).sum() etc.
    CHECK(l1_loss<reduction::sum>(matrix, broadcast(row)) == 9);
    CHECK(l1_loss<reduction::sum>(matrix, broadcast(as_row)) == 9);
    CHECK(l1_loss<reduction::sum>(matrix, broadcast(as_column)) == 69);
    CHECK(l1_loss<reduction::sum>(broadcast(as_column), matrix) == 69);
    CHECK(l1_loss<reduction::sum>(x, broadcast(tensor<float>{1})) == 15); // to elements without a shape as well
    CHECK(l1_loss<reduction::sum>(broadcast(as_row), broadcast(as_column)) == 78);
    CHECK(l1_loss<reduction::sum>(matrix, broadcast(tensor<float>{1})) == 15);
    CHECK(l1_loss<reduction::sum>(matrix, x, weights(broadcast(as_column))) == 0);
    CHECK(l1_loss(broadcast(as_row), broadcast(as_column)) == 13);
    floats out(6);
    l1_loss<reduction::none>(broadcast(as_row), broadcast(as_column), out);
    CHECK(out == floats{9, 8, 7, 19, 18, 17});

    CHECK(test::message([&] { (void)l1_loss(matrix, as_row); }) ==
          "l1loss: input is 2 x 3, target is 1 x 3, expected one shape, or l1loss::broadcast");
    CHECK(test::message([&] { (void)l1_loss(matrix, broadcast(column)); }) ==
          "l1loss: target is 2, which cannot be broadcast to 2 x 3");
    CHECK(test::message([&] { (void)l1_loss(broadcast(matrix), as_row); }) ==
          "l1loss: input is 2 x 3, which cannot be broadcast to 1 x 3");
    CHECK(test::message([&] { (void)l1_loss(broadcast(column), broadcast(row)); }) ==
          "l1loss: input is 2, target is 3, expected one shape, or l1loss::broadcast");
    CHECK(test::message([&] { (void)l1_loss(matrix, row); }) == "l1loss: input has 6 elements, target has 3");
    CHECK(test::message([&] { (void)l1_loss(matrix, matrix, weights(as_row)); }) ==
          "l1loss: input is 2 x 3, weights is 1 x 3, expected one shape, or l1loss::broadcast");
    // The mistake that NumPy and PyTorch make silently: N x 1 against N.
    CHECK(test::message([&] {
              (void)l1_loss(as_column, strided_view<float const, 1>{column.data(), {2}, {1}});
          }) == "l1loss: input is 2 x 1, target is 2, expected one shape, or l1loss::broadcast");
}

TEST_CASE("Outputs of views are contiguous, and overlap nothing that is read in another order", "[view]") {
    floats x{1, 2, 3, 4, 5, 6, 7, 8}, y(8), out(8);
    strided_view<float, 2> const padded{out.data(), {2, 3}, {4, 1}}, dense{out.data(), {2, 3}, {3, 1}};
    strided_view<float const, 2> const input{x.data(), {2, 3}, {4, 1}}, transposed{x.data(), {2, 3}, {1, 2}},
        target{y.data(), {2, 3}, {3, 1}}, packed{x.data(), {2, 3}, {3, 1}};
    l1_loss<reduction::none>(input, target, dense);
    CHECK(out == floats{1, 2, 3, 5, 6, 7, 0, 0});
    CHECK(test::message([&] { l1_loss<reduction::none>(input, target, padded); }) ==
          "l1loss: output is strided, or in another storage order, expected contiguous elements");
    CHECK(test::message([&] {
              l1_loss<reduction::none>(transposed, target, strided_view<float, 2>{x.data(), {2, 3}, {3, 1}});
          }) == "l1loss: output overlaps input in part, expected the same memory and type, or none of it");
    CHECK(x == floats{1, 2, 3, 4, 5, 6, 7, 8});
    l1_loss<reduction::none>(packed, transposed, out.data() + 0);                               // reads x, writes out
    l1_loss<reduction::none>(packed, target, strided_view<float, 2>{x.data(), {2, 3}, {3, 1}}); // over its input
    CHECK(x == floats{1, 2, 3, 4, 5, 6, 7, 8});
}

#ifdef __cpp_lib_mdspan

TEST_CASE("std::mdspan", "[view]") {
    floats const x{1, 2, 3, 4, 5, 6}, y(6);
    std::mdspan const a(x.data(), 2, 3), b(y.data(), 2, 3);
    std::mdspan<float const, std::dextents<int, 2>, std::layout_left> const left(x.data(), 3, 2);
    std::mdspan<float const, std::extents<int, 2, 3>, std::layout_stride> const strided(
        x.data(), std::layout_stride::mapping(std::extents<int, 2, 3>{}, std::array{1, 2}));
    CHECK(l1_loss<reduction::sum>(a, b) == 21);
    CHECK(l1_loss<reduction::sum>(a, y) == 21);
    CHECK(l1_loss<reduction::sum>(left, floats{1, 4, 2, 5, 3, 6}) == 0);
    CHECK(l1_loss<reduction::sum>(strided, floats{1, 3, 5, 2, 4, 6}) == 0);
    CHECK(test::message([&] { (void)l1_loss(a, left); }) ==
          "l1loss: input is 2 x 3, target is 3 x 2, expected one shape, or l1loss::broadcast");
}

#endif
#if L1LOSS_TEST_EIGEN

TEST_CASE("Eigen: vectors, matrices, maps and blocks", "[view]") {
    using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    row_major rows(3, 4), zeros = row_major::Zero(3, 4);
    Eigen::MatrixXf columns(3, 4), no_columns = Eigen::MatrixXf::Zero(3, 4);
    rows << 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12;
    columns = rows;
    floats const data{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

    CHECK(l1_loss<reduction::sum>(rows, zeros) == 78);
    CHECK(l1_loss<reduction::sum>(rows, data) == 0);
    CHECK(l1_loss<reduction::sum>(rows, tensor<float, 3, 4>{}) == 78);
    CHECK(l1_loss<reduction::sum>(Eigen::Map<Eigen::ArrayXf const>(data.data(), 12), floats(12)) == 78);
    CHECK(l1_loss<reduction::sum>(Eigen::Vector3f(1, 2, 3), Eigen::Vector3f(3, 2, 1)) == 4);
    CHECK(l1_loss<reduction::sum>(rows.row(1), floats(4)) == 26);
    CHECK(l1_loss<reduction::sum>(rows.middleRows(1, 2), row_major::Zero(2, 4).eval()) == 68);
    CHECK(l1_loss<reduction::sum>(rows.leftCols(2), floats{1, 2, 5, 6, 9, 10}) == 0);
    CHECK(l1_loss<reduction::sum>(rows.col(1), floats{2, 6, 10}) == 0);
    CHECK(l1_loss<reduction::sum>(rows.col(1), columns.col(1)) == 0);
    CHECK(l1_loss<reduction::sum>(Eigen::Map<Eigen::VectorXf const, 0, Eigen::InnerStride<2>>(data.data(), 6),
                                  floats{1, 3, 5, 7, 9, 11}) == 0);
    CHECK(l1_loss<reduction::sum>(Eigen::Map<row_major const, 0, Eigen::OuterStride<>>(data.data(), 2, 4, Eigen::OuterStride<>(6)),
                                  floats{1, 2, 3, 4, 7, 8, 9, 10}) == 0);
    CHECK(l1_loss<reduction::sum>(row_major(0, 4), row_major(0, 4)) == 0);
    Eigen::ArrayXf out(12);
    l1_loss<reduction::none>(data, floats(12), out);
    CHECK(out.sum() == 78);

    // Stored by columns on both sides: one behind the other as they lie, blocks as their copies. Else row by row.
    auto const [x, y] = test::make_pair<float>(test::distribution::uniform, 70 * 90);
    Eigen::MatrixXf a = Eigen::Map<Eigen::MatrixXf const>(x.data(), 70, 90),
                    b = Eigen::Map<Eigen::MatrixXf const>(y.data(), 70, 90);
    CHECK(bits(l1_loss(a, b)) == bits(l1_loss(x, y)));
    Eigen::MatrixXf const block = a.block(3, 5, 40, 50), other = b.block(1, 2, 40, 50);
    CHECK(bits(l1_loss(a.block(3, 5, 40, 50), b.block(1, 2, 40, 50))) == bits(l1_loss(block, other)));
    row_major const by_row = a, other_by_row = b;
    CHECK(bits(l1_loss(a, other_by_row)) == bits(l1_loss(by_row, other_by_row)));
    Eigen::MatrixXf gradient(70, 90);
    l1_loss_backward<reduction::sum>(a, b, gradient);
    CHECK(gradient == (a - b).cwiseSign());
    gradient.setZero();
    l1_loss_backward<reduction::sum>(broadcast(a), b, gradient); // by columns as well
    CHECK(gradient == (a - b).cwiseSign());
    Eigen::VectorXf of_column(70);
    l1_loss_backward<reduction::sum>(broadcast(a.col(0)), b, of_column);
    CHECK(of_column == (a.col(0).replicate(1, 90) - b).cwiseSign().rowwise().sum());
    Eigen::VectorXf losses(70);
    l1_loss_rows(a, b, losses); // rows are rows, however they are stored
    CHECK(bits(losses[7]) == bits(l1_loss(by_row.row(7), other_by_row.row(7))));

    // A vector is a row or a column next to a matrix, and where it is extended.
    CHECK(l1_loss<reduction::sum>(rows, broadcast(rows.row(0))) == 48);
    CHECK(l1_loss<reduction::sum>(rows, broadcast(rows.col(0))) == 18);
    CHECK(l1_loss<reduction::sum>(Eigen::MatrixXf(rows.col(1)), columns.col(1)) == 0);
    CHECK(l1_loss<reduction::sum>(columns.col(1), Eigen::MatrixXf(rows.col(1))) == 0);
    Eigen::VectorXf per_row(3);
    l1_loss_rows<reduction::sum>(rows, zeros, per_row, weights(Eigen::Vector3f(1, 0, 2)));
    CHECK(per_row == Eigen::Vector3f(10, 0, 84));
    CHECK(test::message([&] { l1_loss_rows(rows, zeros, 12, per_row); }) == "l1loss: input has 3 rows, and rows is 12");
    CHECK(test::message([&] { l1_loss_rows(rows, zeros, per_row, weights(rows.row(0).leftCols(3).eval())); }) ==
          "nothing was thrown");
    CHECK(test::message([&] { l1_loss_rows(rows, zeros, per_row, weights(rows.col(0))); }) ==
          "l1loss: weights is strided, expected contiguous elements");
    Eigen::MatrixXf unsized;
    CHECK(test::message([&] { l1_loss<reduction::none>(columns, columns, unsized); }) == "l1loss: output is 0 x 0, expected 3 x 4");

    CHECK(test::message([&] { (void)l1_loss(rows, row_major::Ones(4, 3).eval()); }) ==
          "l1loss: input is 3 x 4, target is 4 x 3, expected one shape, or l1loss::broadcast");
    CHECK(test::message([&] { (void)l1_loss(columns, data); }) ==
          "l1loss: target has no shape and the others are stored column by column, expected one storage order");
    CHECK(test::message([&] { l1_loss<reduction::none>(floats(3), floats(3), rows.col(1)); }) ==
          "l1loss: output is strided, expected contiguous elements");
    CHECK(test::message([&] { l1_loss<reduction::none>(rows, rows, no_columns); }) ==
          "l1loss: output is strided, or in another storage order, expected contiguous elements");
}

#endif
#if L1LOSS_TEST_XTENSOR

TEST_CASE("xtensor: tensors and views", "[view]") {
    xt::xtensor<float, 2> const x{{1, 2, 3}, {4, 5, 6}}, zeros = xt::zeros<float>({2, 3}), other = xt::zeros<float>({3, 2});
    xt::xtensor<float, 2, xt::layout_type::column_major> const columns = x;
    xt::xtensor<float, 2> const narrow = xt::ones<float>({4, 1}); // whose strides xtensor sets to 0
    CHECK(l1_loss<reduction::sum>(x, zeros) == 21);
    CHECK(l1_loss<reduction::sum>(x, floats(6)) == 21);
    CHECK(l1_loss<reduction::sum>(narrow, floats(4)) == 4);
    CHECK(l1_loss<reduction::sum>(columns, x) == 0);
    CHECK(l1_loss<reduction::sum>(xt::view(x, 1, xt::all()), floats{4, 5, 6}) == 0); // does not begin where its data() does
    CHECK(l1_loss<reduction::sum>(xt::view(x, xt::all(), 1), floats{2, 5}) == 0);
    CHECK(l1_loss<reduction::sum>(xt::view(x, xt::all(), xt::range(1, 3)), floats{2, 3, 5, 6}) == 0);
    CHECK(l1_loss<reduction::sum>(xt::view(x, xt::range(0, 2), xt::range(0, 3, 2)), floats{1, 3, 4, 6}) == 0);
    CHECK(test::message([&] { (void)l1_loss(x, other); }) ==
          "l1loss: input is 2 x 3, target is 3 x 2, expected one shape, or l1loss::broadcast");
}

#endif
