// What elements are: their types, one value for all of them, and none.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>

namespace l1loss::detail {

/// The types that elements are stored in.
template <class T>
concept element = std::same_as<T, float> || std::same_as<T, double>;

/// The type of a mask's elements: one byte, and 0 means no.
template <class M>
concept mask_element = std::is_same_v<M, bool> || std::is_same_v<M, char> || std::is_same_v<M, signed char> ||
                       std::is_same_v<M, unsigned char> || std::is_same_v<M, std::byte>;

/// The same value at every index.
template <class T>
struct constant {
    T value;
};

/// Where there is no array.
struct nothing {};

} // namespace l1loss::detail
