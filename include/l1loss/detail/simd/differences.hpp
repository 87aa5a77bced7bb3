// Sums the differences of integer lanes in 64 bits.
#pragma once

#include <cstddef>
#include <cstdint>

#include <l1loss/detail/simd/register.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The bytes of a register of integers. AVX without AVX2 has 32 for floats alone.
template <class Arch>
inline constexpr std::size_t bytes_of_integers =
    XSIMD_WITH_AVX512BW && std::is_base_of_v<xsimd::avx512bw, Arch>                                        ? 64
    : XSIMD_WITH_AVX2 && (std::is_base_of_v<xsimd::avx2, Arch> || std::is_base_of_v<xsimd::avx512f, Arch>) ? 32
                                                                                                           : 16;

/// |x - y| of signed or unsigned lanes, as unsigned lanes.
template <class T, std::size_t N, class U = std::make_unsigned_t<T>>
L1LOSS_INLINE inline vector<U, N> difference(vector<T, N> x, vector<T, N> y) {
#if XSIMD_WITH_SSE2 // has no unsigned maximum of two bytes; one of the two differences saturates to 0
    if constexpr (sizeof x == 16 && std::is_same_v<T, std::uint16_t>)
        return vector<U, N>(_mm_subs_epu16(__m128i(x), __m128i(y))) | vector<U, N>(_mm_subs_epu16(__m128i(y), __m128i(x)));
#endif
#if XSIMD_WITH_NEON64
    if constexpr (sizeof x == 16 && std::is_same_v<T, std::uint16_t>) return vector<U, N>(vabdq_u16(uint16x8_t(x), uint16x8_t(y)));
#endif
    return vector<U, N>(x > y ? x : y) - vector<U, N>(x > y ? y : x);
}

/// Sums the lanes, modulo 2^64.
template <std::size_t N> L1LOSS_INLINE inline std::uint64_t sum_of_lanes(vector<std::uint64_t, N> const& x) {
    if constexpr (N == 2) return x[0] + x[1];
    else return sum_of_lanes<N / 2>(lower_half<std::uint64_t, N>(x) + upper_half<std::uint64_t, N>(x));
}

/// Sums of the differences of bytes. PSADBW adds eight of them to a lane of 64 bits.
template <std::size_t Bytes> struct byte_difference_sums {
    using lanes = vector<std::uint8_t, Bytes>;
    using sums = vector<std::uint64_t, Bytes / 8>;
    sums of_eight{};

    L1LOSS_INLINE void add(lanes x, lanes y) { of_eight += sum_of_differences(x, y); }
    L1LOSS_INLINE void add(byte_difference_sums const& other) { of_eight += other.of_eight; }
    L1LOSS_INLINE std::uint64_t total() const { return sum_of_lanes<Bytes / 8>(of_eight); }

private:
    L1LOSS_INLINE static sums sum_of_differences(lanes x, lanes y) {
#if XSIMD_WITH_AVX512BW
        if constexpr (Bytes == 64) return sums(_mm512_sad_epu8(__m512i(x), __m512i(y)));
#endif
#if XSIMD_WITH_AVX2
        if constexpr (Bytes == 32) return sums(_mm256_sad_epu8(__m256i(x), __m256i(y)));
#endif
#if XSIMD_WITH_SSE2
        if constexpr (Bytes == 16) return sums(_mm_sad_epu8(__m128i(x), __m128i(y)));
#endif
#if XSIMD_WITH_NEON64
        if constexpr (Bytes == 16) return sums(vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(vabdq_u8(uint8x16_t(x), uint8x16_t(y))))));
#endif
        auto sum = sums(difference<std::uint8_t, Bytes>(x, y));
        for (int bits : {8, 16, 32}) { // neighbouring fields are added, so the fields become twice as wide
            std::uint64_t const fields = ~std::uint64_t{0} / ((std::uint64_t{1} << bits) + 1);
            sum = (sum & fields) + (sum >> bits & fields);
        }
        return sum;
    }
};

/// Sums of the differences of unsigned lanes, one for each lane. Even and odd lanes are apart, each in twice the width.
template <class T, std::size_t Bytes> struct differences_by_lane {
    using lanes = vector<T, Bytes / sizeof(T)>;
    using wide = std::conditional_t<sizeof(T) == 1, std::uint16_t, std::uint32_t>;
    using sums = vector<wide, Bytes / sizeof(wide)>;
    /// How many differences a sum holds.
    static constexpr std::size_t max_added = wide(-1) / T(-1);
    sums even{}, odd{};

    L1LOSS_INLINE void add(lanes d) {
        even += sums(d) & wide{T(-1)};
        odd += sums(d) >> 8 * sizeof(T);
    }
    L1LOSS_INLINE void add(lanes x, lanes y) { add(difference<T, Bytes / sizeof(T)>(x, y)); }
    L1LOSS_INLINE void add(differences_by_lane const& other) { even += other.even, odd += other.odd; }
    /// The sum of all lanes, of numbers of two bytes, after at most max_added / 2 differences.
    L1LOSS_INLINE std::uint64_t total() const {
        static_assert(sizeof(T) == 2);
        auto const pairs = vector<std::uint64_t, Bytes / 8>(even + odd);
        return sum_of_lanes<Bytes / 8>((pairs & 0xffff'ffff) + (pairs >> 32));
    }
    L1LOSS_INLINE void add_to(std::uint64_t* totals) const {
        for (std::size_t l = 0; l < Bytes / sizeof(wide); ++l) totals[2 * l] += even[l], totals[2 * l + 1] += odd[l];
    }
};

/// Sums of the differences of unsigned lanes, for one total.
template <class T, std::size_t Bytes>
using difference_sums = std::conditional_t<sizeof(T) == 1, byte_difference_sums<Bytes>, differences_by_lane<T, Bytes>>;

} // namespace l1loss::detail::inline L1LOSS_FLAGS
