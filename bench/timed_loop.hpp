// The loop that every implementation is timed in, and how an implementation enters the comparison.
//
// The loop is instantiated in the translation unit of the implementation, so it is compiled with the same flags. An implementation
// lives in an anonymous namespace, so that translation units with different flags share none of it.
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

/// How calls follow one another:
///
///     throughput   a call may begin before the last one has ended
///     latency      it may not: it reads at an address that depends on the result of the last one
///     cold         as latency, and nothing that it reads is in a cache
///     random       as throughput, and each call has another length, from random_lengths()
enum class pace { throughput, latency, cold, random };

/// What the result of an implementation is compared with:
///
///     loss         the exact loss
///     bits         all bits that it reads, XORed. Where it writes, the bits of input and target, ORed element by element
///     plain_loss   for a variant: the loss without weights, mask, rows or gaps
///     rounded_loss the loss in a type of two bytes, whose error is shown and not checked
///
/// Bits are XORed because the OR of one array of random numbers already has all bits set.
enum class answer { loss, bits, plain_loss, rounded_loss };

/// A mask of bits that leaves any floating-point number below 2 and not NaN.
template <class Bits> inline constexpr Bits below_two = Bits(-1) >> 2;

/// Times calls with n elements each. Returns the last result.
template <class T> using timed_loop = double (*)(benchmark::State&, T const* x, T const* y, std::size_t n);

template <class T> struct candidate {
    work of;
    char const* implementation;
    answer expected;
    std::size_t fixed_length; // 0: any length
    timed_loop<T> at[4];      // by pace. Null for those that it is not timed at
};

/// All implementations of the comparison, in the order in which they entered. In loss.bench.cpp.
template <class T> std::vector<candidate<T>>& candidates();

/// 2^16 random lengths, uniform in 1 … longest, always the same. No predictor remembers them: Zen 5 remembers some 30,000 branches,
/// others fewer. In loss.bench.cpp.
std::vector<std::uint16_t> const& random_lengths(std::size_t longest);

/// The lengths of fixed shapes: around one register of 4, 8 and 16 lanes, then up to a block.
using fixed_lengths = std::index_sequence<3, 4, 8, 15, 16, 32, 64, 128, 256, 512>;

/// Optimisation barrier: the value must be computed before, and the compiler knows nothing about it afterwards. Emits no
/// instruction where the value is in a register.
template <class T> L1LOSS_BENCH_INLINE void make_opaque(T& value) {
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

/// Returns 0, because a loss is never negative. Only the compiler does not know that. The barrier is on a copy. With one on the
/// result itself, g++ 12 would keep the result in an integer register, at two moves per call.
template <class R> L1LOSS_BENCH_INLINE std::size_t sign_bit(R result) {
    make_opaque(result);
    using bits = std::conditional_t<sizeof(R) == 4, std::uint32_t, std::uint64_t>;
    return std::bit_cast<bits>(result) >> (8 * sizeof(R) - 1);
}

/// One call, of which the compiler knows neither the operands nor the use of the result.
template <class Implementation, work W, class X, class Y>
L1LOSS_BENCH_INLINE auto opaque_call(X const*& x, Y const*& y, std::size_t& n) {
    make_opaque(x);
    make_opaque(y);
    make_opaque(n);
    auto result = Implementation::template loss<W>(x, y, n);
    make_opaque(result);
    return result;
}

template <class Implementation, work W, pace P, class X, class Y = X>
double time_calls(benchmark::State& state, X const* x, Y const* y, std::size_t n) {
    decltype(Implementation::template loss<W>(x, y, n)) result{};
    for (auto _ : state) {
        result = opaque_call<Implementation, W>(x, y, n);
        if constexpr (P == pace::latency) {
            std::size_t const zero = sign_bit(result);
            x += zero;
            y += zero;
        }
    }
    return double(result);
}

/// Times whole lists of random lengths, so that each implementation has the same.
template <class Implementation, work W, class T>
double time_random_calls(benchmark::State& state, T const* x, T const* y, std::size_t longest) {
    auto const& lengths = random_lengths(longest);
    decltype(Implementation::template loss<W>(x, y, longest)) result{};
    while (state.KeepRunningBatch(benchmark::IterationCount(lengths.size())))
        for (std::size_t n : lengths) result = opaque_call<Implementation, W>(x, y, n);
    return double(result);
}

/// Evicts the cache lines of n elements from all caches.
template <class T> L1LOSS_BENCH_INLINE void evict([[maybe_unused]] T const* p, std::size_t n) {
    auto const* const bytes = reinterpret_cast<char const*>(p);
    for (std::size_t i = 0; i < n * sizeof(T); i += 64) {
#if defined(__x86_64__)
        asm volatile("clflush %0" : : "m"(bytes[i]) : "memory");
#elif defined(__aarch64__)
        asm volatile("dc civac, %0" : : "r"(bytes + i) : "memory");
#endif
    }
}

/// Where cold calls of n elements each read. Their number is a power of two, and large enough that reading the clock costs nothing.
/// They begin a page or more apart, each one cache line further into its page.
template <class T> struct cold_places {
    std::size_t number, stride; // in elements

    explicit cold_places(std::size_t n)
        : number((std::size_t{1} << 22) / std::bit_ceil(std::max<std::size_t>(n, 16384))),
          stride((n * sizeof(T) / 4096 + 1) * 4096 / sizeof(T) + 64 / sizeof(T)) {}

    /// The k-th place, in an order that no prefetcher follows.
    std::size_t operator[](std::size_t k) const { return (k * 101) % number * stride; }
    std::size_t last() const { return (*this)[number - 1]; }
    std::size_t end() const { return number * stride; }
};
inline constexpr int cold_passes = 5;

/// Times these calls cold_passes times, and reports the time of one call as the benchmark's own.
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

template <class Implementation, work W, class T> void enter_as(char const* name, answer expected, std::size_t fixed_length) {
    candidate<T> c{W, name, expected, fixed_length, {}};
    c.at[int(pace::throughput)] = &time_calls<Implementation, W, pace::throughput, T>;
    c.at[int(pace::latency)] = &time_calls<Implementation, W, pace::latency, T>;
    if constexpr (W == work::mean)
        if (fixed_length == 0) {
            c.at[int(pace::cold)] = &time_cold_calls<Implementation, W, T>;
            c.at[int(pace::random)] = &time_random_calls<Implementation, W, T>;
        }
    candidates<T>().push_back(c);
}

/// Enters an implementation for the element types T. It is a struct with the force-inlined function
///
///     template <work W, class T> static auto loss(T const* x, T const* y, std::size_t n);
template <class Implementation, class... T>
bool enter_implementation(char const* name, answer expected = answer::loss, std::size_t fixed_length = 0) {
    (enter_as<Implementation, work::mean, T>(name, expected, fixed_length), ...);
    (enter_as<Implementation, work::sum, T>(name, expected, fixed_length), ...);
    return true;
}

/// The same for Implementation<N>, which takes exactly N elements.
template <template <std::size_t> class Implementation, class... T> bool enter_fixed(char const* name) {
    return [name]<std::size_t... N>(std::index_sequence<N...>) {
        return (enter_implementation<Implementation<N>, T...>(name, answer::loss, N) && ...);
    }(fixed_lengths{});
}

} // namespace l1loss_bench
