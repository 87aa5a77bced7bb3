// Terms written out one by one instead of summed: reduction::none. The traversal, and where it may write; what a term is,
// terms.hpp knows.
//
// On top of load.hpp and order.hpp, beside sum.hpp and sum_simd.hpp, under canonical_sum.hpp.
#pragma once

#include <cstdint>

#include <l1loss/detail/error.hpp>
#include <l1loss/detail/load.hpp>

namespace l1loss::detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void overlaps(char const* name) {
    fail(std::string("l1loss: output overlaps ") + name + " in part, expected the same memory and type, or none of it");
}

/// Fails unless n elements at `out` are exactly those at `in` or apart from them.
template <class A, class T>
L1LOSS_INLINE inline void refuse_overlap(A* out, T const* in, std::size_t n, char const* name) {
    auto const out_begin = reinterpret_cast<std::uintptr_t>(out);
    auto const in_begin = reinterpret_cast<std::uintptr_t>(in);
    bool const same = std::is_same_v<A, T> && out_begin == in_begin;
    bool const apart = out_begin + n * sizeof(A) <= in_begin || in_begin + n * sizeof(T) <= out_begin;
    if (!same && !apart) [[unlikely]]
        overlaps(name);
}
template <class A, class Terms>
L1LOSS_INLINE inline void refuse_overlap(A* out, Terms const& terms, std::size_t n) {
    refuse_overlap(out, terms.input, n, "input");
    refuse_overlap(out, terms.target, n, "target");
}

template <class Terms, class A = typename Terms::value_type>
constexpr void write_by_definition(Terms const& terms, std::size_t n, A* out) {
    for (std::size_t i = 0; i < n; ++i) out[i] = terms(i);
}

/// A line at a time, a batch at a time, and the rest of one. Each term is loaded before it is written, so that `out` may be
/// what is read.
template <class Arch, class Terms, class A = typename Terms::value_type>
void write_on_batches(Terms terms, std::size_t n, A* out) {
    constexpr std::size_t size = batch<A, Arch>::size;
    auto const write = [&](std::size_t i, auto lanes) L1LOSS_INLINE { store(out + i, terms.template at<Arch>(i, lanes), lanes); };
    std::size_t i = 0;
    for (; n - i >= order<A>::line; i += order<A>::line)
        unroll<order<A>::line / size>([&](auto k) L1LOSS_INLINE { write(i + k * size, all_lanes{}); });
    for (; n - i >= size; i += size) write(i, all_lanes{});
    if (i < n) write(i, first_lanes{n - i});
}

} // namespace l1loss::detail
