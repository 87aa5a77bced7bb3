// Benchmarks of losses by row and by column, and of views with a gap after each row.
//
// They are compared with Eigen and with the same loss without rows or gaps. In a name, n is the number of columns.
#include <algorithm>
#include <cmath>

#include "bench.hpp"
#include "variant.hpp"

namespace l1loss_bench {

namespace {

long double difference(operands const& o, std::size_t i) { return std::abs((long double)o.input[i] - o.target[i]); }

/// Checks the sum of each row. u is the worst error.
verdict check_rows(operands const& o, std::size_t pitch) {
    double worst = 0;
    for (std::size_t r = 0; r < o.rows; ++r) {
        long double sum = 0;
        for (std::size_t c = 0; c < o.columns; ++c) sum += difference(o, r * pitch + c);
        double const error = error_in_u(o.out[r], sum);
        if (!(error <= double(o.columns))) return wrong;
        worst = std::max(worst, error);
    }
    return {worst, double(o.columns)};
}
verdict check_row_sums(operands const& o, answer, double) { return check_rows(o, o.columns); }
verdict check_pitched_row_sums(operands const& o, answer expected, double) {
    return check_rows(o, expected == answer::plain_loss ? o.columns : o.pitch);
}

/// Checks one mean of all elements.
verdict check_whole(operands const& o, std::size_t pitch, double mean) {
    long double sum = 0;
    for (std::size_t r = 0; r < o.rows; ++r)
        for (std::size_t c = 0; c < o.columns; ++c) sum += difference(o, r * pitch + c);
    double const n = double(o.rows * o.columns);
    return {error_in_u(mean, sum / (long double)n), n + 2};
}
verdict check_pitched(operands const& o, answer expected, double mean) {
    return check_whole(o, expected == answer::plain_loss ? o.columns : o.pitch, mean);
}

/// Checks the mean of each column, or of all elements.
verdict check_column_means(operands const& o, answer expected, double mean) {
    if (expected == answer::plain_loss) return check_whole(o, o.columns, mean);
    double worst = 0;
    for (std::size_t c = 0; c < o.columns; ++c) {
        long double sum = 0;
        for (std::size_t r = 0; r < o.rows; ++r) sum += difference(o, r * o.columns + c);
        double const error = error_in_u(o.out[c], sum / (long double)o.rows);
        if (!(error <= double(o.rows) + 2)) return wrong;
        worst = std::max(worst, error);
    }
    return {worst, double(o.rows) + 2};
}

} // namespace

void register_rows() {
    for (std::size_t columns : {15, 64, 200}) {
        register_variant(variant::rows, "rows/float/4096_rows", 4096, columns, &check_row_sums);
        register_variant(variant::columns, "columns/float/4096_rows", 4096, columns, &check_column_means);
    }
    for (std::size_t columns : {100, 1000}) {
        register_variant(variant::pitched_rows, "rows/float/1024_rows_pitched", 1024, columns, &check_pitched_row_sums);
        register_variant(variant::pitched, "mean/float/1024_rows_pitched", 1024, columns, &check_pitched);
    }
}

} // namespace l1loss_bench
