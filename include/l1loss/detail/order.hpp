// The numbers of the canonical summation order, and what can be summed in it. Ground floor: every other file takes them from here.
#pragma once

#include <cstddef>

namespace l1loss::detail {

/// Lanes of accumulator type A in each unit of the order. The units are fixed in bytes, so that float and double walk
/// memory alike; DESIGN.md has the order itself and why these sizes.
template <class A>
struct order {
    static constexpr std::size_t lines_per_stripe = 4;
    static constexpr std::size_t stripes_per_block = 8;

    static constexpr std::size_t line = 64 / sizeof(A); // one cache line
    static constexpr std::size_t stripe = lines_per_stripe * line;
    static constexpr std::size_t block = stripes_per_block * stripe;
};

/// Two sums that are taken side by side: numerator and denominator, of scalars or of batches.
template <class First, class Second>
struct both {
    First first;
    Second second;

    constexpr both& operator+=(both const& other) {
        first += other.first;
        second += other.second;
        return *this;
    }
};

} // namespace l1loss::detail
