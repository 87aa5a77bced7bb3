// The types of elements and masks, and the stand-ins for an array that has one value or is absent.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <l1loss/detail/flags.hpp>
#include <l1loss/element.hpp>

namespace l1loss::detail {

/// The types of terms and sums of floating-point numbers.
template <class T>
concept accumulator = std::same_as<T, float> || std::same_as<T, double>;
/// A floating-point type that is only stored.
template <class T>
concept short_float = format_of<T> != float_format::none && sizeof(T) == 2 && std::is_trivially_copyable_v<T>;
template <class T>
concept integer_element = std::same_as<T, std::int8_t> || std::same_as<T, std::uint8_t> || std::same_as<T, std::int16_t> ||
                          std::same_as<T, std::uint16_t>;

/// The storage types of elements.
template <class T>
concept element = accumulator<T> || short_float<T> || integer_element<T>;

/// The storage types of a mask, one byte each. An element whose byte is 0 does not count.
template <class M>
concept mask_element = std::is_same_v<M, bool> || std::is_same_v<M, char> || std::is_same_v<M, signed char> ||
                       std::is_same_v<M, unsigned char> || std::is_same_v<M, std::byte>;

/// Stands where there is no argument, no output, or nothing to sum.
struct nothing {
    friend L1LOSS_INLINE constexpr void accumulate(nothing&, nothing) {}
};
/// Returns x, or `otherwise` if x is `nothing`.
template <class X, class Y> L1LOSS_INLINE constexpr auto given_or(X x, Y otherwise) {
    if constexpr (std::is_same_v<X, nothing>) return otherwise;
    else return x;
}

/// Returns x if it is needed, otherwise `nothing`.
template <bool is_needed, class X> L1LOSS_INLINE constexpr auto given_if(X const& x) {
    if constexpr (is_needed) return x;
    else return nothing{};
}

/// The same value at every index.
template <class T> struct constant {
    T value;
};

/// Integers that stand for (code - zero_point) · scale. Scale and zero point are numbers, or point to one number per row.
template <class Codes, class Scale, class ZeroPoint> struct dequantized_array {
    Codes codes;
    Scale scale;
    ZeroPoint zero_point;
};
template <class Codes, class Scale, class ZeroPoint>
dequantized_array(Codes, Scale, ZeroPoint) -> dequantized_array<Codes, Scale, ZeroPoint>;

} // namespace l1loss::detail

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// An element as a number of type A.
template <class A, class T> L1LOSS_INLINE constexpr A to_accumulator(T x) {
    if constexpr (short_float<T>) return A(decode<format_of<T>>(std::bit_cast<std::uint16_t>(x)));
    else return A(x);
}
/// A number as an element of type T, rounded once.
template <class T, class A> L1LOSS_INLINE constexpr T to_element(A x) {
    if constexpr (short_float<T>) return std::bit_cast<T>(encode<format_of<T>>(double(x)));
    else return static_cast<T>(x);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
