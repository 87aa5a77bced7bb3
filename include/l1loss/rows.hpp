// One L1 loss for each row, or for each column, of a matrix.
#pragma once

#include <l1loss/detail/call/rows.hpp>
#include <l1loss/loss.hpp>

namespace l1loss::inline L1LOSS_FLAGS {

/// Writes one L1 loss for each row of a matrix. Each has the bits of l1_loss of that row.
///
///     l1_loss_rows(x, y, rows, out)                       of rows × columns contiguous elements
///     l1_loss_rows<reduction::sum>(x, y, out)             of views of two dimensions or more, or of tensors: rows are the first
///     l1_loss_rows(x, y, rows, out, weights(w), where(mask), count(counts))
///
/// R is mean or sum. Accumulator, Arch, arguments, errors, special values and constant evaluation are those of l1_loss. But x and
/// y are not pointers, so wrap a pointer in a std::span.
///
/// `out` has `rows` elements of type Accumulator. `counts` has `rows` elements of std::size_t. Both are disjoint from the
/// arguments and from each other. There is one weight per element. weights(broadcast(column)) gives one per row.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class... Options>
    requires detail::matrix_arguments<R, Accumulator, Input, Target, Options...>
constexpr void l1_loss_rows(Input const& input, Target const& target, Options&&... options) {
    detail::compute_matrix<R, Accumulator, false>(detail::on_this_thread<Arch>{}, input, target, detail::parse(options...));
}

/// Writes one L1 loss for each column of a matrix, without transposing it. Each has the bits of l1_loss of that column. In
/// scikit-learn this is multioutput = "raw_values".
///
/// The contract is that of l1_loss_rows, but `out` and `counts` have one element per column.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class... Options>
    requires detail::matrix_arguments<R, Accumulator, Input, Target, Options...>
constexpr void l1_loss_columns(Input const& input, Target const& target, Options&&... options) {
    detail::compute_matrix<R, Accumulator, true>(detail::on_this_thread<Arch>{}, input, target, detail::parse(options...));
}

} // namespace l1loss::inline L1LOSS_FLAGS
