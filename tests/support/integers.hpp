// Integers for the tests, and what is expected of them, in 64 bits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "inputs.hpp"

namespace test {

/// Integers of all magnitudes. Every seventh is an extreme.
template <class T> std::vector<T> random_integers(std::uint64_t seed, std::size_t n) {
    std::vector<T> all;
    for (std::size_t i = 0; i < n; ++i) {
        std::uint64_t const random = split_mix(seed, i);
        bool const is_extreme = random % 7 == 0;
        all.push_back(!is_extreme              ? static_cast<T>(random >> 20)
                      : (random >> 8) % 2 == 0 ? (std::numeric_limits<T>::min)()
                                               : (std::numeric_limits<T>::max)());
    }
    return all;
}
template <class X, class Y> std::uint64_t difference(X x, Y y) {
    std::int64_t const d = std::int64_t{x} - std::int64_t{y};
    return static_cast<std::uint64_t>(d < 0 ? -d : d);
}
template <class X, class Y> std::uint64_t sum_of(X const& x, Y const& y) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += difference(x[i], y[i]);
    return sum;
}
template <class A> A mean_of(std::uint64_t sum, std::size_t n) {
    return n == 0 ? std::numeric_limits<A>::quiet_NaN() : A(double(sum) / double(n));
}
template <class T> std::vector<T> part_of(std::vector<T> const& all, std::size_t first, std::size_t n) {
    return {all.begin() + std::ptrdiff_t(first), all.begin() + std::ptrdiff_t(first + n)};
}

/// The numbers that quantised elements stand for. The product is kept in memory, so it is rounded on its own.
template <class A, class T, class Scale> std::vector<A> dequantized_copy(std::vector<T> const& codes, Scale scale, int zero_point) {
    std::vector<A> copy;
    for (T const q : codes) copy.push_back(A(int{q} - zero_point) * A(scale));
    return copy;
}

} // namespace test
