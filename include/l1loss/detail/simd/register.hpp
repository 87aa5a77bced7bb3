// A SIMD register as the kernels see it: an xsimd batch with an addition that no compiler flag reorders, and a fold of its lanes.
//
// The fold goes by halves. xsimd does not specify the order of reduce_add, and xsimd 8.1 cannot split registers. Functions on
// registers are force-inlined or templates on Arch, so that code for two ISAs can be linked into one program.
#pragma once

#include <bit>
#include <cstddef>
#include <type_traits>
#include <utility>

#include <l1loss/detail/order.hpp>
#include <l1loss/detail/simd/barrier.hpp>
#include <l1loss/detail/simd/intrinsics.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {
/// Registers that are narrower than those of the program. Their types are this unit's own. Otherwise units for two instruction sets
/// would share functions of xsimd.
struct of_16_bytes : xsimd::sse4_2 {};
struct of_32_bytes : xsimd::avx2 {};
} // namespace l1loss::detail::inline L1LOSS_FLAGS

namespace xsimd::types {
#if XSIMD_WITH_AVX
XSIMD_DECLARE_SIMD_REGISTER(float, l1loss::detail::of_16_bytes, __m128);
XSIMD_DECLARE_SIMD_REGISTER(double, l1loss::detail::of_16_bytes, __m128d);
#endif
#if XSIMD_WITH_AVX512F
XSIMD_DECLARE_SIMD_REGISTER(float, l1loss::detail::of_32_bytes, __m256);
XSIMD_DECLARE_SIMD_REGISTER(double, l1loss::detail::of_32_bytes, __m256d);
#endif
} // namespace xsimd::types

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class A, class Arch> using batch = xsimd::batch<A, Arch>;

/// Whether arithmetic on registers of Arch rounds as IEEE 754 requires. NEON of 32-bit Arm does not, because it flushes subnormal
/// numbers to zero.
template <class Arch>
inline constexpr bool is_ieee = !std::is_base_of_v<xsimd::neon, Arch> || std::is_base_of_v<xsimd::neon64, Arch>;

/// Whether sums in A can run on registers of Arch. These must round as IEEE 754 requires, have at least 16 bytes, and divide a
/// line. Masks are read as if the first byte were the lowest.
template <class A, class Arch>
concept has_registers =
    is_ieee<Arch> && std::endian::native == std::endian::little && xsimd::types::has_simd_register<A, Arch>::value &&
    (order<A>::line % batch<A, Arch>::size == 0) && (sizeof(A) * batch<A, Arch>::size >= 16);

template <class Arch>
inline constexpr std::size_t bytes_of_register = has_registers<float, Arch> ? sizeof(float) * batch<float, Arch>::size : 16;

/// The registers for a sum of at most `bytes` of terms. The bits do not depend on them.
///
///     at most        registers of    because, on Intel
///     tiny_bytes     16 bytes        the result exists 1 to 3 ns earlier: fewer steps fold the lanes, and each is faster
///     few_bytes      32 bytes        they take 0.5 to 0.9 of the time of 64 bytes
///     else           Arch            the loop takes the fewest instructions
inline constexpr std::size_t tiny_bytes = 32, few_bytes = 256;
template <class Arch, std::size_t bytes>
using arch_for = std::conditional_t<
    XSIMD_WITH_AVX && (bytes_of_register<Arch> > 16) && bytes <= tiny_bytes, of_16_bytes,
    std::conditional_t<(bytes_of_register<Arch> > 32) && XSIMD_WITH_AVX512F && bytes <= few_bytes, of_32_bytes, Arch>>;

/// Calls f with the constants k = 0 … N-1. This loop is unrolled at every optimisation level, so that arrays of batches stay in
/// registers.
template <std::size_t N, class F> L1LOSS_INLINE inline void unroll(F&& f) {
    [&]<std::size_t... k>(std::index_sequence<k...>)
        L1LOSS_INLINE { (f(std::integral_constant<std::size_t, k>{}), ...); }(std::make_index_sequence<N>{});
}

/// Whether a batch holds a vector of the compiler. An emulated batch holds an array.
template <class A, class Arch>
inline constexpr bool is_vector = std::is_convertible_v<typename batch<A, Arch>::register_type, vector<A, batch<A, Arch>::size>>;

template <class A, std::size_t N> L1LOSS_INLINE inline vector<A, N / 2> lower_half(vector<A, N> x) {
    return [&]<std::size_t... l>(std::index_sequence<l...>)
               L1LOSS_INLINE { return __builtin_shufflevector(x, x, l...); }(std::make_index_sequence<N / 2>{});
}
template <class A, std::size_t N> L1LOSS_INLINE inline vector<A, N / 2> upper_half(vector<A, N> x) {
#if XSIMD_WITH_AVX // otherwise g++ 12 permutes the whole register
    if constexpr (sizeof x == 32 && sizeof(A) == 4) return vector<A, N / 2>(_mm256_extractf128_ps(__m256(x), 1));
    else if constexpr (sizeof x == 32) return vector<A, N / 2>(_mm256_extractf128_pd(__m256d(x), 1));
    else
#endif
        return [&]<std::size_t... l>(std::index_sequence<l...>)
                   L1LOSS_INLINE { return __builtin_shufflevector(x, x, (N / 2 + l)...); }(std::make_index_sequence<N / 2>{});
}

/// Sums the lanes by halves: x[l] += x[l + N/2], then N/4, …, 1.
template <class A, std::size_t N> L1LOSS_INLINE inline A fold_vector(vector<A, N> x) {
    if constexpr (sizeof x > 16) {
        vector<A, N / 2> sum = lower_half<A, N>(x);
        accumulate(sum, upper_half<A, N>(x));
        return fold_vector<A, N / 2>(sum);
    } else { // the smallest register is folded in place, and its upper lanes become unspecified
        if constexpr (N == 4) accumulate<vector<A, N>>(x, __builtin_shufflevector(x, x, 2, 3, -1, -1));
        if constexpr (N == 4) accumulate<vector<A, N>>(x, __builtin_shufflevector(x, x, 1, -1, -1, -1));
        else accumulate<vector<A, N>>(x, __builtin_shufflevector(x, x, 1, -1));
        return x[0];
    }
}

template <class A, class Arch> L1LOSS_INLINE inline A fold(batch<A, Arch> const& b) {
    constexpr std::size_t N = batch<A, Arch>::size;
    if constexpr (is_vector<A, Arch>) {
        return fold_vector<A, N>(vector<A, N>(b.data));
    } else {
        A x[N];
        b.store_unaligned(x);
        fold_by_halves(x, N, 1, N);
        return x[0];
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
