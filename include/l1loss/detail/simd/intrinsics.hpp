// Intrinsics for what neither xsimd nor the vectors of the compiler do in one instruction. Each is an overload on registers.
#pragma once

#include <cstddef>
#include <cstdint>

#include <xsimd/xsimd.hpp>

#include <l1loss/detail/flags.hpp>

#if XSIMD_WITH_AVX
#include <immintrin.h>
#endif

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// N lanes of T as a vector type of the compiler, which can be split and shuffled on every ISA.
template <class T, std::size_t N> struct vector_type {
    using type [[gnu::vector_size(N * sizeof(T))]] = T;
};
template <class T, std::size_t N> using vector = typename vector_type<T, N>::type;

// ordered(x, y)                 the lanes in which neither x nor y is NaN
// unequal_to_zero(x)            the lanes in which x is neither zero nor NaN, as islessgreater(x, 0) of C
// choose_by_sign(x, y, d)       x where the sign bit of d is clear, y where it is set
// keep(bits, mask)              0 in the lanes that are not in the mask
// not_zero(bits)                the lanes that are not 0
// load_masked, store_masked     only the lanes of a mask, or only the first `count`
// stream(p, x)                  stores a whole register, aligned to its size, past the caches
// smaller(x, y)                 the smaller of each two lanes, which are no NaN
// to_double(x)                  each lane as a double

// NOLINTNEXTLINE(misc-redundant-expression): a NaN does not equal itself
template <class V> L1LOSS_INLINE inline auto ordered(V x, V y) { return (x == x) & (y == y); }
template <class V> L1LOSS_INLINE inline V smaller(V x, V y) { return x < y ? x : y; }
template <class Bits> L1LOSS_INLINE inline Bits keep(Bits bits, Bits mask) { return bits & mask; }

#if XSIMD_WITH_SSE2
L1LOSS_INLINE inline auto ordered(__m128 x, __m128 y) { return _mm_cmpord_ps(x, y); }
L1LOSS_INLINE inline auto ordered(__m128d x, __m128d y) { return _mm_cmpord_pd(x, y); }
L1LOSS_INLINE inline __m128 smaller(__m128 x, __m128 y) { return _mm_min_ps(x, y); }
L1LOSS_INLINE inline void stream(float* p, __m128 x) { _mm_stream_ps(p, x); }
L1LOSS_INLINE inline void stream(double* p, __m128d x) { _mm_stream_pd(p, x); }
#endif

#if XSIMD_WITH_AVX
L1LOSS_INLINE inline auto ordered(__m256 x, __m256 y) { return _mm256_cmp_ps(x, y, _CMP_ORD_Q); }
L1LOSS_INLINE inline auto ordered(__m256d x, __m256d y) { return _mm256_cmp_pd(x, y, _CMP_ORD_Q); }
L1LOSS_INLINE inline __m256 smaller(__m256 x, __m256 y) { return _mm256_min_ps(x, y); }
L1LOSS_INLINE inline auto to_double(__m128 x) { return _mm256_cvtps_pd(x); }
L1LOSS_INLINE inline auto unequal_to_zero(__m256 x) { return _mm256_cmp_ps(x, _mm256_setzero_ps(), _CMP_NEQ_OQ); }
L1LOSS_INLINE inline auto unequal_to_zero(__m256d x) { return _mm256_cmp_pd(x, _mm256_setzero_pd(), _CMP_NEQ_OQ); }
L1LOSS_INLINE inline auto choose_by_sign(__m256 x, __m256 y, __m256 d) { return _mm256_blendv_ps(x, y, d); }
L1LOSS_INLINE inline auto choose_by_sign(__m256d x, __m256d y, __m256d d) { return _mm256_blendv_pd(x, y, d); }
L1LOSS_INLINE inline auto load_masked(float const* p, __m128i mask) { return _mm_maskload_ps(p, mask); }
L1LOSS_INLINE inline auto load_masked(double const* p, __m128i mask) { return _mm_maskload_pd(p, mask); }
L1LOSS_INLINE inline auto load_masked(float const* p, __m256i mask) { return _mm256_maskload_ps(p, mask); }
L1LOSS_INLINE inline auto load_masked(double const* p, __m256i mask) { return _mm256_maskload_pd(p, mask); }
L1LOSS_INLINE inline void store_masked(float* p, __m256i mask, __m256 x) { _mm256_maskstore_ps(p, mask, x); }
L1LOSS_INLINE inline void store_masked(double* p, __m256i mask, __m256d x) { _mm256_maskstore_pd(p, mask, x); }
L1LOSS_INLINE inline void stream(float* p, __m256 x) { _mm256_stream_ps(p, x); }
L1LOSS_INLINE inline void stream(double* p, __m256d x) { _mm256_stream_pd(p, x); }
#endif

#if XSIMD_WITH_AVX512F
L1LOSS_INLINE inline auto ordered(__m512 x, __m512 y) { return _mm512_cmp_ps_mask(x, y, _CMP_ORD_Q); }
L1LOSS_INLINE inline auto ordered(__m512d x, __m512d y) { return _mm512_cmp_pd_mask(x, y, _CMP_ORD_Q); }
L1LOSS_INLINE inline auto to_double(__m256 x) { return _mm512_maskz_cvtps_pd(0xff, x); }
L1LOSS_INLINE inline auto unequal_to_zero(__m512 x) { return _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_NEQ_OQ); }
L1LOSS_INLINE inline auto unequal_to_zero(__m512d x) { return _mm512_cmp_pd_mask(x, _mm512_setzero_pd(), _CMP_NEQ_OQ); }
L1LOSS_INLINE inline auto not_zero(vector<std::int32_t, 16> x) { return _mm512_test_epi32_mask(__m512i(x), __m512i(x)); }
L1LOSS_INLINE inline auto not_zero(vector<std::int64_t, 8> x) { return _mm512_test_epi64_mask(__m512i(x), __m512i(x)); }
L1LOSS_INLINE inline auto keep(vector<std::int32_t, 16> x, __mmask16 mask) { return _mm512_maskz_mov_epi32(mask, __m512i(x)); }
L1LOSS_INLINE inline auto keep(vector<std::int64_t, 8> x, __mmask8 mask) { return _mm512_maskz_mov_epi64(mask, __m512i(x)); }
L1LOSS_INLINE inline auto load_masked(float const* p, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, p); }
L1LOSS_INLINE inline auto load_masked(double const* p, __mmask8 mask) { return _mm512_maskz_loadu_pd(mask, p); }
L1LOSS_INLINE inline void store_masked(float* p, __mmask16 mask, __m512 x) { _mm512_mask_storeu_ps(p, mask, x); }
L1LOSS_INLINE inline void store_masked(double* p, __mmask8 mask, __m512d x) { _mm512_mask_storeu_pd(p, mask, x); }
L1LOSS_INLINE inline void stream(float* p, __m512 x) { _mm512_stream_ps(p, x); }
L1LOSS_INLINE inline void stream(double* p, __m512d x) { _mm512_stream_pd(p, x); }
/// The ternary operation `function` of the bits of x, y and z, and 0 in the lanes that are not in the mask.
template <int function> L1LOSS_INLINE inline auto ternary(__mmask16 mask, __m512i x, __m512i y, __m512i z) {
    return _mm512_maskz_ternarylogic_epi32(mask, x, y, z, function);
}
template <int function> L1LOSS_INLINE inline auto ternary(__mmask8 mask, __m512i x, __m512i y, __m512i z) {
    return _mm512_maskz_ternarylogic_epi64(mask, x, y, z, function);
}
#endif

} // namespace l1loss::detail::inline L1LOSS_FLAGS
