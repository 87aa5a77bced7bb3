// This library by row, by column and on a view with a gap after each row, and the same without gaps or rows.
#include <cstddef>
#include <span>

#include <l1loss/loss.hpp>
#include <l1loss/rows.hpp>

#include "../variant.hpp"

namespace l1loss_bench {
namespace {

using l1loss::reduction;

/// As much of std::mdspan as a view needs, because C++20 has none.
struct matrix {
    float const* data;
    std::size_t rows, columns, pitch;

    static constexpr std::size_t rank() { return 2; }
    float const* data_handle() const { return data; }
    std::size_t extent(std::size_t r) const { return r == 0 ? rows : columns; }
    std::size_t stride(std::size_t r) const { return r == 0 ? pitch : 1; }
};

L1LOSS_BENCH_INLINE auto elements(operands const& o, float const* p) { return std::span(p, o.rows * o.columns); }
L1LOSS_BENCH_INLINE matrix view(operands const& o, float const* p) { return {p, o.rows, o.columns, o.pitch}; }

struct by_row {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        l1loss::l1_loss_rows<reduction::sum>(elements(o, o.input), elements(o, o.target), o.rows, std::span(o.out, o.rows));
        return 0;
    }
};

struct by_row_of_view {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        l1loss::l1_loss_rows<reduction::sum>(view(o, o.input), view(o, o.target), std::span(o.out, o.rows));
        return 0;
    }
};

struct by_column {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        l1loss::l1_loss_columns(elements(o, o.input), elements(o, o.target), o.rows, std::span(o.out, o.columns));
        return 0;
    }
};

struct of_view {
    L1LOSS_BENCH_INLINE static float call(operands const& o) { return l1loss::l1_loss(view(o, o.input), view(o, o.target)); }
};

struct of_all {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        return l1loss::l1_loss(elements(o, o.input), elements(o, o.target));
    }
};

[[maybe_unused]] bool const entered =
    enter_variant<by_row>(variant::rows, "l1loss") && enter_variant<by_row_of_view>(variant::pitched_rows, "l1loss") &&
    enter_variant<by_row>(variant::pitched_rows, "contiguous", answer::plain_loss) &&
    enter_variant<of_view>(variant::pitched, "l1loss") &&
    enter_variant<of_all>(variant::pitched, "contiguous", answer::plain_loss) &&
    enter_variant<by_column>(variant::columns, "l1loss") && enter_variant<of_all>(variant::columns, "whole", answer::plain_loss);

} // namespace
} // namespace l1loss_bench
