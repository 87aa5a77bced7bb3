// Converts floating-point numbers between the formats of two bytes and those of the language.
#pragma once

#include <bit>
#include <cstdint>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail {

enum class float_format : unsigned char { none, half, bfloat16 };

} // namespace l1loss::detail

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The number that the bits stand for. A signalling NaN of half becomes quiet, as in the instruction of F16C.
template <float_format Format> L1LOSS_INLINE constexpr float decode(std::uint16_t bits) {
    std::uint32_t const sign = std::uint32_t{bits & 0x8000u} << 16, magnitude = bits & 0x7fff;
    if constexpr (Format == float_format::bfloat16) {
        return std::bit_cast<float>(sign | magnitude << 16);
    } else {
        constexpr std::uint32_t bias = (127 - 15) << 23; // of the exponents
        std::uint32_t x = (magnitude << 13) + bias;
        if (magnitude > 0x7c00) x |= 0x400000;
        if (magnitude >= 0x7c00) x += bias;
        else if (magnitude < 0x400) // subnormal: m · 2^-24 = 2^-14 · (1 + m / 2^10) - 2^-14
            x = std::bit_cast<std::uint32_t>(std::bit_cast<float>(x + (1u << 23)) - 0x1p-14f);
        return std::bit_cast<float>(sign | x);
    }
}

/// The bits of x, rounded once to the nearest, ties to even. A NaN keeps the upper bits of its payload and becomes quiet.
template <float_format Format> constexpr std::uint16_t encode(double x) {
    constexpr int digits = Format == float_format::half ? 10 : 7, max_exponent = Format == float_format::half ? 15 : 127;
    constexpr std::uint64_t infinity = (2 * max_exponent + 1) << digits, infinity_of_double = std::uint64_t{0x7ff} << 52;
    std::uint64_t const bits = std::bit_cast<std::uint64_t>(x), sign = bits >> 48 & 0x8000,
                        magnitude = bits & ~(std::uint64_t{1} << 63);
    int shift = 52 - digits;
    if (magnitude > infinity_of_double)
        return static_cast<std::uint16_t>(sign | infinity | std::uint64_t{1} << (digits - 1) |
                                          (magnitude >> shift & ((1u << digits) - 1)));
    int const exponent = static_cast<int>(magnitude >> 52) - 1023, below = 1 - max_exponent - exponent;
    std::uint64_t significand = magnitude - (std::uint64_t{1023 - max_exponent} << 52);
    if (below > 0) { // subnormal in the format
        significand = (magnitude & ~infinity_of_double) | std::uint64_t{1} << 52;
        shift = below > digits + 1 ? 54 : shift + below;
    }
    std::uint64_t const up = (std::uint64_t{1} << (shift - 1)) - 1 + (significand >> shift & 1);
    std::uint64_t const rounded = (significand + up) >> shift;
    return static_cast<std::uint16_t>(sign | (rounded < infinity ? rounded : infinity));
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
