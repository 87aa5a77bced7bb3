// Losses of Eigen's matrices as they are: stored by columns, blocks, columns against rows, and a loss for each row.
//
// Each loss is printed with what Eigen computes. The elements are small integers, so both must be equal.
#include <cstdio>

#include <Eigen/Core>
#include <l1loss/l1loss.hpp>

using l1loss::l1_loss, l1loss::reduction;

namespace {

bool same(char const* what, float ours, float eigens) {
    std::printf("%-32s%12.9g  Eigen %.9g\n", what, ours, eigens);
    return ours == eigens;
}

} // namespace

int main() {
    Eigen::MatrixXf const x = Eigen::MatrixXf::NullaryExpr(300, 70, [](auto i, auto j) { return static_cast<float>(i * j % 31); });
    Eigen::MatrixXf const y =
        Eigen::MatrixXf::NullaryExpr(300, 70, [](auto i, auto j) { return static_cast<float>((i + j) % 17); });
    Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> const y_by_rows = y;
    bool good = same("by columns, mean", l1_loss(x, y), (x - y).cwiseAbs().mean());
    good &= same("by columns, sum", l1_loss<reduction::sum>(x, y), (x - y).lpNorm<1>());
    good &= same("by columns against by rows", l1_loss(x, y_by_rows), (x - y).cwiseAbs().mean());

    auto const block = x.block(3, 5, 200, 40), other = y.block(50, 20, 200, 40);
    good &= same("a block against a block", l1_loss(block, other), (block - other).cwiseAbs().mean());
    good &= same("a transposed block", l1_loss(block.transpose(), other.transpose()), (block - other).cwiseAbs().mean());
    good &= same("a column against a row", l1_loss(x.col(2).head(70), y.row(5)),
                 (x.col(2).head(70) - y.row(5).transpose()).cwiseAbs().mean());

    Eigen::MatrixXf none(300, 70);
    l1_loss<reduction::none>(x, y, none);
    good &= same("none, its largest", none.maxCoeff(), (x - y).lpNorm<Eigen::Infinity>());

    Eigen::VectorXf rows(300), columns(70); // rows do not depend on the storage order
    l1loss::l1_loss_rows(x, y_by_rows, rows);
    l1loss::l1_loss_columns(x, y, columns);
    good &= same("row 7", rows[7], (x - y).row(7).cwiseAbs().mean());
    good &= same("column 7", columns[7], (x - y).col(7).cwiseAbs().mean());
    good &= rows == (x - y).cwiseAbs().rowwise().mean() && columns == (x - y).cwiseAbs().colwise().mean().transpose();
    return good ? 0 : 1;
}
