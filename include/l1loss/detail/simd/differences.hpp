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

/// Sums of the differences of unsigned lanes. PSADBW adds eight bytes to a lane of 64 bits. Numbers of two bytes are added by it
/// as bytes, and their upper bytes once more, since low + 256 · high = (low + high) + 255 · high.
template <class T, std::size_t Bytes> struct difference_sums {
    using lanes = vector<T, Bytes / sizeof(T)>;
    using sums = vector<std::uint64_t, Bytes / 8>;
    sums of_bytes{}, of_upper_bytes{};

    L1LOSS_INLINE void add(lanes d) {
        of_bytes += sum_of_differences(d, lanes{});
        if constexpr (sizeof(T) == 2) of_upper_bytes += sum_of_differences(d >> 8, lanes{});
    }
    L1LOSS_INLINE void add(lanes x, lanes y) {
        if constexpr (sizeof(T) == 1) of_bytes += sum_of_differences(x, y);
        else add(difference<T, Bytes / sizeof(T)>(x, y));
    }
    L1LOSS_INLINE void add(difference_sums const& other) { of_bytes += other.of_bytes, of_upper_bytes += other.of_upper_bytes; }
    L1LOSS_INLINE std::uint64_t total() const {
        return sum_lanes<Bytes / 8>(sizeof(T) == 1 ? of_bytes : of_bytes + of_upper_bytes * 255);
    }

private:
    template <std::size_t N> L1LOSS_INLINE static std::uint64_t sum_lanes(vector<std::uint64_t, N> const& x) {
        if constexpr (N == 2) return x[0] + x[1];
        else return sum_lanes<N / 2>(lower_half<std::uint64_t, N>(x) + upper_half<std::uint64_t, N>(x));
    }
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
        using bytes_of = vector<unsigned char, Bytes>;
        auto const a = bytes_of(x), b = bytes_of(y);
        auto sum = sums((a > b ? a : b) - (a > b ? b : a));
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
    L1LOSS_INLINE void add_to(std::uint64_t* totals) const {
        for (std::size_t l = 0; l < Bytes / sizeof(wide); ++l) totals[2 * l] += even[l], totals[2 * l + 1] += odd[l];
    }
};

} // namespace l1loss::detail::inline L1LOSS_FLAGS
