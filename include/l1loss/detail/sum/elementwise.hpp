// Walks terms a register at a time, and writes terms and gradients without a sum.
//
// The term source decides what is written. This file decides when the writes bypass the caches.
#pragma once

#include <algorithm>
#include <cstdint>

#include <l1loss/detail/order.hpp>
#include <l1loss/detail/sum/terms.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Calls f(i, term) with each register of the terms [first, last), whole ones and then a partial one. i is the index of its first
/// term. Whole is all_lanes or streamed_lanes.
template <class Arch, class Whole = all_lanes, class Terms, class F>
L1LOSS_INLINE inline void for_each_register(Terms const& terms, std::size_t first, std::size_t last, F f) {
    constexpr std::size_t size = batch<typename Terms::value_type, Arch>::size;
    if (first >= last) return;
    do { // one pass, unless a view hands out windows
        std::size_t count = last - first;
        auto const window = window_from<Arch>(terms, first, (std::min)(count, window_size), count);
        auto const take = [&](std::size_t i, auto lanes)
                              L1LOSS_INLINE { f(first + i, window.terms.template load<Arch>(window.first + i, lanes)); };
        std::size_t i = 0;
        for (; count - i >= 4 * size; i += 4 * size) unroll<4>([&](auto k) L1LOSS_INLINE { take(i + k * size, Whole{}); });
        for (; count - i >= size; i += size) take(i, Whole{});
        if (i < count) take(i, first_lanes{count - i});
        first += count;
    } while (Terms::needs_windows && first < last);
}

/// Writes the terms [first, last).
template <class Arch, class Whole = all_lanes, class Terms>
L1LOSS_INLINE inline void write_range(Terms const& terms, std::size_t first, std::size_t last) {
    for_each_register<Arch, Whole>(terms, first, last, [](std::size_t, auto const&) L1LOSS_INLINE {});
}

template <class Arch, class Terms>
[[gnu::noinline]] void write_on_registers(Terms const& terms, std::size_t first, std::size_t last) {
    write_range<Arch>(with_pointers_in_registers(terms), first, last);
}

/// The size in bytes from which an output bypasses the caches. Such an output would evict most of what they hold. A line that is
/// written without being read first saves a quarter of the traffic.
inline constexpr std::size_t min_to_stream = std::size_t{32} << 20;

template <class Arch, class Terms>
inline constexpr bool can_stream_terms =
    !Terms::needs_windows && can_stream<typename Terms::value_type, Arch> &&
    std::is_same_v<decltype(std::declval<Terms const&>().only_output()), typename Terms::value_type*>;

/// Writes the terms [first, last). From the first cache line of the output on, the writes bypass the caches. An output that is also
/// read, or is not aligned to its elements, goes through the caches.
template <class Arch, class Terms>
[[gnu::noinline]] void stream_on_registers(Terms const& of_caller, std::size_t first, std::size_t last) {
    constexpr std::size_t size = sizeof(typename Terms::value_type), cache_line = 64;
    Terms const terms = with_pointers_in_registers(of_caller);
    auto* const out = terms.only_output();
    auto const address = reinterpret_cast<std::uintptr_t>(out + first);
    std::size_t const to_line = (cache_line - address % cache_line) % cache_line / size;
    std::size_t const head = address % size != 0 || terms.reads(out) ? last : (std::min)(last, first + to_line);
    write_on_registers<Arch>(terms, first, head);
    write_range<Arch, streamed_lanes>(terms, head, last);
    after_streaming();
}

/// Writes the terms [first, last) of n.
template <class Arch, class Terms>
L1LOSS_INLINE inline void write_part(Terms const& terms, std::size_t first, std::size_t last, std::size_t n) {
    if constexpr (can_stream_terms<Arch, Terms>)
        if (n >= min_to_stream / sizeof(typename Terms::value_type)) [[unlikely]]
            return stream_on_registers<Arch>(with_pointers_in_registers(terms), first, last);
    write_on_registers<Arch>(with_pointers_in_registers(terms), first, last);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
