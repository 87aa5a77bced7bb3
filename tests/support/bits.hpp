// Converts floating-point numbers to their bits, by which tests compare results.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace test {

template <class T> using bits_of = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

template <class T> constexpr bits_of<T> bits(T x) { return std::bit_cast<bits_of<T>>(x); }

} // namespace test
