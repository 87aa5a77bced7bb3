// The sums of the first terms of a source, for more and more of them.
#pragma once

#include <algorithm>

#include <l1loss/detail/sum/canonical_sum.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// How many terms are added at a time, a power of two of blocks. The sum and the test of a prefix take about 20 ns, and as many
/// floats 500 ns.
inline constexpr std::size_t prefix_step = 8192;

/// The canonical sum of the terms so far. It keeps the runs of the order that have not met their neighbours.
template <class Arch, class Terms> class prefix_sum {
    static constexpr auto empty_line() {
        if constexpr (uses_registers<Terms, Arch>) return line_in_registers<Terms, Arch>{};
        else return line_of<Terms>{};
    }
    line_counter<decltype(empty_line()), 8 * sizeof(std::size_t)> runs_;
    std::size_t counted_ = 0;

public:
    /// Adds the terms [first, last), a step or the last ones, and returns the sum of all.
    L1LOSS_INLINE auto add(Terms const& terms, std::size_t first, std::size_t last) {
        using A = typename Terms::value_type;
        auto line = empty_line();
        if constexpr (uses_registers<Terms, Arch>) {
            line = join_blocks<Arch>(terms, first, last - first, counted_);
            move_count(line, counted_);
        } else {
            join_pairwise<A>(line, first, last,
                             [&](auto& to, std::size_t i, std::size_t end) { to = line_of_block(terms, i, end); });
        }
        auto all = line;
        runs_.join_into(all);
        runs_.push(line);
        if constexpr (uses_registers<Terms, Arch>) {
            auto sum = fold_line(all);
            if constexpr (requires { sum.count += counted_; }) sum.count += counted_;
            return sum;
        } else {
            fold_by_halves(all.lane, order<A>::line, 1, order<A>::line);
            return all.lane[0];
        }
    }
};

/// The exact sum of integers.
template <class Arch, class Terms>
    requires is_exact<Terms>
class prefix_sum<Arch, Terms> {
    typename Terms::sum_type sum_{};

public:
    L1LOSS_INLINE auto add(Terms const& terms, std::size_t first, std::size_t last) {
        if constexpr (uses_integer_registers<Terms>) accumulate(sum_, exact_sum<Arch>(terms, first, last));
        else
            for (; first < last; ++first) accumulate(sum_, terms(first));
        return sum_;
    }
};

/// Whether holds(sum, first, last) for the sum of the first `last` terms, at the end of a step or of all. [first, last) are the
/// terms that the step has added.
template <class Arch, class Terms, class Predicate>
[[gnu::noinline]] bool any_prefix(passed<Terms> of_caller, std::size_t n, Predicate holds) {
    Terms const terms = with_pointers_in_registers(of_caller);
    prefix_sum<Arch, Terms> sum;
    for (std::size_t first = 0, last = 0; first < n; first = last) {
        last = first + (std::min)(n - first, prefix_step);
        if (holds(sum.add(terms, first, last), first, last)) return true;
    }
    return false;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
