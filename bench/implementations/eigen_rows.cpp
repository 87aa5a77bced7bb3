// Eigen with a sum for each row of a row-major matrix.
#include <Eigen/Core>

#include "../variant.hpp"

namespace l1loss_bench {
namespace {

struct eigen_rows {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        using matrix = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
        Eigen::Index const rows = Eigen::Index(o.rows), columns = Eigen::Index(o.columns);
        Eigen::Map<matrix const> const input(o.input, rows, columns);
        Eigen::Map<matrix const> const target(o.target, rows, columns);
        Eigen::Map<Eigen::ArrayXf>(o.out, rows) = (input - target).abs().rowwise().sum();
        return 0;
    }
};

[[maybe_unused]] bool const entered = enter_variant<eigen_rows>(variant::rows, "eigen");

} // namespace
} // namespace l1loss_bench
