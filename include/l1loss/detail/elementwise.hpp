// Terms and gradients written one by one, and nothing summed: the traversal. What is written, terms.hpp knows.
//
// On top of terms.hpp and order.hpp, beside sum.hpp and sum_simd.hpp, under canonical_sum.hpp.
#pragma once

#include <algorithm>
#include <cstdint>

#include <l1loss/detail/order.hpp>
#include <l1loss/detail/terms.hpp>

namespace l1loss::detail {

template <class Terms>
constexpr void write_by_definition(Terms const& terms, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) (void)terms(i);
}

/// The terms [first, last): a line at a time, a batch at a time, and the rest of one.
template <class Arch, class Terms>
L1LOSS_INLINE inline void write_range(Terms const& terms, std::size_t first, std::size_t last) {
    using A = typename Terms::value_type;
    constexpr std::size_t size = batch<A, Arch>::size, line = order<A>::line;
    if (first >= last) return;
    do { // once, unless there are views
        std::size_t count = last - first;
        auto const near = window<Arch>(terms, first, std::min(count, window_size), count);
        auto const write = [&](std::size_t i, auto lanes)
                               L1LOSS_INLINE { (void)near.terms.template at<Arch>(near.first + i, lanes); };
        std::size_t i = 0;
        for (; count - i >= line; i += line) unroll<line / size>([&](auto k) L1LOSS_INLINE { write(i + k * size, all_lanes{}); });
        for (; count - i >= size; i += size) write(i, all_lanes{});
        if (i < count) write(i, first_lanes{count - i});
        first += count;
    } while (Terms::has_views && first < last);
}

/// Bytes of an output from where on it is written past the caches: no cache of a core has room for that much, and a line that is
/// not read first is a quarter of the traffic.
inline constexpr std::size_t least_to_stream = std::size_t{32} << 20;

/// The terms [first, last), to the one output that there is: past the caches from its first cache line on, unless it is what is
/// read.
template <class Arch, class Terms>
[[gnu::noinline]] void stream_on_batches(Terms const& of_caller, std::size_t first, std::size_t last) {
    constexpr std::size_t line = order<typename Terms::value_type>::line;
    Terms const terms = in_registers(of_caller);
    auto* const out = terms.only_output();
    std::size_t const beyond = reinterpret_cast<std::uintptr_t>(out + first) / sizeof *out % line;
    std::size_t const head = terms.reads(out) ? last : std::min(last, first + (line - beyond) % line);
    write_range<Arch>(terms, first, head);
    write_range<Arch>(terms.past_caches(), head, last);
    after_streaming();
}

template <class Arch, class Terms>
[[gnu::noinline]] void write_on_batches(Terms const& terms, std::size_t first, std::size_t last) {
    write_range<Arch>(in_registers(terms), first, last);
}

/// The terms [first, last) of n.
template <class Arch, class Terms>
L1LOSS_INLINE inline void write_part(Terms const& terms, std::size_t first, std::size_t last, std::size_t n) {
    using A = typename Terms::value_type;
    if constexpr (std::is_same_v<decltype(terms.only_output()), A*> && !Terms::has_views && can_stream<A, Arch>)
        if (n >= least_to_stream / sizeof(A)) [[unlikely]]
            return stream_on_batches<Arch>(in_registers(terms), first, last);
    write_on_batches<Arch>(in_registers(terms), first, last);
}

} // namespace l1loss::detail
