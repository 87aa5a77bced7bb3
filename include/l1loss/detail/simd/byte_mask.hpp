// Masks with one byte per element: chooses lanes by them, and counts the bytes that are not 0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <l1loss/detail/simd/load.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The bytes of a mask, each widened to a lane. A lane is positive if it is chosen, and 0 if not.
template <class A, class Arch> struct lane_bytes {
    lane_mask<A, Arch> lanes;
};
template <class A, class Arch> L1LOSS_INLINE inline lane_mask<A, Arch> mask_from(lane_bytes<A, Arch> bytes) {
    return bytes.lanes > 0; // != takes two instructions with AVX2
}
/// Returns b with +0 in the lanes that are not chosen. AVX2 needs no compare: VPSIGND keeps a lane where the other operand is
/// positive, and clears it where that is 0.
template <class A, class Arch> L1LOSS_INLINE inline batch<A, Arch> choose(batch<A, Arch> const& b, lane_bytes<A, Arch> bytes) {
#if XSIMD_WITH_AVX2
    if constexpr (std::is_base_of_v<xsimd::avx2, Arch> && sizeof bytes == 32 && sizeof(A) == 4)
        return as_batch<A, Arch>(lane_mask<A, Arch>(_mm256_sign_epi32(__m256i(bits_of(b)), __m256i(bytes.lanes))));
    else
#endif
        return choose(b, mask_from(bytes));
}

template <class A, class Arch> L1LOSS_INLINE inline tally<A, Arch> tally_of(lane_bytes<A, Arch> bytes) {
    return {mask_from(bytes)};
}

// ---- From memory.

/// Returns the first `count` ≤ 8 bytes at p as an integer, with 0 above them. The loads overlap, and read no other bytes.
L1LOSS_INLINE inline std::uint64_t load_bytes(unsigned char const* p, std::size_t count) {
    auto const at = [&](std::size_t i, auto bytes) L1LOSS_INLINE {
        __builtin_memcpy(&bytes, p + i, sizeof bytes);
        return std::uint64_t{bytes} << 8 * i;
    };
    if (count >= 8) return at(0, std::uint64_t{});
    if (count >= 4) return at(0, std::uint32_t{}) | at(count - 4, std::uint32_t{});
    if (count >= 2) return at(0, std::uint16_t{}) | at(count - 1, std::uint8_t{});
    return count > 0 ? *p : 0;
}

#if XSIMD_WITH_SSE2
/// Returns a register that begins with N bytes and has 0 after them.
template <std::size_t N> L1LOSS_INLINE inline __m128i low_bytes(vector<unsigned char, N> const& bytes) {
    if constexpr (N == 16) {
        return __m128i(bytes);
    } else if constexpr (N == 8) {
        return _mm_loadl_epi64(reinterpret_cast<__m128i const*>(&bytes));
    } else {
        std::conditional_t<N == 4, std::uint32_t, std::uint16_t> together;
        __builtin_memcpy(&together, &bytes, sizeof together);
        return _mm_cvtsi32_si128(static_cast<int>(together));
    }
}
#endif

/// Converts N bytes to integers of type Int. Intrinsics are used because masks took up to six times as long with what g++ 12 makes
/// of
/// __builtin_convertvector.
template <class Int, std::size_t N> L1LOSS_INLINE inline vector<Int, N> widen_bytes(vector<unsigned char, N> const& bytes) {
    using wide = vector<Int, N>;
#if XSIMD_WITH_AVX512F // masked with all lanes: without a mask, g++ 12 warns about its own header
    if constexpr (sizeof(wide) == 64)
        return wide(sizeof(Int) == 4 ? _mm512_maskz_cvtepu8_epi32(0xffff, low_bytes<N>(bytes))
                                     : _mm512_maskz_cvtepu8_epi64(0xff, low_bytes<N>(bytes)));
#endif
#if XSIMD_WITH_AVX2
    if constexpr (sizeof(wide) == 32)
        return wide(sizeof(Int) == 4 ? _mm256_cvtepu8_epi32(low_bytes<N>(bytes)) : _mm256_cvtepu8_epi64(low_bytes<N>(bytes)));
#endif
#if XSIMD_WITH_SSE2
    if constexpr (sizeof(wide) == 16) {
        __m128i const zero = _mm_setzero_si128();
        __m128i const fours = _mm_unpacklo_epi16(_mm_unpacklo_epi8(low_bytes<N>(bytes), zero), zero);
        return wide(sizeof(Int) == 4 ? fours : _mm_unpacklo_epi32(fours, zero));
    }
#endif
    return __builtin_convertvector(bytes, wide);
}

/// Loads the bytes at p, each widened to a lane, with 0 in the lanes that are not asked for.
template <class A, class Arch, class M, class Lanes>
L1LOSS_INLINE inline lane_bytes<A, Arch> load_lane_bytes(M const* mask, Lanes lanes) {
    auto const* const p = reinterpret_cast<unsigned char const*>(mask);
    constexpr std::size_t N = batch<A, Arch>::size;
    vector<unsigned char, N> bytes;
    if constexpr (are_all<Lanes>) {
        bytes = load_vector<unsigned char, N>(p);
    } else if constexpr (N == 16) {
        std::uint64_t const low = load_bytes(p, std::min<std::size_t>(lanes.count, 8));
        std::uint64_t const high = lanes.count > 8 ? load_bytes(p + 8, lanes.count - 8) : 0;
        bytes = vector<unsigned char, N>(vector<std::uint64_t, 2>{low, high});
    } else {
        std::uint64_t const eight = load_bytes(p, lanes.count);
        __builtin_memcpy(&bytes, &eight, sizeof bytes);
    }
    return {widen_bytes<lane_integer<A>, N>(bytes)};
}

/// Returns how many of n bytes are not 0. A register counts one element per byte here, and a tally counts one per lane. AVX without
/// AVX2 has registers of 32 bytes for floats, but only 16 for bytes.
template <class Arch> [[gnu::noinline]] std::size_t count_nonzero(unsigned char const* p, std::size_t n) {
    constexpr bool has_32 = std::is_base_of_v<xsimd::avx2, Arch> || std::is_base_of_v<xsimd::avx512f, Arch>;
    constexpr std::size_t size = has_32 ? 32 : 16;
    using bytes = vector<unsigned char, size>;
    constexpr std::uint64_t ones = 0x0101'0101'0101'0101, low_bits = 0x7f * ones, even = 0x00ff'00ff'00ff'00ff;
    std::size_t count = 0;
    while (n >= size) {
        bytes zeros{};
        std::size_t const some = std::min<std::size_t>(n / size, 255); // as many as a byte can count
        for (std::size_t k = 0; k < some; ++k) zeros -= bytes(load_vector<unsigned char, size>(p + k * size) == 0);
        auto const eights = vector<std::uint64_t, size / 8>(zeros);
        auto const pairs = (eights & even) + (eights >> 8 & even);
        count += some * size;
        // The multiplication adds the four sums of 16 bits in the highest one.
        for (std::size_t k = 0; k < size / 8; ++k) count -= std::size_t(pairs[k] * (ones & even) >> 48);
        p += some * size;
        n -= some * size;
    }
    for (std::size_t some; n > 0; p += some, n -= some) {
        some = std::min<std::size_t>(n, 8);
        std::uint64_t const eight = load_bytes(p, some);
        count += std::size_t(((((eight & low_bits) + low_bits) | eight) >> 7 & ones) * ones >> 56);
    }
    return count;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
