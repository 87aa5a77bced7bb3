// The lanes of a register one by one: as bits, as numbers or not, chosen or not, and how often each was chosen.
//
// On top of batch.hpp, under load.hpp, finish.hpp and decorated.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <l1loss/detail/simd/register.hpp>

namespace l1loss::detail {

/// An integer as wide as a lane.
template <class A>
using lane_integer = std::conditional_t<sizeof(A) == 4, std::int32_t, std::int64_t>;

/// Infinity as such an integer: any NaN is above it, but for the sign. Made of integers, since under -ffast-math clang 19 takes a
/// call of std::numeric_limits<A>::infinity() to return anything at all.
template <class A>
inline constexpr lane_integer<A> infinity_bits =
    lane_integer<A>{2 * std::numeric_limits<A>::max_exponent - 1} << (std::numeric_limits<A>::digits - 1);

/// A value for each lane of a batch of A, as the compiler's own vector.
template <class A, class Arch>
using lanes_of = vector<A, batch<A, Arch>::size>;

/// All bits set in the lanes that are chosen.
template <class A, class Arch>
using lane_mask = vector<lane_integer<A>, batch<A, Arch>::size>;

template <class A, class Arch>
L1LOSS_INLINE inline lane_mask<A, Arch> bits_of(batch<A, Arch> const& b) {
    return lane_mask<A, Arch>(lanes_of<A, Arch>(b.data));
}
template <class A, class Arch>
L1LOSS_INLINE inline batch<A, Arch> as_batch(lane_mask<A, Arch> bits) {
    return batch<A, Arch>(typename batch<A, Arch>::register_type(lanes_of<A, Arch>(bits)));
}

/// Whether these, of one number or of lanes, are not the bits of a NaN.
template <class A, class Bits>
L1LOSS_INLINE constexpr auto are_bits_of_number(Bits bits) {
    return (bits & std::numeric_limits<lane_integer<A>>::max()) <= infinity_bits<A>;
}
/// The lanes in which neither x nor y is NaN: by one compare of both where that is an instruction. But a compiler that knows no NaN
/// has to look at the bits. (One that was told -fno-honor-nans alone does not say so.)
template <class A, class Arch>
L1LOSS_INLINE inline lane_mask<A, Arch> are_numbers(batch<A, Arch> const& x, batch<A, Arch> const& y) {
    using mask = lane_mask<A, Arch>;
#if __FINITE_MATH_ONLY__
    return are_bits_of_number<A>(bits_of(x)) & are_bits_of_number<A>(bits_of(y));
#endif
#if XSIMD_WITH_SSE2
    if constexpr (sizeof(mask) == 16 && sizeof(A) == 4) return mask(_mm_cmpord_ps(x, y));
    else if constexpr (sizeof(mask) == 16) return mask(_mm_cmpord_pd(x, y));
#endif
#if XSIMD_WITH_AVX
    if constexpr (sizeof(mask) == 32 && sizeof(A) == 4) return mask(_mm256_cmp_ps(x, y, _CMP_ORD_Q));
    else if constexpr (sizeof(mask) == 32) return mask(_mm256_cmp_pd(x, y, _CMP_ORD_Q));
#endif
    auto const equal = [](lanes_of<A, Arch> a, lanes_of<A, Arch> b) L1LOSS_INLINE { return mask(a == b); };
    return equal(lanes_of<A, Arch>(x.data), lanes_of<A, Arch>(x.data)) &
           equal(lanes_of<A, Arch>(y.data), lanes_of<A, Arch>(y.data));
}

/// The lanes in which d is neither zero nor NaN, as C's islessgreater(d, 0): one compare, where there is one.
template <class A, class Arch>
L1LOSS_INLINE inline lane_mask<A, Arch> less_or_greater_than_zero(batch<A, Arch> const& d) {
    using mask = lane_mask<A, Arch>;
#if XSIMD_WITH_AVX
    if constexpr (sizeof(mask) == 32 && sizeof(A) == 4) return mask(_mm256_cmp_ps(d, _mm256_setzero_ps(), _CMP_NEQ_OQ));
    else if constexpr (sizeof(mask) == 32) return mask(_mm256_cmp_pd(d, _mm256_setzero_pd(), _CMP_NEQ_OQ));
#endif
    return mask(lanes_of<A, Arch>(xsimd::abs(d).data) > A(0));
}

/// The chosen lanes of b, +0 in the others.
template <class A, class Arch>
L1LOSS_INLINE inline batch<A, Arch> choose(batch<A, Arch> const& b, lane_mask<A, Arch> mask) {
    return as_batch<A, Arch>(bits_of(b) & mask);
}

/// s with its sign changed where d has one. Where a blend by sign bits is an instruction, it is one in place of two on AMD; on
/// Intel it is as slow as these, and three micro-operations from Alder Lake on (uops.info: VBLENDVPS); no macro tells which it is.
/// In the first cache, gradients took 1.1 to 1.2 of the time without it on Zen 4, and 0.8 to 0.9 on Emerald Rapids.
template <class A, class Arch>
L1LOSS_INLINE inline lane_mask<A, Arch> change_sign(batch<A, Arch> const& s, batch<A, Arch> const& d) {
    constexpr lane_integer<A> sign = std::numeric_limits<lane_integer<A>>::min();
    lane_mask<A, Arch> const of_s = bits_of(s);
#if XSIMD_WITH_AVX
    if constexpr (sizeof of_s == 32 && sizeof(A) == 4)
        return lane_mask<A, Arch>(_mm256_blendv_ps(s, as_batch<A, Arch>(of_s ^ sign), d));
    else if constexpr (sizeof of_s == 32) return lane_mask<A, Arch>(_mm256_blendv_pd(s, as_batch<A, Arch>(of_s ^ sign), d));
    else
#endif
        return of_s ^ (bits_of(d) & sign);
}

/// How often each lane was chosen: minus that, as the sum of masks.
template <class A, class Arch>
struct tally {
    lane_mask<A, Arch> lanes;
};
template <class A, class Arch>
L1LOSS_INLINE inline tally<A, Arch> tally_of(lane_mask<A, Arch> mask) {
    return {mask};
}
template <class A, class Arch>
L1LOSS_INLINE inline void accumulate(tally<A, Arch>& sum, tally<A, Arch> const& term) {
    sum.lanes += term.lanes;
}
template <std::size_t Live, class A, class Arch>
L1LOSS_INLINE inline std::size_t fold(tally<A, Arch> const& t) {
    constexpr std::size_t N = batch<A, Arch>::size;
    lane_integer<A> lanes[N];
    __builtin_memcpy(lanes, &t.lanes, sizeof lanes);
    std::size_t count = 0;
    for (std::size_t l = 0; l < (Live < N ? Live : N); ++l) count += static_cast<std::make_unsigned_t<lane_integer<A>>>(-lanes[l]);
    return count;
}
template <class A, class Arch>
L1LOSS_INLINE inline void set_zero(tally<A, Arch>& x) {
    x.lanes = lane_mask<A, Arch>{};
}

} // namespace l1loss::detail
