// Converts the lanes of a register between the type of elements in memory and the type of sums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <l1loss/detail/elements.hpp>
#include <l1loss/detail/simd/lanes.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// How a vector of the compiler holds elements of T: a float of two bytes as its bits.
template <class T> using lane_in_memory = std::conditional_t<short_float<T>, std::uint16_t, T>;

// ---- Integers.

#if XSIMD_WITH_SSE2
/// Returns a register that begins with the lanes of v and has 0 after them.
template <class T, std::size_t N> L1LOSS_INLINE inline __m128i as_m128i(vector<T, N> const& v) {
    if constexpr (sizeof v == 16) {
        return __m128i(v);
    } else if constexpr (sizeof v == 8) {
        return _mm_loadl_epi64(reinterpret_cast<__m128i const*>(&v));
    } else {
        std::conditional_t<sizeof v == 4, std::uint32_t, std::uint16_t> together;
        __builtin_memcpy(&together, &v, sizeof together);
        return _mm_cvtsi32_si128(static_cast<int>(together));
    }
}

/// The first lanes of v, each widened to 32 bits.
template <class T> L1LOSS_INLINE inline __m128i widen_first(__m128i v) {
    __m128i const zero = _mm_setzero_si128();
    if constexpr (sizeof(T) == 1) v = _mm_unpacklo_epi8(zero, v);
    v = _mm_unpacklo_epi16(zero, v);
    constexpr int down = 32 - 8 * sizeof(T); // from the upper end of a lane
    return std::is_signed_v<T> ? _mm_srai_epi32(v, down) : _mm_srli_epi32(v, down);
}
#endif

/// Converts N lanes to integers of type Int, which are wider. Intrinsics are used because masks took up to six times as long with
/// what g++ 12 makes of __builtin_convertvector.
template <class Int, class T, std::size_t N> L1LOSS_INLINE inline vector<Int, N> widen_integers(vector<T, N> const& v) {
    using wide = vector<Int, N>;
    static_assert(sizeof(Int) == 4 || std::is_same_v<T, unsigned char>);
    [[maybe_unused]] constexpr bool is_byte = sizeof(T) == 1, is_signed = std::is_signed_v<T>;
#if XSIMD_WITH_AVX512F // masked with all lanes: without a mask, g++ 12 warns about its own header
    if constexpr (sizeof(wide) == 64 && sizeof(Int) == 8) return wide(_mm512_maskz_cvtepu8_epi64(0xff, as_m128i<T, N>(v)));
    else if constexpr (sizeof(wide) == 64 && is_byte)
        return wide(is_signed ? _mm512_maskz_cvtepi8_epi32(0xffff, __m128i(v)) : _mm512_maskz_cvtepu8_epi32(0xffff, __m128i(v)));
    else if constexpr (sizeof(wide) == 64)
        return wide(is_signed ? _mm512_maskz_cvtepi16_epi32(0xffff, __m256i(v)) : _mm512_maskz_cvtepu16_epi32(0xffff, __m256i(v)));
#endif
#if XSIMD_WITH_AVX2
    if constexpr (sizeof(wide) == 32 && sizeof(Int) == 8) return wide(_mm256_cvtepu8_epi64(as_m128i<T, N>(v)));
    else if constexpr (sizeof(wide) == 32 && is_byte)
        return wide(is_signed ? _mm256_cvtepi8_epi32(as_m128i<T, N>(v)) : _mm256_cvtepu8_epi32(as_m128i<T, N>(v)));
    else if constexpr (sizeof(wide) == 32)
        return wide(is_signed ? _mm256_cvtepi16_epi32(__m128i(v)) : _mm256_cvtepu16_epi32(__m128i(v)));
#endif
#if XSIMD_WITH_SSE2
    if constexpr (sizeof(wide) == 16) {
        __m128i const fours = widen_first<T>(as_m128i<T, N>(v));
        return wide(sizeof(Int) == 4 ? fours : _mm_unpacklo_epi32(fours, _mm_setzero_si128()));
    }
#endif
    return __builtin_convertvector(v, wide);
}

/// The low bytes of each lane. SSE2 alone cannot shuffle bytes.
template <class T, std::size_t N> L1LOSS_INLINE inline vector<T, N> narrow(vector<std::int32_t, N> const& v) {
    if constexpr (sizeof(T) == sizeof(std::int32_t)) return vector<T, N>(v);
#if XSIMD_WITH_SSE2 && !XSIMD_WITH_SSSE3
    return __builtin_convertvector((__builtin_convertvector(v, vector<std::uint16_t, N>)), vector<T, N>);
#else
    constexpr std::size_t parts = sizeof(std::int32_t) / sizeof(T);
    auto const all = vector<T, parts * N>(v);
    return [&]<std::size_t... l>(std::index_sequence<l...>)
               L1LOSS_INLINE { return __builtin_shufflevector(all, all, (parts * l)...); }(std::make_index_sequence<N>{});
#endif
}

// ---- Floating-point numbers of two bytes.

/// Lanes of 32 bits, with the lanes of v in their upper halves. One shuffle replaces a widening and a shift.
template <std::size_t N> L1LOSS_INLINE inline vector<std::int32_t, N> in_upper_halves(vector<std::uint16_t, N> const& v) {
    using wide [[maybe_unused]] = vector<std::int32_t, N>;
#if XSIMD_WITH_AVX512BW
    if constexpr (N == 16) {
        vector<std::uint16_t, 2 * N> const from = [&]<std::size_t... l>(std::index_sequence<l...>) L1LOSS_INLINE {
            return vector<std::uint16_t, 2 * N>{std::uint16_t(l / 2)...};
        }(std::make_index_sequence<2 * N>{});
        constexpr __mmask32 upper_halves = 0xaaaa'aaaa;
        return wide(_mm512_maskz_permutexvar_epi16(upper_halves, __m512i(from), _mm512_castsi256_si512(__m256i(v))));
    }
#endif
#if XSIMD_WITH_AVX2
    if constexpr (N == 8) {    // the load repeats its 16 bytes
        constexpr char o = -1; // clears a byte
        __m256i const to_upper_half = _mm256_setr_epi8(o, o, 0, 1, o, o, 2, 3, o, o, 4, 5, o, o, 6, 7, //
                                                       o, o, 8, 9, o, o, 10, 11, o, o, 12, 13, o, o, 14, 15);
        return wide(_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(__m128i(v)), to_upper_half));
    }
#endif
#if XSIMD_WITH_SSE2
    if constexpr (N == 4) return wide(_mm_unpacklo_epi16(_mm_setzero_si128(), as_m128i<std::uint16_t, N>(v)));
#endif
    return widen_integers<std::int32_t, std::uint16_t, N>(v) << 16;
}

/// The numbers that N bit patterns stand for, as decode does it, but a signalling NaN may stay so.
template <float_format Format, std::size_t N>
L1LOSS_INLINE inline vector<float, N> decode_lanes(vector<std::uint16_t, N> const& v) {
    using numbers = vector<float, N>;
    using ints = vector<std::int32_t, N>;
#if defined(__F16C__)
    if constexpr (Format == float_format::half && N == 4) return numbers(_mm_cvtph_ps(as_m128i<std::uint16_t, N>(v)));
    else if constexpr (Format == float_format::half && N == 8) return numbers(_mm256_cvtph_ps(__m128i(v)));
#endif
#if XSIMD_WITH_AVX512F
    if constexpr (Format == float_format::half && N == 16) return numbers(_mm512_maskz_cvtph_ps(0xffff, __m256i(v)));
#endif
#if XSIMD_WITH_NEON64
    if constexpr (Format == float_format::half && N == 4) return numbers(vcvt_f32_f16(float16x4_t(v)));
#endif
    ints const bits = in_upper_halves<N>(v);
    if constexpr (Format == float_format::bfloat16) {
        return numbers(bits);
    } else {
        // The largest exponent of half becomes that of float, so infinity and NaN stay so. The product has the right exponent.
        constexpr std::int32_t offset = (255 - 31) << 23, upper_half = 1 << 16;
        ints const magnitude = bits & 0x7fff * upper_half, sign = bits ^ magnitude;
        numbers const large = numbers((magnitude >> 3) + offset);
        // The smaller of two candidates is right. For a normal number they are x and 2x - 2^-14. For a subnormal one it is the
        // second.
        return numbers(ints(smaller(large * 0x1p-112f, large * 0x1p-111f - 0x1p-14f)) | sign);
    }
}

/// The bits of N numbers, as encode makes them. Half without F16C, and a double, are encoded one at a time.
template <float_format Format, class A, std::size_t N>
L1LOSS_INLINE inline vector<std::uint16_t, N> encode_lanes(vector<A, N> const& v) {
    using ints = vector<std::int32_t, N>;
    [[maybe_unused]] constexpr bool is_half = std::is_same_v<A, float> && Format == float_format::half;
#if defined(__F16C__)
    if constexpr (is_half && N == 8) return vector<std::uint16_t, N>(_mm256_cvtps_ph(__m256(v), _MM_FROUND_TO_NEAREST_INT));
#endif
#if XSIMD_WITH_AVX512F
    if constexpr (is_half && N == 16)
        return vector<std::uint16_t, N>(_mm512_maskz_cvtps_ph(0xffff, __m512(v), _MM_FROUND_TO_NEAREST_INT));
#endif
#if XSIMD_WITH_NEON64
    if constexpr (is_half && N == 4) return vector<std::uint16_t, N>(vcvt_f16_f32(float32x4_t(v)));
#endif
    if constexpr (Format == float_format::bfloat16 && std::is_same_v<A, float>) {
        using unsigned_ints = vector<std::uint32_t, N>; // a NaN may overflow
        ints const bits = ints(v), rounded = ints(unsigned_ints(bits) + 0x7fff + (unsigned_ints(bits) >> 16 & 1)),
                   is_nan = ints((bits & 0x7fffffff) > 0x7f800000);
        return narrow<std::uint16_t, N>(((rounded & ~is_nan) | ((bits | 0x400000) & is_nan)) >> 16);
    } else {
        vector<std::uint16_t, N> bits{};
        for (std::size_t l = 0; l < N; ++l) bits[l] = encode<Format>(static_cast<double>(v[l]));
        return bits;
    }
}

// ---- Any.

/// Converts the lanes of elements T to A.
template <class A, class T, std::size_t N> L1LOSS_INLINE inline vector<A, N> convert(vector<lane_in_memory<T>, N> const& v) {
    if constexpr (std::is_same_v<A, T>) return v;
    else if constexpr (short_float<T>) return convert<A, float, N>(decode_lanes<format_of<T>, N>(v));
    else if constexpr (integer_element<T>) return __builtin_convertvector((widen_integers<std::int32_t, T, N>(v)), vector<A, N>);
    else if constexpr (std::is_same_v<A, double> && requires { to_double(v); })
        return vector<A, N>(to_double(v)); // one instruction, where g++ 12 makes six
    else return __builtin_convertvector(v, vector<A, N>);
}

/// Converts the lanes of sums A to elements T.
template <class T, class A, std::size_t N> L1LOSS_INLINE inline vector<lane_in_memory<T>, N> convert_to(vector<A, N> const& v) {
    if constexpr (std::is_same_v<A, T>) return v;
    else if constexpr (short_float<T>) return encode_lanes<format_of<T>, A, N>(v);
    else if constexpr (std::is_integral_v<T>) return narrow<T, N>(__builtin_convertvector(v, vector<std::int32_t, N>));
    else return __builtin_convertvector(v, vector<T, N>);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
