// Scalar operations whose rounding, zeros and NaN no compiler flag changes.
#pragma once

#include <bit>
#include <limits>
#include <type_traits>

#include <l1loss/detail/simd/lanes.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The quiet NaN of A as an integer.
template <class A>
inline constexpr lane_integer<A> quiet_nan_bits = infinity_bits<A> | lane_integer<A>{1} << (std::numeric_limits<A>::digits - 2);

/// The one NaN that the library returns. It is built from an integer at run time, because under -ffast-math the compiler may assume
/// that a NaN constant never occurs.
template <class A> L1LOSS_INLINE constexpr A quiet_nan() {
    auto bits = quiet_nan_bits<A>;
    if (!std::is_constant_evaluated()) barrier(bits);
    return std::bit_cast<A>(bits);
}

/// The end of step 5: any NaN becomes the quiet NaN of A. NaN is found by its bits, because -ffast-math assumes that none occurs.
/// Under that flag the result for a NaN is not specified, but all other values are returned unchanged.
template <bool is_signed, class A> L1LOSS_INLINE constexpr A with_one_nan(A x) {
    if (std::is_constant_evaluated()) return x; // finite, or canonical already
    auto bits = std::bit_cast<lane_integer<A>>(x);
    if constexpr (is_signed) {
        bits &= (std::numeric_limits<lane_integer<A>>::max)();
        if (bits > infinity_bits<A>) [[unlikely]]
            return quiet_nan<A>();
        return x;
    }
    if (bits > quiet_nan_bits<A>) [[unlikely]] // the sign bit of a term is clear, so NaN are the largest integers
        return quiet_nan<A>();
    return x;
}

/// The beginning of step 5: -0 becomes +0. Only signed terms can add up to -0.
template <bool is_signed, class A> L1LOSS_INLINE constexpr A plus_zero(A x) {
    if constexpr (!is_signed) return x;
    A zero = 0;
    if (!std::is_constant_evaluated()) barrier(zero); // otherwise -ffast-math drops the addition
    return x + zero;
}

/// Returns x / y, rounded once. Otherwise -ffast-math could multiply by a reciprocal, or combine the division with a later
/// multiplication.
template <class A> L1LOSS_INLINE constexpr A quotient(A x, A y) {
    if (std::is_constant_evaluated()) return x / y;
    barrier(x, y);
    A q = x / y;
    barrier(q);
    return q;
}

/// Whether x is +0 or -0, also where -ffast-math ignores the sign of a zero.
template <class A> L1LOSS_INLINE constexpr bool is_zero(A x) {
    return (std::bit_cast<lane_integer<A>>(x) & (std::numeric_limits<lane_integer<A>>::max)()) == 0;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
