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
    lane_bits<A, Arch> lanes;
};
template <class A, class Arch> L1LOSS_INLINE inline lane_mask<A, Arch> mask_from(lane_bytes<A, Arch> bytes) {
    return bytes.lanes > 0; // != takes two instructions with AVX2
}
template <class Mask> L1LOSS_INLINE inline Mask mask_from(Mask mask) { return mask; }

/// Returns b with +0 in the lanes that are not chosen. AVX2 needs no compare: VPSIGND keeps a lane where the other operand is
/// positive, and clears it where that is 0.
template <class A, class Arch> L1LOSS_INLINE inline batch<A, Arch> choose(batch<A, Arch> const& b, lane_bytes<A, Arch> bytes) {
#if XSIMD_WITH_AVX2
    if constexpr (std::is_base_of_v<xsimd::avx2, Arch> && sizeof bytes == 32 && sizeof(A) == 4)
        return as_batch<A, Arch>(lane_bits<A, Arch>(_mm256_sign_epi32(__m256i(bits_of(b)), __m256i(bytes.lanes))));
    else
#endif
        return choose(b, mask_from(bytes));
}

template <class A, class Arch> L1LOSS_INLINE inline tally<A, Arch> tally_of(lane_bytes<A, Arch> bytes) {
    return tally_of<A, Arch>(mask_from(bytes));
}

// ---- From memory.

/// Loads the bytes at p, each widened to a lane, with 0 in the lanes that are not asked for. With mask registers, returns which of
/// them are not 0.
template <class A, class Arch, class M, class Lanes> L1LOSS_INLINE inline auto load_lane_bytes(M const* mask, Lanes lanes) {
    auto const* const p = reinterpret_cast<unsigned char const*>(mask);
    constexpr std::size_t N = batch<A, Arch>::size;
    vector<unsigned char, N> bytes;
    if constexpr (are_all<Lanes>) bytes = load_vector<unsigned char, N>(p);
    else bytes = load_first_bytes<N>(p, lanes.count);
#if XSIMD_WITH_AVX512BW
    if constexpr (has_mask_registers<A, Arch>) {
        __m512i const wide = _mm512_castsi128_si512(as_m128i<unsigned char, N>(bytes));
        return lane_mask<A, Arch>(typename lane_mask<A, Arch>::register_type(_mm512_test_epi8_mask(wide, wide)));
    } else
#endif
    {
        lane_bits<A, Arch> const wide = widen_integers<lane_integer<A>, unsigned char, N>(bytes);
        if constexpr (has_mask_registers<A, Arch>) return mask_of_bits<A, Arch>(wide);
        else return lane_bytes<A, Arch>{wide};
    }
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
