// Tests objects of other libraries, of the program and of the language that have a shape of their own.
#include <cmath>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"

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
#if L1LOSS_TEST_OPENCV
#include <opencv2/core.hpp>
#endif
#if L1LOSS_TEST_ARMADILLO
#define ARMA_DONT_USE_WRAPPER
#include <armadillo>
#endif

namespace test {

/// An image with rows of any distance and a shape of its own, which only view_traits tells.
struct image {
    std::vector<float> pixels;
    int width, height, pitch;

    float* data() { return pixels.data(); }
    float const* data() const { return pixels.data(); }
    std::size_t size() const { return pixels.size(); }
};

/// A matrix that is stored by columns, with as much of Armadillo's as the library reads.
struct by_columns {
    std::size_t n_rows, n_cols;
    std::vector<float> memory;

    float* memptr() { return memory.data(); }
    float const* memptr() const { return memory.data(); }
    auto begin() const { return memory.begin(); }
    auto end() const { return memory.end(); }
    std::size_t size() const { return memory.size(); }
};
struct cube_by_columns : by_columns {
    std::size_t n_slices;
};

} // namespace test

template <> struct l1loss::view_traits<test::image> {
    static auto of(auto& m) { return l1loss::strided(m.data(), {{m.height, m.pitch}, {m.width, 1}}); }
};

#if L1LOSS_TEST_OPENCV // as in the comment of view_traits
template <class T> struct l1loss::view_traits<cv::Mat_<T>> {
    static auto of(auto& m) { return l1loss::strided(m[0], {{m.rows, m.step1()}, {m.cols, 1}}); }
};
template <class T, int N> struct l1loss::view_traits<cv::Mat_<cv::Vec<T, N>>> {
    static auto of(auto& m) { return l1loss::strided(m[0]->val, {{m.rows, m.step1()}, {m.cols, N}, {N, 1}}); }
};
#endif

using namespace l1loss;
using test::bits;
using floats = std::vector<float>;

#ifdef __cpp_lib_mdspan

TEST_CASE("std::mdspan", "[libraries]") {
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

TEST_CASE("Eigen: vectors, matrices, maps and blocks", "[libraries]") {
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

    // Two matrices stored by columns are taken in that order, and blocks of them like their copies. All others are taken row by
    // row.
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
    l1_loss_backward<reduction::sum>(broadcast(a), b, gradient); // also taken by columns
    CHECK(gradient == (a - b).cwiseSign());
    Eigen::VectorXf of_column(70);
    l1_loss_backward<reduction::sum>(broadcast(a.col(0)), b, of_column);
    CHECK(of_column == (a.col(0).replicate(1, 90) - b).cwiseSign().rowwise().sum());
    Eigen::VectorXf losses(70);
    l1_loss_rows(a, b, losses); // rows do not depend on the storage order
    CHECK(bits(losses[7]) == bits(l1_loss(by_row.row(7), other_by_row.row(7))));

    // Next to a matrix, and where it is broadcast, a vector is a row or a column.
    CHECK(l1_loss<reduction::sum>(rows, broadcast(rows.row(0))) == 48);
    CHECK(l1_loss<reduction::sum>(rows, broadcast(rows.col(0))) == 18);
    CHECK(l1_loss<reduction::sum>(Eigen::MatrixXf(rows.col(1)), columns.col(1)) == 0);
    CHECK(l1_loss<reduction::sum>(columns.col(1), Eigen::MatrixXf(rows.col(1))) == 0);
    Eigen::VectorXf per_row(3);
    l1_loss_rows<reduction::sum>(rows, zeros, per_row, weights(broadcast(Eigen::Vector3f(1, 0, 2))));
    CHECK(per_row == Eigen::Vector3f(10, 0, 84));
    CHECK(test::message([&] { l1_loss_rows(rows, zeros, 12, per_row); }) == "l1loss: input has 3 rows, and rows is 12");
    l1_loss_rows<reduction::sum>(rows, zeros, per_row, weights(broadcast(rows.col(0)))); // strided
    CHECK(per_row == Eigen::Vector3f(10, 130, 378));
    CHECK(test::message([&] { l1_loss_rows(rows, zeros, per_row, weights(rows.col(0))); }) ==
          "l1loss: input is 3 x 4, weights is 3 x 1, expected one shape, or l1loss::broadcast");
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

TEST_CASE("xtensor: tensors and views", "[libraries]") {
    xt::xtensor<float, 2> const x{{1, 2, 3}, {4, 5, 6}}, zeros = xt::zeros<float>({2, 3}), other = xt::zeros<float>({3, 2});
    xt::xtensor<float, 2, xt::layout_type::column_major> const columns = x;
    xt::xtensor<float, 2> const narrow = xt::ones<float>({4, 1}); // xtensor sets its strides to 0
    CHECK(l1_loss<reduction::sum>(x, zeros) == 21);
    CHECK(l1_loss<reduction::sum>(x, floats(6)) == 21);
    CHECK(l1_loss<reduction::sum>(narrow, floats(4)) == 4);
    CHECK(l1_loss<reduction::sum>(columns, x) == 0);
    CHECK(l1_loss<reduction::sum>(xt::view(x, 1, xt::all()), floats{4, 5, 6}) == 0); // it does not begin at its data()
    CHECK(l1_loss<reduction::sum>(xt::view(x, xt::all(), 1), floats{2, 5}) == 0);
    CHECK(l1_loss<reduction::sum>(xt::view(x, xt::all(), xt::range(1, 3)), floats{2, 3, 5, 6}) == 0);
    CHECK(l1_loss<reduction::sum>(xt::view(x, xt::range(0, 2), xt::range(0, 3, 2)), floats{1, 3, 4, 6}) == 0);
    CHECK(test::message([&] { (void)l1_loss(x, other); }) ==
          "l1loss: input is 2 x 3, target is 3 x 2, expected one shape, or l1loss::broadcast");
}

#endif

TEST_CASE("A type of one's own, by view_traits", "[libraries]") {
    test::image const x{{1, 2, 3, 99, 4, 5, 6, 99}, 3, 2, 4}, y{{0, 0, 0, 98, 0, 0, 0}, 3, 2, 4};
    CHECK(l1_loss<reduction::sum>(x, y) == 21);
    floats rows(2);
    l1_loss_rows<reduction::sum>(x, y, rows);
    CHECK(rows == floats{6, 15});
    test::image const other{floats(6), 2, 3, 2};
    CHECK(test::message([&] { l1_loss(x, other); }) ==
          "l1loss: input is 2 x 3, target is 3 x 2, expected one shape, or l1loss::broadcast");
    test::image out{floats(8), 3, 2, 3};
    l1_loss<reduction::none>(x, y, out);
    CHECK(out.pixels == floats{1, 2, 3, 4, 5, 6, 0, 0});
    CHECK(test::message([&] { l1_loss<reduction::none>(x, y, strided(out.data(), {{2, 4}, {3, 1}})); }) ==
          "l1loss: output is strided, or in another storage order, expected contiguous elements");
}

#if L1LOSS_TEST_OPENCV

TEST_CASE("Matrices of OpenCV and regions of them, by view_traits", "[libraries]") {
    auto [x, y] = test::make_pair<float>(test::distribution::uniform, 70 * 90);
    cv::Mat_<float> const a(70, 90, x.data()), b(70, 90, y.data());
    CHECK(bits(l1_loss(a, b)) == bits(l1_loss(x, y)));
    cv::Mat_<float> const part = a(cv::Rect(5, 3, 50, 40)), other = b(cv::Rect(7, 1, 50, 40));
    floats const copy(part.begin(), part.end()), other_copy(other.begin(), other.end());
    CHECK(!part.isContinuous());
    CHECK(bits(l1_loss(part, other)) == bits(l1_loss(copy, other_copy)));
    cv::Mat_<float> out(40, 50), padded = cv::Mat_<float>(70, 90)(cv::Rect(5, 3, 50, 40));
    l1_loss<reduction::none>(part, other, out);
    CHECK(out(39, 48) == std::abs(part(39, 48) - other(39, 48)));
    CHECK(test::message([&] { l1_loss<reduction::none>(part, other, padded); }) ==
          "l1loss: output is strided, or in another storage order, expected contiguous elements");
    CHECK(test::message([&] { (void)l1_loss(a, part); }) ==
          "l1loss: input is 70 x 90, target is 40 x 50, expected one shape, or l1loss::broadcast");
}

TEST_CASE("Matrices of OpenCV with several elements per pixel", "[libraries]") {
    auto [x, y] = test::make_pair<float>(test::distribution::uniform, 70 * 30 * 3);
    auto const pixels = [](floats& data) { return cv::Mat_<cv::Vec3f>(cv::Mat(70, 30, CV_32FC3, data.data())); };
    cv::Mat_<cv::Vec3f> const a = pixels(x), b = pixels(y), part = a(cv::Rect(2, 3, 20, 40)), other = b(cv::Rect(7, 1, 20, 40));
    auto const copy_of = [](cv::Mat const& m) {
        cv::Mat_<float> const elements = m.reshape(1);
        return floats(elements.begin(), elements.end());
    };
    CHECK(bits(l1_loss(a, b)) == bits(l1_loss(x, y)));
    CHECK(!part.isContinuous());
    CHECK(bits(l1_loss(part, other)) == bits(l1_loss(copy_of(part), copy_of(other))));
    floats per_row(40);
    l1_loss_rows<reduction::sum>(part, part, per_row);
    CHECK(per_row == floats(40));
    CHECK(test::message([&] { (void)l1_loss(a, part); }) ==
          "l1loss: input is 70 x 30 x 3, target is 40 x 20 x 3, expected one shape, or l1loss::broadcast");
}

#endif

TEST_CASE("A view that is made in place", "[libraries]") {
    floats const x{1, 2, 3, 4, 5, 6}, y(6);
    CHECK(l1_loss<reduction::sum>(strided(x.data(), {{3, 2}}), strided(y.data(), {{3, 1}})) == 9);
    CHECK(l1_loss<reduction::sum>(strided(x.data() + 5, {{6, -1}}), y) == 21);
}

TEST_CASE("C arrays of several dimensions", "[libraries]") {
    float const x[2][3] = {{1, 2, 3}, {4, 5, 6}}, y[2][3] = {}, other[3][2] = {};
    CHECK(l1_loss<reduction::sum>(x, y) == 21);
    floats rows(2), columns(3);
    l1_loss_rows<reduction::sum>(x, y, rows);
    l1_loss_columns<reduction::sum>(x, y, columns);
    CHECK(rows == floats{6, 15});
    CHECK(columns == floats{5, 7, 9});
    float grad[2][3] = {};
    l1_loss_backward<reduction::sum>(x, y, grad);
    CHECK(grad[1][2] == 1);
    CHECK(test::message([&] { l1_loss(x, other); }) ==
          "l1loss: input is 2 x 3, target is 3 x 2, expected one shape, or l1loss::broadcast");
}

TEST_CASE("Matrices that are stored by columns, with the members of Armadillo", "[libraries]") {
    test::by_columns const x{2, 3, {1, 4, 2, 5, 3, 6}}, y{2, 3, floats(6)}, other{3, 2, floats(6)};
    CHECK(test::message([&] { l1_loss(x, other); }) ==
          "l1loss: input is 2 x 3, target is 3 x 2, expected one shape, or l1loss::broadcast");
    floats rows(2), columns(3);
    l1_loss_rows<reduction::sum>(x, y, rows);
    l1_loss_columns<reduction::sum>(x, y, columns);
    CHECK(rows == floats{6, 15});
    CHECK(columns == floats{5, 7, 9});
    auto const refused = [](char const* name) {
        return std::string("l1loss: ") + name +
               " has no shape and the others are stored column by column, expected one storage order";
    };
    floats const six(6);
    floats out(6, -1), out_of_target(6, -1);
    test::by_columns gradient = x;
    std::vector<unsigned char> const bytes(6, 1);
    CHECK(test::message([&] { l1_loss(x, six); }) == refused("target"));
    CHECK(test::message([&] { l1_loss(six, x); }) == refused("input"));
    CHECK(test::message([&] { l1_loss(x, y, weights(six)); }) == refused("weights"));
    CHECK(test::message([&] { l1_loss(x, y, where(bytes)); }) == refused("mask"));
    CHECK(test::message([&] { l1_loss<reduction::none>(x, y, out); }) == refused("output"));
    CHECK(test::message([&] { l1_loss_backward<reduction::none>(x, y, gradient, grad_output(six)); }) == refused("grad_output"));
    CHECK(test::message([&] { l1_loss_backward(x, y, out); }) == refused("grad_input"));
    CHECK(test::message([&] { l1_loss_backward(x, y, gradient, grad_target(out_of_target)); }) == refused("grad_target"));
    CHECK((out == floats(6, -1) && out_of_target == out && gradient.memory == x.memory));
    CHECK(test::message([&] { l1_loss(test::cube_by_columns{x, 1}, six); }) == refused("target"));
    for (bool const is_row : {false, true}) { // one row or column has one order
        test::by_columns const v{is_row ? 1u : 6u, is_row ? 6u : 1u, x.memory}, w{v.n_rows, v.n_cols, six};
        CHECK(l1_loss<reduction::sum>(v, six) == 21);
        l1_loss<reduction::none>(v, w, out);
        CHECK(out == x.memory);
    }
}

#if L1LOSS_TEST_ARMADILLO

TEST_CASE("Matrices, vectors and cubes of Armadillo", "[libraries]") {
    arma::fmat const x{{1, 2, 3}, {4, 5, 6}}, y(2, 3, arma::fill::zeros), other(3, 2, arma::fill::zeros);
    CHECK(l1_loss<reduction::sum>(x, y) == 21);
    CHECK_THROWS_AS(l1_loss(x, other), std::invalid_argument);
    floats rows(2);
    l1_loss_rows<reduction::sum>(x, y, rows);
    CHECK(rows == floats{6, 15});
    arma::frowvec const row{1, 2, 3};
    arma::fvec const column{1, 2, 3};
    CHECK(l1_loss<reduction::sum>(x, broadcast(row)) == 9);
    CHECK(l1_loss<reduction::sum>(column, floats{0, 0, 0}) == 6);
    arma::fcube const cube(2, 3, 4, arma::fill::ones), none(2, 3, 4, arma::fill::zeros);
    CHECK(l1_loss<reduction::sum>(cube, none) == 24);
    CHECK_THROWS_AS(l1_loss(cube, arma::fcube(3, 2, 4)), std::invalid_argument);
}

#endif
