// Terms written out one by one instead of summed: reduction::none, and gradients. The traversal, and where it may write; what
// a term is, terms.hpp knows.
//
// On top of terms.hpp and order.hpp, beside sum.hpp and sum_simd.hpp, under canonical_sum.hpp.
#pragma once

#include <cstdint>
#include <string>

#include <l1loss/detail/error.hpp>
#include <l1loss/detail/terms.hpp>

namespace l1loss::detail {

template <class... Terms, class... Out>
constexpr void write_by_definition(std::size_t n, written<Terms, Out> const&... writes) {
    for (std::size_t i = 0; i < n; ++i) write_at(i, writes...);
}

/// A line at a time, a batch at a time, and the rest of one. Each term is loaded before it is written, so that `out` may be
/// what is read.
template <class Arch, class... Terms, class... Out>
void write_on_batches(std::size_t n, written<Terms, Out>... writes) {
    using A = std::common_type_t<typename Terms::value_type...>;
    constexpr std::size_t size = batch<A, Arch>::size;
    std::size_t i = 0;
    auto const write = [&](auto const&... near) L1LOSS_INLINE {
        return [near...](std::size_t k, auto lanes) L1LOSS_INLINE { write_batch_at<Arch>(k, lanes, near...); };
    };
    for (; n - i >= order<A>::line; i += order<A>::line) {
        auto const line = write(window<Arch>(writes, i, order<A>::line)...);
        unroll<order<A>::line / size>([&](auto k) L1LOSS_INLINE { line(k * size, all_lanes{}); });
    }
    for (; n - i >= size; i += size) write(window<Arch>(writes, i, size)...)(0, all_lanes{});
    if (i < n) write(window<Arch>(writes, i, n - i)...)(0, first_lanes{n - i});
}

} // namespace l1loss::detail
