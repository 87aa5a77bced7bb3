// A SIMD register as the kernels see it: an xsimd batch, an addition that no compiler flag reorders, and the fold of its
// lanes by halves, which xsimd leaves unspecified (reduce_add) or 8.1 cannot split.
//
// Ground floor, under load.hpp, terms.hpp and sum_simd.hpp. Everything that touches a batch is a template on Arch and
// force-inlined, so that the same code compiled for two ISAs can live in one program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include <xsimd/xsimd.hpp>

#include <l1loss/detail/order.hpp>

#if XSIMD_WITH_AVX
#include <immintrin.h>
#endif

/// Before a function or behind the parameters of a lambda. On the kernel path nothing may stay a function of its own, which
/// code compiled for another ISA could come to share. (But instrumented code takes minutes to compile if it is inlined.)
#if defined(__SANITIZE_ADDRESS__)
#define L1LOSS_INLINE
#else
#define L1LOSS_INLINE __attribute__((always_inline))
#endif

namespace l1loss::detail {

template <class A, class Arch>
using batch = xsimd::batch<A, Arch>;

/// Whether arithmetic on registers of Arch rounds as IEEE 754 has it. NEON of 32-bit Arm does not: it takes subnormal numbers for
/// zero.
template <class Arch>
inline constexpr bool is_ieee = !std::is_base_of_v<xsimd::neon, Arch> || std::is_base_of_v<xsimd::neon64, Arch>;

/// Whether sums in A can run on batches of Arch: they round as they should, it has them, of 16 bytes at least, and they divide a
/// line.
template <class A, class Arch>
concept batchable = is_ieee<Arch> && xsimd::types::has_simd_register<A, Arch>::value &&
                    (order<A>::line % batch<A, Arch>::size == 0) &&
                    (sizeof(A) * batch<A, Arch>::size >= 16);

template <class Arch>
inline constexpr std::size_t bytes_of_register = batchable<float, Arch> ? sizeof(float) * batch<float, Arch>::size : 16;

/// Calls f with the constants k = 0 … N-1: a loop that is unrolled at every optimisation level, so that arrays of batches
/// live in registers.
template <std::size_t N, class F>
L1LOSS_INLINE inline void unroll(F&& f) {
    [&]<std::size_t... k>(std::index_sequence<k...>) L1LOSS_INLINE { (f(std::integral_constant<std::size_t, k>{}), ...); }
    (std::make_index_sequence<N>{});
}

/// Hides from the compiler how a register came by its value, an integer or a pointer too, so that -ffast-math in the including
/// program cannot reassociate what led to it. Emits no instruction.
template <class Register>
L1LOSS_INLINE inline void keep([[maybe_unused]] Register& value) {
#if defined(__x86_64__) || defined(__i386__)
    if constexpr (std::is_integral_v<Register> || std::is_pointer_v<Register>) asm("" : "+r"(value));
    else if constexpr (!std::is_class_v<Register>) asm("" : "+x"(value));
#elif defined(__aarch64__)
    if constexpr (std::is_integral_v<Register> || std::is_pointer_v<Register>) asm("" : "+r"(value));
    else if constexpr (!std::is_class_v<Register>) asm("" : "+w"(value));
#endif
}

/// The same for a scalar, a vector or a batch.
template <class V>
L1LOSS_INLINE inline void keep_value(V& value) {
    if constexpr (requires { value.data; }) keep(value.data);
    else keep(value);
}

/// The same for both at once, each of which then depends on the other. Two statements of one operand each are not enough where
/// an operand is a constant: clang merges those of neighbouring calls, and shares what it makes of them.
template <class A>
L1LOSS_INLINE inline void keep([[maybe_unused]] A& x, [[maybe_unused]] A& y) {
#if defined(__x86_64__) || defined(__i386__)
    asm("" : "+x"(x), "+x"(y));
#elif defined(__aarch64__)
    asm("" : "+w"(x), "+w"(y));
#endif
}

/// N lanes of T as a vector type of the compiler's own, which can be split and shuffled on every ISA.
template <class T, std::size_t N>
struct vector_type {
    using type [[gnu::vector_size(N * sizeof(T))]] = T;
};
template <class T, std::size_t N>
using vector = typename vector_type<T, N>::type;

/// Whether a batch is held in such a vector; an emulated one is an array.
template <class A, class Arch>
inline constexpr bool is_vector = std::is_convertible_v<typename batch<A, Arch>::register_type, vector<A, batch<A, Arch>::size>>;

/// sum += term, rounded once and never reassociated: of scalars, of the compiler's vectors, or of batches. In place: where
/// the sum came back by value, g++ 12 copied a register per addition.
template <class V>
L1LOSS_INLINE inline void accumulate(V& sum, V const& term) {
    sum += term;
    keep_value(sum);
}
/// Of batches as the vectors that they are: their operator is a function that takes the address of the sum, and where g++ 12
/// inlines it late, sums stay in memory.
template <class A, class Arch>
L1LOSS_INLINE inline void accumulate(batch<A, Arch>& sum, batch<A, Arch> const& term) {
    if constexpr (is_vector<A, Arch>) {
        using lanes = vector<A, batch<A, Arch>::size>;
        sum.data = typename batch<A, Arch>::register_type(lanes(sum.data) + lanes(term.data));
    } else {
        sum += term;
    }
    keep_value(sum);
}
template <class First, class Second>
L1LOSS_INLINE inline void accumulate(both<First, Second>& sum, both<First, Second> const& term) {
    accumulate(sum.first, term.first);
    accumulate(sum.second, term.second);
}

template <class A, std::size_t N>
L1LOSS_INLINE inline vector<A, N / 2> lower_half(vector<A, N> x) {
    return [&]<std::size_t... l>(std::index_sequence<l...>) L1LOSS_INLINE { return __builtin_shufflevector(x, x, l...); }
    (std::make_index_sequence<N / 2>{});
}
template <class A, std::size_t N>
L1LOSS_INLINE inline vector<A, N / 2> upper_half(vector<A, N> x) {
#if XSIMD_WITH_AVX // g++ 12 would permute the whole register
    if constexpr (sizeof x == 32 && sizeof(A) == 4) return vector<A, N / 2>(_mm256_extractf128_ps(x, 1));
    else if constexpr (sizeof x == 32) return vector<A, N / 2>(_mm256_extractf128_pd(x, 1));
    else
#endif
        return [&]<std::size_t... l>(std::index_sequence<l...>) L1LOSS_INLINE {
            return __builtin_shufflevector(x, x, (N / 2 + l)...);
        }
    (std::make_index_sequence<N / 2>{});
}

/// Sum of the lanes by halves: x[l] += x[l + N/2], then N/4, …, 1. Only the first Live lanes are not +0: halves that hold
/// nothing else are not added.
template <std::size_t Live, class A, std::size_t N>
L1LOSS_INLINE inline A fold_vector(vector<A, N> x) {
    if constexpr (Live == 1) {
        return x[0];
    } else if constexpr (sizeof x > 16) {
        vector<A, N / 2> sum = lower_half<A, N>(x);
        if constexpr (Live > N / 2) accumulate(sum, upper_half<A, N>(x));
        return fold_vector<(Live < N / 2 ? Live : N / 2), A, N / 2>(sum);
    } else { // the smallest register: folded in place, whatever becomes of the upper lanes
        if constexpr (N == 4 && Live > 2) accumulate<vector<A, N>>(x, __builtin_shufflevector(x, x, 2, 3, -1, -1));
        if constexpr (N == 4) accumulate<vector<A, N>>(x, __builtin_shufflevector(x, x, 1, -1, -1, -1));
        else accumulate<vector<A, N>>(x, __builtin_shufflevector(x, x, 1, -1));
        return x[0];
    }
}

inline constexpr std::size_t all_of_them = ~std::size_t{0};

template <std::size_t Live, class A, class Arch>
L1LOSS_INLINE inline A fold(batch<A, Arch> const& b) {
    constexpr std::size_t N = batch<A, Arch>::size;
    if constexpr (is_vector<A, Arch>) {
        return fold_vector<Live, A, N>(vector<A, N>(b.data));
    } else {
        A x[N];
        b.store_unaligned(x);
        for (std::size_t half = N / 2; half > 0; half /= 2)
            for (std::size_t l = 0; l < half; ++l) accumulate(x[l], x[l + half]);
        return x[0];
    }
}

// ---- Lanes that are chosen, and how many were.

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

/// The bytes of a mask, each as wide as a lane: 0 in the lanes that are not chosen, positive in the others.
template <class A, class Arch>
struct lane_bytes {
    lane_mask<A, Arch> lanes;
};
template <class A, class Arch>
L1LOSS_INLINE inline lane_mask<A, Arch> mask_from(lane_bytes<A, Arch> bytes) {
    return bytes.lanes > 0; // != is two instructions with AVX2
}
/// The same choice. With AVX2, VPSIGND leaves a lane as it is beside a positive number and clears it beside 0: no mask is made
/// first.
template <class A, class Arch>
L1LOSS_INLINE inline batch<A, Arch> choose(batch<A, Arch> const& b, lane_bytes<A, Arch> bytes) {
#if XSIMD_WITH_AVX2
    if constexpr (std::is_base_of_v<xsimd::avx2, Arch> && sizeof bytes == 32 && sizeof(A) == 4)
        return as_batch<A, Arch>(lane_mask<A, Arch>(_mm256_sign_epi32(__m256i(bits_of(b)), __m256i(bytes.lanes))));
    else
#endif
        return choose(b, mask_from(bytes));
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
L1LOSS_INLINE inline tally<A, Arch> tally_of(lane_bytes<A, Arch> bytes) {
    return {mask_from(bytes)};
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

template <std::size_t Live, class First, class Second>
L1LOSS_INLINE inline auto fold(both<First, Second> const& x) {
    return both<decltype(fold<Live>(x.first)), decltype(fold<Live>(x.second))>{fold<Live>(x.first), fold<Live>(x.second)};
}

template <class A, class Arch>
L1LOSS_INLINE inline void set_zero(batch<A, Arch>& x) {
    x = batch<A, Arch>(A(0));
}
template <class A, class Arch>
L1LOSS_INLINE inline void set_zero(tally<A, Arch>& x) {
    x.lanes = lane_mask<A, Arch>{};
}
template <class First, class Second>
L1LOSS_INLINE inline void set_zero(both<First, Second>& x) {
    set_zero(x.first);
    set_zero(x.second);
}

/// How many registers a term takes.
template <class Term>
inline constexpr std::size_t registers_of = 1;
template <class First, class Second>
inline constexpr std::size_t registers_of<both<First, Second>> = registers_of<First> + registers_of<Second>;

} // namespace l1loss::detail
