// Terms and gradients written one by one, and nothing summed: the traversal. What is written, terms.hpp knows.
//
// On top of terms.hpp and order.hpp, beside sum.hpp and sum_simd.hpp, under canonical_sum.hpp.
#pragma once

#include <algorithm>

#include <l1loss/detail/order.hpp>
#include <l1loss/detail/terms.hpp>

namespace l1loss::detail {

template <class Terms>
constexpr void write_by_definition(Terms const& terms, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) (void)terms(i);
}

/// The terms [first, last): a line at a time, a batch at a time, and the rest of one.
template <class Arch, class Terms>
[[gnu::noinline]] void write_on_batches(Terms const& of_caller, std::size_t first, std::size_t last) {
    using A = typename Terms::value_type;
    constexpr std::size_t size = batch<A, Arch>::size, line = order<A>::line;
    Terms const terms = in_registers(of_caller);
    while (first < last) {
        std::size_t count = last - first;
        auto const near = window<Arch>(terms, first, std::min(count, window_size), count);
        auto const write = [&](std::size_t i, auto lanes)
                               L1LOSS_INLINE { (void)near.terms.template at<Arch>(near.first + i, lanes); };
        std::size_t i = 0;
        for (; count - i >= line; i += line) unroll<line / size>([&](auto k) L1LOSS_INLINE { write(i + k * size, all_lanes{}); });
        for (; count - i >= size; i += size) write(i, all_lanes{});
        if (i < count) write(i, first_lanes{count - i});
        first += count;
    }
}

} // namespace l1loss::detail
