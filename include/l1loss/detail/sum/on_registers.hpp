// The canonical sum on SIMD registers, chosen by length, with the bits of sum_by_definition.
//
// Up to three terms are scalars. Up to eight registers of terms are each loaded once and folded. Longer inputs are summed block by
// block, their lines are joined pairwise, and lanes are folded once per call. Sources other than the plain loss take blocks at
// every run-time length. Operands of an addition may change places, because a + b = b + a.
#pragma once

#include <algorithm>

#include <l1loss/detail/sum/block.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Sums K ≤ 8 registers of terms, and only `lanes` of the last one. That is at most a stripe. The steps of the order are then one
/// fold by halves.
template <class Arch, std::size_t K, class Terms, class Lanes> L1LOSS_INLINE inline auto sum_few(Terms terms, Lanes lanes) {
    constexpr std::size_t size = registers<Terms, Arch>::lanes;
    term_group<term_of<Terms, Arch>, K> x;
    unroll<K - 1>([&](auto k) L1LOSS_INLINE { x.at[k] = terms.template load<Arch>(k * size, all_lanes{}); });
    x.at[K - 1] = terms.template load<Arch>((K - 1) * size, lanes);
    return fold(fold_terms<1>(x).at[0]);
}

/// The smallest number of terms that is summed on registers.
inline constexpr std::size_t min_terms = 4;

/// The registers in which at most `bytes` of terms are summed, of `lanes` each, and the most terms.
template <class Terms, class Arch, std::size_t bytes = few_bytes> struct few_registers {
    using A = typename Terms::value_type;
    using arch = arch_for<Arch, bytes>;
    static constexpr std::size_t lanes = batch<A, arch>::size;
    static constexpr std::size_t in_max_width = registers<Terms, arch>::max_width * lanes;
    static constexpr std::size_t max_terms = (std::min)(bytes / sizeof(A), in_max_width);
};

/// Sums at least min_terms, more than K - 1 registers of them, and at most Few::max_terms.
template <class Few, std::size_t K, class Terms>
L1LOSS_INLINE inline typename Terms::sum_type sum_by_few(Terms terms, std::size_t n) {
    using narrow = few_registers<Terms, typename Few::arch, tiny_bytes>;
    if constexpr (K * Few::lanes < Few::max_terms)
        if (n > K * Few::lanes) return sum_by_few<Few, K + 1>(terms, n);
    if constexpr (K == 1 && narrow::lanes < Few::lanes) return sum_by_few<narrow, 1>(terms, n);
    else if constexpr (K * Few::lanes <= min_terms) return sum_few<typename Few::arch, K>(terms, all_lanes{});
    else return sum_few<typename Few::arch, K>(terms, first_lanes{n - (K - 1) * Few::lanes});
}

/// Step 3 for runs of one length, as they come: a binary counter. At level m waits the line of 2^m runs, if bit m of `count` is
/// set.
template <class Line, std::size_t Levels> struct line_counter {
    std::size_t count = 0;
    Line waiting[Levels];

    L1LOSS_INLINE void push(Line line) {
        std::size_t level = 0;
        for (; count >> level & 1; ++level) accumulate(line, waiting[level]);
        waiting[level] = line;
        ++count;
    }
    /// Joins the last run, which may be shorter and is not pushed, with all that wait.
    L1LOSS_INLINE void join_into(Line& last) const {
        for (std::size_t level = 0; count >> level; ++level)
            if (count >> level & 1) accumulate(last, waiting[level]);
    }
};

/// Returns the line of the terms [first, first + count), with count > 0. The order must allow a run of that length at `first`.
/// Counts of elements are added to `counted`, except those of the last block, which stay in the line.
template <class Arch, class Terms>
L1LOSS_INLINE inline line_in_registers<Terms, Arch> join_blocks(Terms const& terms, std::size_t first, std::size_t count,
                                                                std::size_t& counted) {
    constexpr std::size_t block = order<typename Terms::value_type>::block;
    line_counter<line_in_registers<Terms, Arch>, 8 * sizeof(std::size_t)> before;
    for (; count > block; first += block, count -= block) {
        auto line = sum_block<Arch>(terms, first, block);
        move_count(line, counted);
        before.push(line);
    }
    auto line = sum_block<Arch>(terms, first, count);
    before.join_into(line);
    return line;
}

/// What follows a sum of n terms. A function that is not inlined calls it last, so that its caller only jumps.
struct unchanged {
    template <class Sum, class Size> L1LOSS_INLINE constexpr Sum operator()(Sum const& sum, Size) const { return sum; }
};

/// How a function that is not inlined takes a source. Two pointers are passed in registers. A larger source would be copied.
template <class Terms> using passed = std::conditional_t<is_plain<Terms>, Terms, Terms const&>;

/// Sums many blocks.
template <class Arch, class Terms, class Then>
[[gnu::noinline]] auto sum_many_blocks(passed<Terms> terms, std::size_t n, Then then) {
    std::size_t counted = 0;
    auto sum = fold_line(join_blocks<Arch>(with_pointers_in_registers(terms), 0, n, counted));
    if constexpr (requires { sum.count += counted; }) sum.count += counted;
    return then(sum, n);
}

/// Sums more than one block of the plain loss, or any number of other terms. The fewest need no counter, and no frame for it.
template <class Arch, class Terms, class Then> [[gnu::noinline]] auto sum_blocks(passed<Terms> terms, std::size_t n, Then then) {
    constexpr std::size_t block = order<typename Terms::value_type>::block;
    if constexpr (is_plain<Terms>) {
        if (n <= 2 * block) {
            auto pair = sum_block<Arch>(terms, 0, block);
            accumulate(pair, sum_block<Arch>(terms, block, n - block));
            return then(fold_line(pair), n);
        }
    } else if constexpr (!Terms::is_combined && !Terms::needs_windows) { // other sources are many, and take long to compile
        if (n <= block) return then(fold_line(sum_block<Arch>(with_pointers_in_registers(terms), 0, n)), n);
    }
    return sum_many_blocks<Arch, Terms>(terms, n, then);
}

/// Sums a fixed number N of terms, of more than three and at most eight registers. The code is unrolled and has no branches.
template <class Arch, std::size_t N, class Terms> L1LOSS_INLINE inline typename Terms::sum_type sum_few_fixed(Terms terms) {
    constexpr std::size_t size = registers<Terms, Arch>::lanes, K = (N - 1) / size + 1, last = N - (K - 1) * size;
    if constexpr (last == size) return sum_few<Arch, K>(terms, all_lanes{});
    else return sum_few<Arch, K>(terms, first_lanes{last});
}

/// Returns then(sum, n) of the canonical sum of n terms.
template <class Arch, class Terms, class Size, class Then = unchanged>
L1LOSS_INLINE inline auto sum_on_registers(Terms const& terms, Size n, Then then = {}) {
    using few = few_registers<Terms, Arch>;
    constexpr bool is_few_fixed = [] {
        if constexpr (fixed_length<Size>) return Size::value >= min_terms && Size::value <= few::max_terms;
        else return false;
    }();
    if constexpr (is_few_fixed) {
        // The plain loss takes registers of 16 bytes below 64, where a part of a register of 32 would be loaded under a mask.
        constexpr std::size_t size = Size::value * sizeof(typename Terms::value_type);
        constexpr std::size_t bytes = is_plain<Terms> && size < 2 * tiny_bytes ? tiny_bytes : few_bytes;
        return then(sum_few_fixed<arch_for<Arch, bytes>, Size::value>(terms), n);
    } else {
        if constexpr (is_plain<Terms> || fixed_length<Size>)
            if (n < min_terms) return then(sum_scalars(terms, n), n);
        if constexpr (is_plain<Terms>) {
            if constexpr (!fixed_length<Size>)
                if (n <= few::max_terms) return then(sum_by_few<few, 1>(terms, n), n);
            // Inlined, because a call costs up to a tenth of the time that two stripes take.
            if (n <= order<typename Terms::value_type>::block) return then(fold_line(sum_block<Arch>(terms, 0, n)), n);
        } else if (n == 0) {
            return then(typename Terms::sum_type{}, n);
        }
        return sum_blocks<Arch, Terms>(with_pointers_in_registers(terms), n, then);
    }
}

/// Sums matrix rows of more than K - 1 registers, and at most Few::max_terms. The length is tested once for all rows.
template <class Few, std::size_t K, class Rows, class F>
L1LOSS_INLINE inline void sum_short_rows(Rows const& row, std::size_t rows, std::size_t columns, F f) {
    using arch = typename Few::arch;
    if constexpr (K * Few::lanes < Few::max_terms)
        if (columns > K * Few::lanes) return sum_short_rows<Few, K + 1>(row, rows, columns, f);
    if (columns == K * Few::lanes) {
        for (std::size_t i = 0; i < rows; ++i) f(i, sum_few<arch, K>(row(i), all_lanes{}));
    } else {
        for (std::size_t i = 0; i < rows; ++i) f(i, sum_few<arch, K>(row(i), first_lanes{columns - (K - 1) * Few::lanes}));
    }
}

/// Calls f(r, sum) for each row r of a matrix. row(r) is the term source of row r.
template <class Arch, class Rows, class F>
L1LOSS_INLINE inline void sum_each_row(Rows const& row, std::size_t rows, std::size_t columns, F f) {
    using Terms = decltype(row(0));
    if constexpr (is_plain<Terms>) {
        using few = few_registers<Terms, Arch>;
        if (columns >= min_terms && columns <= few::max_terms) return sum_short_rows<few, 1>(row, rows, columns, f);
    }
    for (std::size_t i = 0; i < rows; ++i) f(i, sum_on_registers<Arch>(row(i), columns));
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
