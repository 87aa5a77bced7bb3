// The one loop that every implementation is timed in, and how an implementation enters the comparison.
//
// Ground floor, under implementations/ and loss.bench.cpp. The loop is instantiated in the translation unit of the
// implementation, so that it is compiled with the same flags; an implementation lives in an anonymous namespace, so that
// translation units with different flags share none of it.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <benchmark/benchmark.h>

#define L1LOSS_BENCH_INLINE __attribute__((always_inline)) inline

namespace l1loss_bench {

enum class work { mean, sum };

/// Throughput: a call may begin before the last one has ended. Latency: it may not, since it reads at an address that the
/// result of the last one goes into.
enum class pace { throughput, latency };

/// What an implementation has to answer: the loss, or all bits of both inputs ORed together; beside a variant of the loss, also
/// the one without weights, mask, rows or gaps.
enum class answer { loss, bits, plain_loss };

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
};

/// Into the comparison, in the order of the calls. In loss.bench.cpp.
void enter(candidate<float> const& c);
void enter(candidate<double> const& c);

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

template <class Implementation, work W, class T>
void enter_as(char const* name, answer expected, std::size_t fixed_length) {
    enter({W, name, expected, fixed_length, &time_calls<Implementation, W, pace::throughput, T>,
           &time_calls<Implementation, W, pace::latency, T>});
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
    }
    (fixed_lengths{});
}

} // namespace l1loss_bench
