// The types of elements and masks, and the stand-ins for an array that has one value or is absent.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail {

/// The storage types of elements.
template <class T>
concept element = std::same_as<T, float> || std::same_as<T, double>;

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

/// The same value at every index.
template <class T> struct constant {
    T value;
};

} // namespace l1loss::detail
