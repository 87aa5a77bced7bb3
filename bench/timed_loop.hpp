// The one loop that every implementation is timed in, and how an implementation enters the comparison.
//
// Ground floor, under all of this but the tables. The loop is instantiated in the translation unit of the
// implementation, so that it is compiled with the same flags; an implementation lives in an anonymous namespace, so that
// translation units with different flags share none of it.
#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#define L1LOSS_BENCH_INLINE __attribute__((always_inline)) inline

namespace l1loss_bench {

enum class work { mean, sum };

/// Throughput: a call may begin before the last one has ended. Latency: it may not, since it reads at an address that the
/// result of the last one goes into. Cold: the same, and nothing of what it reads is in a cache.
enum class pace { throughput, latency, cold };

/// What an implementation has to answer: the loss; or the bits of all that it reads, XORed (since ORed, those of one array of
/// random numbers are all that there are) or, where it writes, ORed element by element; beside a variant of the loss, also the one
/// without weights, mask, rows or gaps.
enum class answer { loss, bits, plain_loss };

/// The bits of a floating-point number that leave it below 2 and no NaN, whatever they are.
template <class Bits>
inline constexpr Bits below_two = Bits(-1) >> 2;

/// The time of calls with n elements each; gives the last result.
template <class T>
using timed_loop = double (*)(benchmark::State&, T const* x, T const* y, std::size_t n);

template <class T>
struct candidate {
    work of;
    char const* implementation;
    answer expected;
    std::size_t fixed_length; // 0: any
    timed_loop<T> throughput;
    timed_loop<T> latency;
    timed_loop<T> cold; // none for fixed lengths, and what is not inlined
};

/// What is in the comparison, in the order in which it came. In loss.bench.cpp.
template <class T>
std::vector<candidate<T>>& candidates();

/// The lengths that fixed shapes are timed at: around one batch of 4, 8 and 16 lanes, then up to a block.
using fixed_lengths = std::index_sequence<3, 4, 8, 15, 16, 32, 64, 128, 256, 512>;

/// Takes a value out of the compiler's sight: computed here, and whatever it likes from here on. Emits no instruction where
/// the value is in a register.
template <class T>
L1LOSS_BENCH_INLINE void make_opaque(T& value) {
#if defined(__x86_64__)
    if constexpr (std::is_floating_point_v<T>) asm volatile("" : "+x"(value));
    else asm volatile("" : "+r"(value));
#elif defined(__aarch64__)
    if constexpr (std::is_floating_point_v<T>) asm volatile("" : "+w"(value));
    else asm volatile("" : "+r"(value));
#else
    asm volatile("" : "+m"(value));
#endif
}

/// 0 for a loss, which is never negative. Only the compiler must not know that. (Looked at in a copy: g++ 12 would else keep
/// the result itself in an integer register, at two moves a call.)
template <class R>
L1LOSS_BENCH_INLINE std::size_t sign_bit(R result) {
    make_opaque(result);
    using bits = std::conditional_t<sizeof(R) == 4, std::uint32_t, std::uint64_t>;
    return std::bit_cast<bits>(result) >> (8 * sizeof(R) - 1);
}

template <class Implementation, work W, pace P, class T>
double time_calls(benchmark::State& state, T const* x, T const* y, std::size_t n) {
    decltype(Implementation::template loss<W>(x, y, n)) result{};
    for (auto _ : state) {
        make_opaque(x);
        make_opaque(y);
        make_opaque(n);
        result = Implementation::template loss<W>(x, y, n);
        make_opaque(result);
        if constexpr (P == pace::latency) {
            std::size_t const zero = sign_bit(result);
            x += zero;
            y += zero;
        }
    }
    return double(result);
}

/// Takes the cache lines of n elements out of all caches.
template <class T>
L1LOSS_BENCH_INLINE void evict([[maybe_unused]] T const* p, std::size_t n) {
    auto const* const bytes = reinterpret_cast<char const*>(p);
    for (std::size_t i = 0; i < n * sizeof(T); i += 64) {
#if defined(__x86_64__)
        asm volatile("clflush %0" : : "m"(bytes[i]) : "memory");
#elif defined(__aarch64__)
        asm volatile("dc civac, %0" : : "r"(bytes + i) : "memory");
#endif
    }
}

/// Where cold calls of n elements each read: a power of two of places, so many that the clock costs nothing, each on pages of its
/// own.
template <class T>
struct cold_places {
    std::size_t number, stride; // in elements

    explicit cold_places(std::size_t n)
        : number((std::size_t{1} << 22) / std::bit_ceil(std::max<std::size_t>(n, 16384))),
          stride((n * sizeof(T) / 4096 + 1) * 4096 / sizeof(T) + 64 / sizeof(T)) {}

    /// The k-th in an order that no prefetcher follows.
    std::size_t operator[](std::size_t k) const { return (k * 101) % number * stride; }
    std::size_t last() const { return (*this)[number - 1]; }
    std::size_t end() const { return number * stride; }
};
inline constexpr int cold_passes = 16;

/// The time of one of these calls, as the benchmark's own; they are made cold_passes times.
template <class Implementation, work W, class T>
double time_cold_calls(benchmark::State& state, T const* x, T const* y, std::size_t n) {
    cold_places<T> const places(n);
    decltype(Implementation::template loss<W>(x, y, n)) result{};
    for (auto _ : state) {
        for (std::size_t k = 0; k < places.number; ++k) evict(x + places[k], n), evict(y + places[k], n);
        benchmark::ClobberMemory();
        std::size_t zero = 0;
        auto const start = std::chrono::steady_clock::now();
        for (std::size_t k = 0; k < places.number; ++k) {
            std::size_t const at = places[k] + zero;
            make_opaque(n);
            result = Implementation::template loss<W>(x + at, y + at, n);
            make_opaque(result);
            zero = sign_bit(result);
        }
        std::chrono::duration<double> const all = std::chrono::steady_clock::now() - start;
        state.SetIterationTime(all.count() / double(places.number));
    }
    return double(result);
}

template <class Implementation, work W, class T>
void enter_as(char const* name, answer expected, std::size_t fixed_length) {
    timed_loop<T> cold = nullptr;
    if constexpr (W == work::mean)
        if (fixed_length == 0) cold = &time_cold_calls<Implementation, W, T>;
    candidates<T>().push_back({W, name, expected, fixed_length, &time_calls<Implementation, W, pace::throughput, T>,
                               &time_calls<Implementation, W, pace::latency, T>, cold});
}

/// Enters an implementation, a struct with
///
///     template <work W, class T> static auto loss(T const* x, T const* y, std::size_t n);
///
/// force-inlined, for the element types T.
template <class Implementation, class... T>
bool enter_implementation(char const* name, answer expected = answer::loss, std::size_t fixed_length = 0) {
    (enter_as<Implementation, work::mean, T>(name, expected, fixed_length), ...);
    (enter_as<Implementation, work::sum, T>(name, expected, fixed_length), ...);
    return true;
}

/// The same for Implementation<N>, which takes exactly N elements.
template <template <std::size_t> class Implementation, class... T>
bool enter_fixed(char const* name) {
    return [name]<std::size_t... N>(std::index_sequence<N...>) {
        return (enter_implementation<Implementation<N>, T...>(name, answer::loss, N) && ...);
    }(fixed_lengths{});
}

} // namespace l1loss_bench
