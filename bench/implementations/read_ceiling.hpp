// The read ceiling: reads all that a loss must read, and XORs the bits.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <xsimd/xsimd.hpp>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

/// tail_bits + count has all bits set in the last `count` of N lanes.
template <class Bits, std::size_t N>
inline constexpr auto tail_bits = [] {
    std::array<Bits, 2 * N> bits{};
    std::fill(bits.begin() + N, bits.end(), Bits(-1));
    return bits;
}();

struct read_ceiling {
    template <work, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        using bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
        using batch = xsimd::batch<T>;
        constexpr std::size_t lanes = batch::size;
        // Eight loads take 4 cycles at two a cycle, and hide the add, compare and jump of the loop. Each load has its own
        // accumulator, so no XOR waits for another.
        constexpr std::size_t step = 4 * lanes;

        if (n < lanes) {
            bits any = 0;
            for (std::size_t i = 0; i < n; ++i) any ^= std::bit_cast<bits>(x[i]) ^ std::bit_cast<bits>(y[i]);
            return std::bit_cast<T>(any & below_two<bits>);
        }
        auto const at = [](T const* p) { return batch::load_unaligned(p); };
        T const* const end = x + n;
        batch tail; // of the last lanes, selects those that no whole register has
        std::memcpy(&tail, tail_bits<bits, lanes>.data() + n % lanes, sizeof tail);
        batch a0 = at(x + n - lanes) & tail, b0 = at(y + n - lanes) & tail;
        batch a1(T(0)), b1(T(0)), a2(T(0)), b2(T(0)), a3(T(0)), b3(T(0));
        for (T const* const last = x + n / step * step; x != last; x += step, y += step) {
            a0 = a0 ^ at(x);
            b0 = b0 ^ at(y);
            a1 = a1 ^ at(x + lanes);
            b1 = b1 ^ at(y + lanes);
            a2 = a2 ^ at(x + 2 * lanes);
            b2 = b2 ^ at(y + 2 * lanes);
            a3 = a3 ^ at(x + 3 * lanes);
            b3 = b3 ^ at(y + 3 * lanes);
        }
        for (; std::size_t(end - x) >= lanes; x += lanes, y += lanes) {
            a1 = a1 ^ at(x);
            b1 = b1 ^ at(y);
        }
        batch const all = ((a0 ^ b0) ^ (a1 ^ b1)) ^ ((a2 ^ b2) ^ (a3 ^ b3));
        std::uint64_t words[sizeof all / 8];
        std::memcpy(words, &all, sizeof all);
        std::uint64_t any = 0;
        for (std::uint64_t word : words) any ^= word;
        if constexpr (sizeof(T) == 4) any ^= any >> 32;
        return std::bit_cast<T>(bits(any) & below_two<bits>);
    }
};

} // namespace
} // namespace l1loss_bench
