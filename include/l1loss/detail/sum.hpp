// The canonical sum: the definition. Scalar and constexpr, step by step as DESIGN.md has it; every other way to a sum in
// this library must give these bits, and is tested against them.
//
// On top of order.hpp, beside sum_simd.hpp, under canonical_sum.hpp.
#pragma once

#include <bit>
#include <cstddef>

#include <l1loss/detail/order.hpp>

namespace l1loss::detail {

/// The sums of the lanes of a line.
template <class A>
struct line {
    A lane[order<A>::line];
};

/// Steps 2 and 4: x[l] += x[l + half] for half = n/2, n/4, … down to m, which leaves m sums.
template <class A>
constexpr void fold_by_halves(A* x, std::size_t n, std::size_t m) {
    for (std::size_t half = n / 2; half >= m; half /= 2)
        for (std::size_t l = 0; l < half; ++l) x[l] += x[l + half];
}

/// Steps 1 and 2: the terms [first, last) of one block, down the rows, then row to line. Terms past the end are +0.
template <class Terms, class A = typename Terms::value_type>
constexpr line<A> line_of_block(Terms const& terms, std::size_t first, std::size_t last) {
    A column[order<A>::row] = {};
    for (std::size_t i = first; i < last; ++i) column[i % order<A>::row] += terms(i);
    fold_by_halves(column, order<A>::row, order<A>::line);
    line<A> sum;
    for (std::size_t l = 0; l < order<A>::line; ++l) sum.lane[l] = column[l];
    return sum;
}

/// Step 3: the blocks of [first, last), pairwise: as many as the largest power of two that leaves some, then the rest.
template <class Terms, class A = typename Terms::value_type>
constexpr line<A> line_of_blocks(Terms const& terms, std::size_t first, std::size_t last) {
    std::size_t const blocks = (last - first + order<A>::block - 1) / order<A>::block;
    if (blocks <= 1) return line_of_block(terms, first, last);
    std::size_t const middle = first + std::bit_floor(blocks - 1) * order<A>::block;
    line<A> left = line_of_blocks(terms, first, middle);
    line<A> const right = line_of_blocks(terms, middle, last);
    for (std::size_t l = 0; l < order<A>::line; ++l) left.lane[l] += right.lane[l];
    return left;
}

/// The canonical sum of n terms.
template <class Terms, class A = typename Terms::value_type>
constexpr A sum_by_definition(Terms const& terms, std::size_t n) {
    line<A> sum = line_of_blocks(terms, 0, n);
    fold_by_halves(sum.lane, order<A>::line, 1);
    return sum.lane[0];
}

} // namespace l1loss::detail
