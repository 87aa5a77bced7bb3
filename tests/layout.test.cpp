// Objects with strides, as the libraries that people have them from make them: dense ones are taken, others are refused.
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/catch.hpp"
#include "support/message.hpp"

#if L1LOSS_TEST_EIGEN
#include <Eigen/Core>
#endif
#if L1LOSS_TEST_XTENSOR
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif

using l1loss::l1_loss;
using l1loss::reduction;
using floats = std::vector<float>;

namespace {
[[maybe_unused]] std::string const input_is_strided = "l1loss: input is strided, expected contiguous elements";
}

#if L1LOSS_TEST_EIGEN

TEST_CASE("Eigen: dense vectors, matrices and maps are taken, in their storage order", "[layout]") {
    using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    row_major rows(3, 4);
    Eigen::MatrixXf columns(3, 4);
    rows << 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12;
    columns = rows;
    floats const data{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, zeros(12);

    CHECK(l1_loss<reduction::sum>(rows, row_major::Zero(3, 4).eval()) == 78);
    CHECK(l1_loss<reduction::sum>(columns, Eigen::MatrixXf::Zero(3, 4).eval()) == 78);
    CHECK(l1_loss<reduction::sum>(rows, data) == 0);
    CHECK(l1_loss<reduction::sum>(rows, l1loss::tensor<float, 3, 4>{}) == 78);
    CHECK(l1_loss<reduction::sum>(Eigen::Map<Eigen::ArrayXf const>(data.data(), 12), zeros) == 78);
    CHECK(l1_loss<reduction::sum>(Eigen::Vector3f(1, 2, 3), Eigen::Vector3f(3, 2, 1)) == 4);
    CHECK(l1_loss<reduction::sum>(rows.row(1), floats(4)) == 26); // a row of rows
    CHECK(l1_loss<reduction::sum>(rows.middleRows(1, 2), row_major::Zero(2, 4).eval()) == 68);
    CHECK(l1_loss<reduction::sum>(columns.col(2), floats(3)) == 21);
    CHECK(l1_loss<reduction::sum>(rows.col(2).head(1), floats(1)) == 3); // one element is dense, whatever its stride
    CHECK(l1_loss<reduction::sum>(row_major(0, 4), row_major(0, 4)) == 0);
    Eigen::ArrayXf out(12);
    l1_loss<reduction::none>(data, zeros, out);
    CHECK(out.sum() == 78);
}

TEST_CASE("Eigen: blocks, maps with strides and the other storage order are refused", "[layout]") {
    using row_major = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    row_major rows = row_major::Ones(3, 4);
    Eigen::MatrixXf const columns = rows;
    floats const data(24);
    using strided_map = Eigen::Map<Eigen::VectorXf const, 0, Eigen::InnerStride<2>>;
    using padded_map = Eigen::Map<row_major const, 0, Eigen::OuterStride<>>;

    CHECK(test::message([&] { (void)l1_loss(rows.leftCols(2), floats(6)); }) == input_is_strided);
    CHECK(test::message([&] { (void)l1_loss(rows.col(1), floats(3)); }) == input_is_strided);
    CHECK(test::message([&] { (void)l1_loss(rows.block(0, 0, 2, 2), rows.block(0, 0, 2, 2)); }) == input_is_strided);
    CHECK(test::message([&] { (void)l1_loss(strided_map(data.data(), 12), floats(12)); }) == input_is_strided);
    CHECK(test::message([&] { (void)l1_loss(padded_map(data.data(), 3, 4, Eigen::OuterStride<>(8)), rows); }) == input_is_strided);
    CHECK(test::message([&] { (void)l1_loss(columns, rows); }) ==
          "l1loss: input is stored column by column and target is not, expected one storage order");
    CHECK(test::message([&] { (void)l1_loss(rows, row_major::Ones(4, 3).eval()); }) ==
          "l1loss: input is 3 x 4, target is 4 x 3, expected one shape");
    CHECK(test::message([&] { l1_loss<reduction::none>(floats(3), floats(3), rows.col(1)); }) ==
          "l1loss: output is strided, expected contiguous elements");
    Eigen::MatrixXf out = columns;
    CHECK(test::message([&] { l1_loss<reduction::none>(rows, rows, out); }) ==
          "l1loss: output is stored column by column and input is not, expected one storage order");
    l1_loss<reduction::none>(columns, columns, out);
    CHECK(out.sum() == 0);
}

#endif
#if L1LOSS_TEST_XTENSOR

TEST_CASE("xtensor: dense tensors and whole rows are taken, other views are refused", "[layout]") {
    xt::xtensor<float, 2> const x{{1, 2, 3}, {4, 5, 6}}, zeros = xt::zeros<float>({2, 3}), other = xt::zeros<float>({3, 2});
    xt::xtensor<float, 2, xt::layout_type::column_major> const columns = x;
    xt::xtensor<float, 2> const narrow = xt::ones<float>({4, 1}); // whose strides xtensor sets to 0
    CHECK(l1_loss<reduction::sum>(x, zeros) == 21);
    CHECK(l1_loss<reduction::sum>(x, floats(6)) == 21);
    CHECK(l1_loss<reduction::sum>(narrow, floats(4)) == 4);
    CHECK(l1_loss<reduction::sum>(xt::view(x, 1, xt::all()), floats(3)) == 15); // does not begin where its data() does
    CHECK(test::message([&] { (void)l1_loss(xt::view(x, xt::all(), 1), floats(2)); }) == input_is_strided);
    CHECK(test::message([&] { (void)l1_loss(xt::view(x, xt::all(), xt::range(0, 2)), floats(4)); }) == input_is_strided);
    CHECK(test::message([&] { (void)l1_loss(xt::view(x, xt::range(0, 2), xt::range(0, 3, 2)), floats(4)); }) == input_is_strided);
    CHECK(test::message([&] { (void)l1_loss(columns, x); }) ==
          "l1loss: input is stored column by column and target is not, expected one storage order");
    CHECK(test::message([&] { (void)l1_loss(x, other); }) == "l1loss: input is 2 x 3, target is 3 x 2, expected one shape");
}

#endif
