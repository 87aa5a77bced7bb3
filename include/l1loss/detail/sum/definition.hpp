// The definition of the canonical sum: scalar, constexpr, and step by step as in DESIGN.md.
//
// Every other way to a sum in this library must give these bits, and is tested against them. The steps:
//
//     1  stripes of a block, top to bottom        4  line to scalar, by halves
//     2  stripe to line, by halves                5  -0 to +0, and any NaN to one (finish.hpp)
//     3  blocks, pairwise                         6  the division of a mean (finish.hpp)
#pragma once

#include <bit>
#include <cstddef>

#include <l1loss/detail/order.hpp>
#include <l1loss/detail/simd/barrier.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The sums of the lanes of a line. S is the accumulator type A, or totals of it.
template <class A, class S> struct line {
    S lane[order<A>::line];

    friend constexpr void accumulate(line& sum, line const& other) {
        for (std::size_t l = 0; l < order<A>::line; ++l) accumulate(sum.lane[l], other.lane[l]);
    }
};
template <class Terms> using line_of = line<typename Terms::value_type, typename Terms::sum_type>;

/// Steps 1 and 2: the terms [first, last) of one block, down the stripes, then stripe to line. Terms past the end are +0.
template <class Terms> constexpr line_of<Terms> line_of_block(Terms const& terms, std::size_t first, std::size_t last) {
    using units = order<typename Terms::value_type>;
    typename Terms::sum_type column[units::stripe] = {};
    for (std::size_t i = first; i < last; ++i) accumulate(column[i % units::stripe], terms(i));
    fold_by_halves(column, units::stripe, units::line, units::stripe);
    line_of<Terms> sum;
    for (std::size_t l = 0; l < units::line; ++l) sum.lane[l] = column[l];
    return sum;
}

/// Step 3: sets `line` to the sum of the blocks of [first, last), joined pairwise. set_line(line, first, last) is for one block.
/// The left part has as many blocks as the largest power of two that leaves at least one to the right part.
template <class A, class Line, class Block>
constexpr void join_pairwise(Line& line, std::size_t first, std::size_t last, Block const& set_line) {
    std::size_t const blocks = (last - first + order<A>::block - 1) / order<A>::block;
    if (blocks <= 1) return set_line(line, first, last);
    std::size_t const middle = first + std::bit_floor(blocks - 1) * order<A>::block;
    Line right;
    join_pairwise<A>(line, first, middle, set_line);
    join_pairwise<A>(right, middle, last, set_line);
    accumulate(line, right);
}

/// The canonical sum of n terms.
template <class Terms> constexpr typename Terms::sum_type sum_by_definition(Terms const& terms, std::size_t n) {
    using A = typename Terms::value_type;
    line_of<Terms> sum;
    join_pairwise<A>(sum, 0, n, [&](auto& line, std::size_t first, std::size_t last) { line = line_of_block(terms, first, last); });
    fold_by_halves(sum.lane, order<A>::line, 1, order<A>::line); // step 4
    return sum.lane[0];
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
