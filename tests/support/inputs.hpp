// Generates the inputs of the tests, which golden/make_sum.py generates too, bit for bit.
//
// They are functions of distribution, seed and index. They use integer arithmetic and exact scaling only, so they work in constant
// evaluation.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

/// The i-th output of SplitMix64. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
constexpr std::uint64_t split_mix(std::uint64_t seed, std::uint64_t i) {
    std::uint64_t z = seed + (i + 1) * 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

/// 2^e, which must be a normal number.
template <class T> constexpr T power_of_two(int e) {
    if constexpr (sizeof(T) == 4) {
        return std::bit_cast<float>(std::uint32_t(e + 127) << 23);
    } else {
        return std::bit_cast<double>(std::uint64_t(e + 1023) << 52);
    }
}

enum class distribution {
    uniform, // [0, 1) on a grid of 2^-24 or 2^-53: every difference is exact, most sums are not
    wide,    // both signs, magnitudes log-uniform over 2^-20 … 2^20, full mantissas: everything rounds
    near,    // target equals input but for the last 8 bits, as in a good reconstruction
};
inline constexpr distribution distributions[] = {distribution::uniform, distribution::wide, distribution::near};

constexpr std::string_view name_of(distribution d) {
    return d == distribution::uniform ? "uniform" : d == distribution::wide ? "wide" : "near";
}

/// Element i of the input (which = 0) or the target (which = 1).
template <class T> constexpr T element(distribution d, std::uint64_t which, std::uint64_t i) {
    constexpr int p = std::numeric_limits<T>::digits;
    std::uint64_t const z = split_mix(2 * std::uint64_t(d) + which, i);
    if (d == distribution::wide) {
        std::uint64_t const leading = std::uint64_t{1} << (p - 1);
        T const mantissa = T((z >> 1 & (leading - 1)) | leading);
        T const magnitude = mantissa * power_of_two<T>(int((z >> 58) % 41) - 20 - (p - 1));
        return (z & 1) != 0 ? -magnitude : magnitude;
    }
    if (d == distribution::near && which == 1) {
        std::uint64_t const input = split_mix(2 * std::uint64_t(d), i) >> (64 - p);
        return T(input ^ (z & 0xff)) * power_of_two<T>(-p);
    }
    return T(z >> (64 - p)) * power_of_two<T>(-p);
}

template <class T> std::pair<std::vector<T>, std::vector<T>> make_pair(distribution d, std::size_t n) {
    std::vector<T> input(n), target(n);
    for (std::size_t i = 0; i < n; ++i) {
        input[i] = element<T>(d, 0, i);
        target[i] = element<T>(d, 1, i);
    }
    return {std::move(input), std::move(target)};
}

} // namespace test
