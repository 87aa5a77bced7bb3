// The definition of the canonical sum: scalar, constexpr, and step by step as in DESIGN.md.
//
// Every other way to a sum in this library must give these bits, and is tested against them. The steps:
//
//     1  stripes of a block, top to bottom        4  line to scalar, by halves
//     2  stripe to line, by halves                5  -0 to +0, then the division of a mean, then one NaN for all (finish.hpp)
//     3  blocks, pairwise
#pragma once

#include <bit>
#include <cstddef>

#include <l1loss/detail/order.hpp>

namespace l1loss::detail {

/// The sums of the lanes of a line. S is the accumulator type A, or totals of it.
template <class A, class S> struct line {
    S lane[order<A>::line];
};
template <class Terms> using line_of = line<typename Terms::value_type, typename Terms::sum_type>;

/// Steps 2 and 4: x[l] += x[l + half] for half = n/2, n/4, … down to m, which leaves m sums.
template <class S> constexpr void fold_by_halves(S* x, std::size_t n, std::size_t m) {
    for (std::size_t half = n / 2; half >= m; half /= 2)
        for (std::size_t l = 0; l < half; ++l) x[l] += x[l + half];
}

/// Steps 1 and 2: the terms [first, last) of one block, down the stripes, then stripe to line. Terms past the end are +0.
template <class Terms> constexpr line_of<Terms> line_of_block(Terms const& terms, std::size_t first, std::size_t last) {
    using units = order<typename Terms::value_type>;
    typename Terms::sum_type column[units::stripe] = {};
    for (std::size_t i = first; i < last; ++i) column[i % units::stripe] += terms(i);
    fold_by_halves(column, units::stripe, units::line);
    line_of<Terms> sum;
    for (std::size_t l = 0; l < units::line; ++l) sum.lane[l] = column[l];
    return sum;
}

/// Step 3: joins the blocks of [first, last) pairwise. The left part has as many blocks as the largest power of two that leaves at
/// least one to the right part.
template <class Terms> constexpr line_of<Terms> line_of_blocks(Terms const& terms, std::size_t first, std::size_t last) {
    using units = order<typename Terms::value_type>;
    std::size_t const blocks = (last - first + units::block - 1) / units::block;
    if (blocks <= 1) return line_of_block(terms, first, last);
    std::size_t const middle = first + std::bit_floor(blocks - 1) * units::block;
    line_of<Terms> left = line_of_blocks(terms, first, middle);
    line_of<Terms> const right = line_of_blocks(terms, middle, last);
    for (std::size_t l = 0; l < units::line; ++l) left.lane[l] += right.lane[l];
    return left;
}

/// The canonical sum of n terms.
template <class Terms> constexpr typename Terms::sum_type sum_by_definition(Terms const& terms, std::size_t n) {
    line_of<Terms> sum = line_of_blocks(terms, 0, n);
    fold_by_halves(sum.lane, order<typename Terms::value_type>::line, 1);
    return sum.lane[0];
}

} // namespace l1loss::detail
