// Scalars whose rounding, zeros and NaN no compiler flag changes.
#pragma once

#include <bit>
#include <limits>
#include <type_traits>

#include <l1loss/detail/simd/lanes.hpp>

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

namespace l1loss::detail {

#if defined(__SSE4_1__)
/// x as the first lane of a register, whatever is in the others: nothing to do, which either compiler has to be told.
L1LOSS_INLINE inline __m128 low_lane(float x) {
#if defined(__clang__)
    vector<float, 1> const v{x};
    return __builtin_shufflevector(v, v, 0, -1, -1, -1);
#else
    __m128 v;
    asm("" : "=x"(v) : "0"(x));
    return v;
#endif
}
#endif

/// The quiet NaN of A as an integer.
template <class A>
inline constexpr lane_integer<A> quiet_nan_bits = infinity_bits<A> | lane_integer<A>{1} << (std::numeric_limits<A>::digits - 2);

/// The one NaN that the library returns; out of an integer, since -ffast-math takes one that it sees to be impossible.
template <class A>
L1LOSS_INLINE constexpr A quiet_nan() {
    auto bits = quiet_nan_bits<A>;
    if (!std::is_constant_evaluated()) barrier(bits);
    return std::bit_cast<A>(bits);
}

/// Step 5, second half: any NaN becomes the quiet NaN of A. By bits, since -ffast-math knows no NaN: what it makes of one is
/// its own affair, but nothing else is harmed.
template <bool is_signed, class A>
L1LOSS_INLINE constexpr A canonical(A x) {
    if (std::is_constant_evaluated()) return x; // finite, or canonical already
    auto bits = std::bit_cast<lane_integer<A>>(x);
    if constexpr (is_signed) {
        bits &= std::numeric_limits<lane_integer<A>>::max();
        if (bits > infinity_bits<A>) [[unlikely]]
            return quiet_nan<A>();
        return x;
    }
#if defined(__SSE4_1__)
    if constexpr (sizeof(A) == 4) // without a sign, a NaN is the largest of integers: one instruction and no branch
        return _mm_cvtss_f32(_mm_castsi128_ps(_mm_min_epi32(_mm_castps_si128(low_lane(x)), _mm_set1_epi32(quiet_nan_bits<A>))));
#endif
    if (bits > quiet_nan_bits<A>) [[unlikely]]
        return quiet_nan<A>();
    return x;
}

/// Step 5, first half: -0, which only terms with a sign can add up to, becomes +0.
template <bool is_signed, class A>
L1LOSS_INLINE constexpr A plus_zero(A x) {
    if constexpr (!is_signed) return x;
    A zero = 0;
    if (!std::is_constant_evaluated()) barrier(zero); // or -ffast-math drops the addition
    return x + zero;
}

/// x / y rounded once, as -ffast-math would not do it by itself, nor leave it alone where the quotient is multiplied.
template <class A>
L1LOSS_INLINE constexpr A quotient(A x, A y) {
    if (std::is_constant_evaluated()) return x / y;
    barrier(x, y);
    A q = x / y;
    barrier(q);
    return q;
}

/// Whether x is ±0, to a compiler that knows no signs of zeros too.
template <class A>
L1LOSS_INLINE constexpr bool is_zero(A x) {
    return (std::bit_cast<lane_integer<A>>(x) & std::numeric_limits<lane_integer<A>>::max()) == 0;
}

} // namespace l1loss::detail
