// The numbers of the canonical summation order. Ground floor: every other file takes them from here.
#pragma once

#include <cstddef>

namespace l1loss::detail {

/// Lanes of accumulator type A in each unit of the order. The units are fixed in bytes, so that float and double walk
/// memory alike; DESIGN.md has the order itself and why these sizes.
template <class A>
struct order {
    static constexpr std::size_t lines_per_row = 4;
    static constexpr std::size_t rows_per_block = 8;

    static constexpr std::size_t line = 64 / sizeof(A); // one cache line
    static constexpr std::size_t row = lines_per_row * line;
    static constexpr std::size_t block = rows_per_block * row;
};

} // namespace l1loss::detail
