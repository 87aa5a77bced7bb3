// The data of the benchmarks, whose loss is known exactly, so that a result has an error and not only a time.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include "timed_loop.hpp"

namespace l1loss_bench {

/// The i-th output of SplitMix64, which does not need those before it.
inline std::uint64_t split_mix(std::uint64_t i) {
    std::uint64_t z = (i + 1) * 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/// Uniform random numbers in [0, 1) with all digits of T. They lie on a grid, so every difference is exact and a sum of differences
/// is a whole number of units. So the error of a result is the error of its summation.
template <class T> class workload {
public:
    /// The unit of the grid is 2^-digits, which is also the unit roundoff.
    static constexpr T unit = std::numeric_limits<T>::epsilon() / 2;

    /// Input and target, at least n elements from `offset` on. Both begin at a cache line. Every caller gets the same memory, so no
    /// implementation is luckier with its pages and cache sets.
    std::pair<T const*, T const*> arrays(std::size_t offset, std::size_t n) {
        for (; filled_ < offset + n; ++filled_) {
            input_[filled_] = random(2 * filled_);
            target_[filled_] = random(2 * filled_ + 1);
        }
        return {input_ + offset, target_ + offset};
    }

    /// Σ |input - target|, rounded once.
    long double exact_sum(std::size_t offset, std::size_t n) {
        auto const [known, is_new] = sums_.try_emplace({offset, n}, 0);
        if (is_new) {
            auto const [x, y] = arrays(offset, n);
            std::uint64_t high = 0, low = 0; // 2^26 differences of 53 bits, in halves that cannot overflow
            for (std::size_t i = 0; i < n; ++i) {
                auto const d = std::uint64_t(std::abs(x[i] - y[i]) / unit);
                high += d >> 32;
                low += d & 0xffffffff;
            }
            known->second = ((long double)high * 0x1p32L + (long double)low) * unit;
        }
        return known->second;
    }

    /// The bits of all elements, XORed, as a number below two.
    double exact_bits(std::size_t offset, std::size_t n) {
        using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
        auto const [x, y] = arrays(offset, n);
        bits any = 0;
        for (std::size_t i = 0; i < n; ++i) any ^= std::bit_cast<bits>(x[i]) ^ std::bit_cast<bits>(y[i]);
        return double(std::bit_cast<T>(any & below_two<bits>));
    }

    static constexpr std::size_t capacity = (std::size_t{1} << 26) + 64; // the longest workload, and room for an offset

private:
    static T random(std::uint64_t i) { return T(split_mix(i) >> (64 - std::numeric_limits<T>::digits)) * unit; }

    struct release {
        void operator()(T* p) const { std::free(p); }
    };
    using memory = std::unique_ptr<T[], release>;

    /// From input to target, in elements: whole pages, as large allocations are apart. The 37 Ki elements keep it off a power of
    /// two: 2^27 to 2^29 bytes apart, Zen 4 reads 2048 elements from the first cache in 1.6 times the time.
    static constexpr std::size_t distance = (std::size_t{1} << 26) + 37 * 1024;
    static_assert(distance >= capacity && distance * sizeof(T) % 4096 == 0);

    /// Reserves the longest workload at the start, so that it never moves. Pages come as they are filled.
    static memory reserve() {
        memory m(static_cast<T*>(std::aligned_alloc(64, 2 * distance * sizeof(T))));
        if (!m) throw std::bad_alloc();
        return m;
    }

    memory memory_ = reserve();
    T *input_ = memory_.get(), *target_ = input_ + distance;
    std::size_t filled_ = 0;
    std::map<std::pair<std::size_t, std::size_t>, long double> sums_;
};

} // namespace l1loss_bench
