// Masks with one byte per element: chooses lanes by them, and counts the bytes that are not 0.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <l1loss/detail/simd/load.hpp>

namespace l1loss::detail {

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
template <class Arch, std::size_t N> L1LOSS_INLINE inline __m128i low_bytes(vector<unsigned char, N> const& bytes) {
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

/// Converts N bytes to integers of type I. Intrinsics are used because masks took up to six times as long with what g++ 12 makes of
/// __builtin_convertvector.
template <class I, class Arch, std::size_t N> L1LOSS_INLINE inline vector<I, N> widen_bytes(vector<unsigned char, N> const& bytes) {
    using wide = vector<I, N>;
#if XSIMD_WITH_AVX512F // masked with all lanes: without a mask, g++ 12 warns about its own header
    if constexpr (sizeof(wide) == 64)
        return wide(sizeof(I) == 4 ? _mm512_maskz_cvtepu8_epi32(0xffff, low_bytes<Arch, N>(bytes))
                                   : _mm512_maskz_cvtepu8_epi64(0xff, low_bytes<Arch, N>(bytes)));
#endif
#if XSIMD_WITH_AVX2
    if constexpr (sizeof(wide) == 32)
        return wide(sizeof(I) == 4 ? _mm256_cvtepu8_epi32(low_bytes<Arch, N>(bytes))
                                   : _mm256_cvtepu8_epi64(low_bytes<Arch, N>(bytes)));
#endif
#if XSIMD_WITH_SSE2
    if constexpr (sizeof(wide) == 16) {
        __m128i const zero = _mm_setzero_si128();
        __m128i const fours = _mm_unpacklo_epi16(_mm_unpacklo_epi8(low_bytes<Arch, N>(bytes), zero), zero);
        return wide(sizeof(I) == 4 ? fours : _mm_unpacklo_epi32(fours, zero));
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
    if constexpr (std::is_same_v<Lanes, all_lanes>) {
        bytes = load_vector<unsigned char, N>(p);
    } else if constexpr (N == 16) {
        std::uint64_t const low = load_bytes(p, std::min<std::size_t>(lanes.count, 8));
        std::uint64_t const high = lanes.count > 8 ? load_bytes(p + 8, lanes.count - 8) : 0;
        bytes = vector<unsigned char, N>(vector<std::uint64_t, 2>{low, high});
    } else {
        std::uint64_t const eight = load_bytes(p, lanes.count);
        __builtin_memcpy(&bytes, &eight, sizeof bytes);
    }
    return {widen_bytes<lane_integer<A>, Arch, N>(bytes)};
}

// ---- Counting. A register takes one element per byte here, where a tally takes one per lane.

L1LOSS_INLINE inline std::size_t sum_of_bytes(std::uint64_t bytes) {
    constexpr std::uint64_t every_other = 0x00ff'00ff'00ff'00ff;
    return static_cast<std::size_t>(((bytes & every_other) + (bytes >> 8 & every_other)) * 0x0001'0001'0001'0001 >> 48);
}

/// Returns how many of n bytes are not 0. AVX without AVX2 has registers of 32 bytes for floats, but only 16 for bytes.
template <class Arch> [[gnu::noinline]] std::size_t count_nonzero(unsigned char const* p, std::size_t n) {
    constexpr bool has_32 = std::is_base_of_v<xsimd::avx2, Arch> || std::is_base_of_v<xsimd::avx512f, Arch>;
    constexpr std::size_t size = has_32 ? 32 : 16;
    std::size_t zeros = 0;
    std::size_t left = n;
    auto const zeros_at = [](unsigned char const* at)
                              L1LOSS_INLINE { return vector<unsigned char, size>(load_vector<unsigned char, size>(at) == 0); };
    while (left >= size) {
        vector<unsigned char, size> zeros_of_lane{}, zeros_of_next{}; // two, so that additions do not wait for each other
        std::size_t these = std::min<std::size_t>(left / size, 254);  // even, and no more than a byte can count
        left -= these * size;
        for (; these >= 2; these -= 2, p += 2 * size) {
            zeros_of_lane -= zeros_at(p);
            zeros_of_next -= zeros_at(p + size);
        }
        if (these > 0) {
            zeros_of_lane -= zeros_at(p);
            p += size;
        }
        zeros_of_lane += zeros_of_next;
        std::uint64_t eights[size / 8];
        __builtin_memcpy(eights, &zeros_of_lane, size);
        for (std::uint64_t eight : eights) zeros += sum_of_bytes(eight);
    }
    for (; left > 0; p += 8) {
        std::size_t const these = std::min<std::size_t>(left, 8);
        constexpr std::uint64_t low_bits = 0x7f7f'7f7f'7f7f'7f7f;
        std::uint64_t const bytes = load_bytes(p, these);
        zeros += these - sum_of_bytes((((bytes & low_bits) + low_bits) | bytes) >> 7 & 0x0101'0101'0101'0101);
        left -= these;
    }
    return n - zeros;
}

} // namespace l1loss::detail
