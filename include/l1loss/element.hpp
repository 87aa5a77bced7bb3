// The element types that an argument may have, among them two floating-point types of two bytes.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include <l1loss/detail/float_format.hpp>

namespace l1loss {

/// How a type of two bytes stores a floating-point number. It is the binary16 of IEEE 754, or bfloat16, the upper half of a float.
using detail::float_format;

/// The format of T, or float_format::none. A type of two bytes is an element after one line:
///
///     template <> inline constexpr auto l1loss::format_of<Eigen::half> = l1loss::float_format::half;
///
/// _Float16, __bf16, std::float16_t and std::bfloat16_t have theirs where the compiler has these types.
template <class T> inline constexpr float_format format_of = float_format::none;
#if L1LOSS_HAS_FLOAT16
template <> inline constexpr float_format format_of<_Float16> = float_format::half;
#endif
#if L1LOSS_HAS_BFLOAT16
template <> inline constexpr float_format format_of<__bf16> = float_format::bfloat16;
#endif

/// A number stored in two bytes. It converts exactly to float. From another number it is rounded to the nearest, ties to even. An
/// integer beyond 2^53 and a long double are first rounded to double. What is too large becomes infinity, and a NaN stays a NaN,
/// made quiet.
///
/// An array of std::uint16_t that holds such bits is an array of integers to l1loss. Pass it as one of float16_t.
///
/// <arm_neon.h> has global names float16_t and bfloat16_t. Where both are visible, write l1loss::float16_t.
template <float_format Format> struct two_byte_float {
    std::uint16_t bits;

    two_byte_float() = default;
    template <class Number>
        requires std::is_arithmetic_v<Number>
    L1LOSS_INLINE constexpr two_byte_float(Number x) : bits(detail::encode<Format>(static_cast<double>(x))) {}
    L1LOSS_INLINE static constexpr two_byte_float from_bits(std::uint16_t b) {
        two_byte_float x{};
        x.bits = b;
        return x;
    }
    L1LOSS_INLINE constexpr operator float() const { return detail::decode<Format>(bits); }
};
using float16_t = two_byte_float<float_format::half>;
using bfloat16_t = two_byte_float<float_format::bfloat16>;
template <float_format Format> inline constexpr float_format format_of<two_byte_float<Format>> = Format;

/// The type in which a loss of elements T is computed, unless the call asks for a wider one: double for double, otherwise float.
template <class T> using accumulator_of = std::conditional_t<std::same_as<T, double>, double, float>;

} // namespace l1loss
