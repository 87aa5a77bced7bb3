// Floating-point formats of two bytes, by their definitions and apart from the library.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <l1loss/element.hpp>

#include "inputs.hpp"

namespace test {

using half = l1loss::float16_t; // arm_neon.h has the names of the library outside namespaces
using bfloat16 = l1loss::bfloat16_t;

template <class T> inline constexpr bool is_half = l1loss::format_of<T> == l1loss::float_format::half;
template <class T> inline constexpr int digits = is_half<T> ? 10 : 7; // of the fraction
template <class T> inline constexpr int max_exponent = is_half<T> ? 15 : 127;
template <class T> inline constexpr unsigned infinity = (2 * max_exponent<T> + 1) << digits<T>; // the pattern

/// The number that a pattern stands for, by the definition of its format.
template <class T> double value_of(unsigned pattern) {
    unsigned const magnitude = pattern & 0x7fff, fraction = magnitude & ((1u << digits<T>)-1), exponent = magnitude >> digits<T>;
    double x = std::ldexp(fraction, 1 - max_exponent<T> - digits<T>);
    if (magnitude > infinity<T>) x = std::numeric_limits<double>::quiet_NaN();
    else if (magnitude == infinity<T>) x = std::numeric_limits<double>::infinity();
    else if (exponent != 0) x = std::ldexp(fraction + (1u << digits<T>), int(exponent) - max_exponent<T> - digits<T>);
    return (pattern & 0x8000) != 0 ? -x : x;
}
template <class T> T from_bits(unsigned pattern) { return std::bit_cast<T>(static_cast<std::uint16_t>(pattern)); }
template <class T> unsigned pattern_of(T x) { return std::bit_cast<std::uint16_t>(x); }

/// Finite numbers of T of both signs. Most magnitudes lie in 2^-4 … 2^4, so that each shows in a sum. Every seventh is tiny, or
/// zero.
template <class T> std::vector<T> random_numbers(std::uint64_t seed, std::size_t n) {
    std::vector<T> all;
    for (std::size_t i = 0; i < n; ++i) {
        auto const random = static_cast<unsigned>(split_mix(seed, i) >> 40);
        unsigned const lowest = random % 7 == 0 ? 0 : unsigned(max_exponent<T> - 4) << digits<T>;
        all.push_back(from_bits<T>((random & 0x8000) | (lowest + (random & 0x7fff) % (8u << digits<T>))));
    }
    return all;
}
/// The same in float, by the reference.
template <class T> std::vector<float> copy_of(std::vector<T> const& all) {
    std::vector<float> copy;
    for (T const x : all) copy.push_back(static_cast<float>(value_of<T>(pattern_of(x))));
    return copy;
}

} // namespace test
