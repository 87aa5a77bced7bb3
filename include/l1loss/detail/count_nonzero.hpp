// How many bytes of a mask are not 0: as many at a time as a register has, where the sum of a mask's elements has a lane for each.
//
// On top of load.hpp, under canonical_sum.hpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include <l1loss/detail/load.hpp>

namespace l1loss::detail {

/// The sum of eight bytes.
L1LOSS_INLINE inline std::size_t sum_of_bytes(std::uint64_t bytes) {
    constexpr std::uint64_t every_other = 0x00ff'00ff'00ff'00ff;
    return static_cast<std::size_t>(((bytes & every_other) + (bytes >> 8 & every_other)) * 0x0001'0001'0001'0001 >> 48);
}

/// How many of n bytes are not 0. (Floats have wider registers than bytes, without AVX2.)
template <class Arch>
[[gnu::noinline]] std::size_t count_nonzero(unsigned char const* p, std::size_t n) {
    constexpr bool has_32 = std::is_base_of_v<xsimd::avx2, Arch> || std::is_base_of_v<xsimd::avx512f, Arch>;
    constexpr std::size_t size = has_32 ? 32 : 16;
    std::size_t zeros = 0;
    std::size_t left = n;
    auto const zeros_at = [](unsigned char const* at)
                              L1LOSS_INLINE { return vector<unsigned char, size>(load_vector<unsigned char, size>(at) == 0); };
    while (left >= size) {
        vector<unsigned char, size> zeros_of_lane{}, zeros_of_next{}; // two, or each addition waits for the one before
        std::size_t these = std::min<std::size_t>(left / size, 254);  // as many as a byte can count
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
