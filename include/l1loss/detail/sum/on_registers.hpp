// The canonical sum on SIMD registers, chosen by length, with the bits of sum_by_definition.
//
// Up to three terms are scalars. Up to eight registers of terms are each loaded once and folded. Longer inputs are summed block by
// block, their lines are joined pairwise by a binary counter, and lanes are folded once per call. Sources other than the plain loss
// take blocks at every run-time length. Operands of an addition may change places, because a + b = b + a.
#pragma once

#include <algorithm>

#include <l1loss/detail/sum/block.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Sums K ≤ 8 registers of terms, and only `lanes` of the last one. That is at most a stripe, or two stripes of four wide
/// registers. The steps of the order are then one fold by halves.
template <class Arch, std::size_t K, class Terms, class Lanes> L1LOSS_INLINE inline auto sum_few(Terms terms, Lanes lanes) {
    constexpr std::size_t size = registers<Terms, Arch>::lanes;
    several<term_of<Terms, Arch>, K> x;
    unroll<K - 1>([&](auto k) L1LOSS_INLINE { x.at[k] = terms.template load<Arch>(k * size, all_lanes{}); });
    x.at[K - 1] = terms.template load<Arch>((K - 1) * size, lanes);
    return fold<(K == 1 ? max_lanes<Lanes, size> : all_of_them)>(fold_terms<1>(x).at[0]);
}

/// Sums more than K - 1 and at most 8 registers of terms.
template <class Arch, std::size_t K, class Terms>
L1LOSS_INLINE inline typename Terms::sum_type sum_by_few(Terms terms, std::size_t n) {
    constexpr std::size_t size = registers<Terms, Arch>::lanes;
    if constexpr (K < registers<Terms, Arch>::max_width)
        if (n > K * size) return sum_by_few<Arch, K + 1>(terms, n);
    return sum_few<Arch, K>(terms, first_lanes{n - (K - 1) * size});
}

/// Whether a source gets separate inlined code for the shortest lengths and for whole blocks. Only the plain loss of contiguous
/// floats or doubles does. With every combination of options and types, code size and compile time would be many times as large.
template <class Terms> inline constexpr bool is_plain = false;
template <class A, accumulator X, accumulator Y> inline constexpr bool is_plain<abs_difference<A, X const*, Y const*>> = true;

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
/// Counts of elements are added to `counted`, except those of the last one or two blocks, which stay in the line.
template <class Arch, class Terms>
L1LOSS_INLINE inline line_in_registers<Terms, Arch> join_blocks(Terms const& terms, std::size_t first, std::size_t count,
                                                                std::size_t& counted) {
    constexpr std::size_t block = order<typename Terms::value_type>::block;
    // Two neighbouring blocks are joined in registers. Joining them in memory took 1.15 times as long for one block and a few
    // elements. `pair` is cleared only because g++ otherwise warns that it is uninitialised.
    // After block b, `pair` is the line of the last one or two blocks, and `pairs` has those before.
    line_in_registers<Terms, Arch> pair{};
    line_counter<line_in_registers<Terms, Arch>, 8 * sizeof(std::size_t)> pairs;
    auto const join = [&](line_in_registers<Terms, Arch> const& line, std::size_t b) L1LOSS_INLINE {
        if (b % 2 == 1) return accumulate(pair, line);
        if (b > 0) {
            move_count(pair, counted);
            pairs.push(pair);
        }
        pair = line;
    };
    std::size_t const blocks = count / block;
    std::size_t const rest = count % block;
    constexpr std::size_t blocks_in_first_cache = 8; // 8 blocks of two arrays are 32 KiB
    first_stripe const start = blocks > blocks_in_first_cache ? first_stripe::adds_to_zero : first_stripe::loads;
    if constexpr (is_plain<Terms>) { // separate code for the partial block, so that the loop tests no length
        for (std::size_t b = 0; b != blocks; ++b) join(sum_block<Arch>(terms, first + b * block, block, start), b);
        if (rest > 0) join(sum_block<Arch>(terms, first + blocks * block, rest), blocks);
    } else {
        std::size_t const all = blocks + (rest > 0);
        for (std::size_t b = 0; b != all; ++b)
            join(sum_block<Arch>(terms, first + b * block, (std::min)(block, count - b * block), start), b);
    }
    pairs.join_into(pair);
    return pair;
}

/// Returns a sum as it is.
struct unchanged {
    template <class Sum, class Size> L1LOSS_INLINE constexpr Sum operator()(Sum const& sum, Size) const { return sum; }
};

// sum_blocks and sum_on_registers return then(sum, n). sum_blocks is not inlined, so it calls `then` itself, and its caller only
// jumps.

/// How a function that is not inlined takes a source. Two pointers are passed in registers. A larger source would be copied.
template <class Terms> using passed = std::conditional_t<is_plain<Terms>, Terms, Terms const&>;

/// Sums one block or more.
template <class Arch, class Terms, class Then> [[gnu::noinline]] auto sum_blocks(passed<Terms> terms, std::size_t n, Then then) {
    std::size_t counted = 0;
    auto const sum_of = [&](Terms const& source) L1LOSS_INLINE {
        auto sum = fold_line(join_blocks<Arch>(source, 0, n, counted));
        if constexpr (requires { sum.count += counted; }) sum.count += counted;
        return sum;
    };
    if constexpr (is_plain<Terms>) return then(sum_of(terms), n);
    else return then(sum_of(with_pointers_in_registers(terms)), n);
}

/// Sums a fixed number N of terms, of more than three and at most eight registers. The code is unrolled and has no branches.
template <class Arch, std::size_t N, class Terms> L1LOSS_INLINE inline typename Terms::sum_type sum_few_fixed(Terms terms) {
    constexpr std::size_t size = registers<Terms, Arch>::lanes, K = (N - 1) / size + 1, last = N - (K - 1) * size;
    if constexpr (last == size) return sum_few<Arch, K>(terms, all_lanes{});
    else if constexpr (K == 1) return sum_few<Arch, K>(terms, only_lanes<last>{});
    else return sum_few<Arch, K>(terms, first_lanes{last});
}

/// The canonical sum of n terms.
template <class Arch, class Terms, class Size, class Then>
L1LOSS_INLINE inline auto sum_on_registers(Terms const& terms, Size n, Then then) {
    using few_registers = registers<Terms, short_arch<Arch>>;
    constexpr std::size_t few = few_registers::max_width * few_registers::lanes;
    constexpr bool is_few_fixed = [] {
        if constexpr (fixed_length<Size>) return Size::value >= 4 && Size::value <= few;
        else return false;
    }();
    if constexpr (is_few_fixed) {
        return then(sum_few_fixed<short_arch<Arch>, Size::value>(terms), n);
    } else {
        if constexpr (is_plain<Terms> || fixed_length<Size>)
            if (n < 4) {
                if (n == 0) [[unlikely]]
                    return then(typename Terms::sum_type{}, n);
                return then(sum_scalars(terms, n), n);
            }
        if constexpr (is_plain<Terms>) {
            if constexpr (!fixed_length<Size>)
                if (n <= few) return then(sum_by_few<short_arch<Arch>, 1>(terms, n), n);
            // Inlined, because a call costs up to a tenth of the time that two stripes take.
            if (n <= order<typename Terms::value_type>::block) return then(fold_line(sum_block<Arch>(terms, 0, n)), n);
        } else if (n == 0) {
            return then(typename Terms::sum_type{}, n);
        }
        return sum_blocks<Arch, Terms>(with_pointers_in_registers(terms), n, then);
    }
}

/// Sums matrix rows of more than K - 1 and at most 8 registers. The length is tested once for all rows.
template <class Arch, std::size_t K, class Rows, class F>
L1LOSS_INLINE inline void sum_short_rows(Rows const& row, std::size_t rows, std::size_t columns, F f) {
    using r = registers<decltype(row(0)), Arch>;
    if constexpr (K < r::max_width)
        if (columns > K * r::lanes) return sum_short_rows<Arch, K + 1>(row, rows, columns, f);
    if (columns == K * r::lanes) {
        for (std::size_t i = 0; i < rows; ++i) f(i, sum_few<Arch, K>(row(i), all_lanes{}));
    } else {
        for (std::size_t i = 0; i < rows; ++i) f(i, sum_few<Arch, K>(row(i), first_lanes{columns - (K - 1) * r::lanes}));
    }
}

/// Calls f(r, sum) for each row r of a matrix. row(r) is the term source of row r.
template <class Arch, class Rows, class F>
L1LOSS_INLINE inline void sum_each_row(Rows const& row, std::size_t rows, std::size_t columns, F f) {
    using Terms = decltype(row(0));
    if constexpr (is_plain<Terms>) {
        using r = registers<Terms, short_arch<Arch>>;
        if (columns >= 4 && columns <= r::max_width * r::lanes) return sum_short_rows<short_arch<Arch>, 1>(row, rows, columns, f);
    }
    for (std::size_t i = 0; i < rows; ++i) f(i, sum_on_registers<Arch>(row(i), columns, unchanged{}));
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
