// The canonical sum on xsimd batches: the bits of sum.hpp, at the speed of the loads. Lanes are independent until the fold,
// so a row is accumulated in as many registers as it takes, and folded once per call.
//
// On top of terms.hpp and order.hpp, beside sum.hpp, under canonical_sum.hpp. By length, for the plain loss: up to three terms
// are scalars; up to 8 batches, each is loaded once and folded. Beyond, and for all else, up to a block the rows are
// accumulated, and then blocks are joined as they come.
#pragma once

#include <algorithm>
#include <bit>

#include <l1loss/detail/finish.hpp>
#include <l1loss/detail/terms.hpp>

namespace l1loss::detail {

/// What a term source gives for a batch of neighbouring indexes: a batch, or a pair.
template <class Terms, class Arch>
using term_of = decltype(window<Arch>(std::declval<Terms const&>(), 0, 0, std::declval<std::size_t&>())
                             .terms.template at<Arch>(0, all_lanes{}));

/// The units of the order in terms of N lanes, and which of them are in registers at a time.
template <class Terms, class Arch>
struct registers {
    using A = typename Terms::value_type;
    static constexpr std::size_t lanes = batch<A, Arch>::size;
    static constexpr std::size_t line = order<A>::line / lanes;
    static constexpr std::size_t row = order<A>::row / lanes;

    /// Eight accumulators hide the latency of an addition (4 cycles × 2 ports) and leave half of 16 registers to the terms. So
    /// a row of 16 narrow batches is taken in two strips: lines {0, 2}, then lines {1, 3}; and a row of pairs in twice as many.
    static constexpr std::size_t most = 8;
    static constexpr std::size_t needed = row * registers_of<term_of<Terms, Arch>>;
    static constexpr std::size_t strips = std::min(std::bit_ceil((needed + most - 1) / most), order<A>::lines_per_row);
    static constexpr std::size_t width = row / strips;

    /// Where in the row batch k of a strip is.
    static constexpr std::size_t position(std::size_t strip, std::size_t k) {
        return (k / line * strips + strip) * line + k % line;
    }

    /// How many batches of a strip are among the first n of the row.
    static constexpr std::size_t among(std::size_t strip, std::size_t n) {
        std::size_t const lines = n / line;
        return (lines + strips - 1 - strip) / strips * line + (lines % strips == strip ? n % line : 0);
    }
};

/// N neighbouring terms.
template <class Term, std::size_t N>
struct several {
    Term at[N];
};
template <class Terms, class Arch>
using line_in_registers = several<term_of<Terms, Arch>, registers<Terms, Arch>::line>;

/// Folds N terms by halves to M: x[k] += x[k + half]. Where N is no power of two, those past the end are +0 and left out.
template <std::size_t M, class Term, std::size_t N>
L1LOSS_INLINE inline several<Term, M> fold_terms(several<Term, N> const& x) {
    if constexpr (N == M) {
        return x;
    } else {
        constexpr std::size_t half = std::bit_ceil(N) / 2;
        several<Term, half> sum;
        unroll<half>([&](auto k) L1LOSS_INLINE {
            sum.at[k] = x.at[k];
            if constexpr (k + half < N) accumulate(sum.at[k], x.at[k + half]);
        });
        return fold_terms<M>(sum);
    }
}

template <class Term, std::size_t N>
L1LOSS_INLINE inline auto fold_line(several<Term, N> const& line) {
    return fold<all_of_them>(fold_terms<1>(line).at[0]);
}

/// One to three terms.
template <class Terms>
L1LOSS_INLINE inline typename Terms::sum_type sum_scalars(Terms terms, std::size_t n) {
    typename Terms::sum_type sum = terms(0);
    if (n > 2) accumulate(sum, terms(2));
    if (n > 1) accumulate(sum, terms(1));
    return sum;
}

/// K ≤ 8 batches of terms, of the last one only `lanes`. That is a row at most, or two rows of four wide batches: the steps
/// of the order are then one fold by halves.
template <class Arch, std::size_t K, class Terms, class Lanes>
L1LOSS_INLINE inline auto sum_batches(Terms terms, Lanes lanes) {
    constexpr std::size_t size = registers<Terms, Arch>::lanes;
    several<term_of<Terms, Arch>, K> x;
    unroll<K - 1>([&](auto k) L1LOSS_INLINE { x.at[k] = terms.template at<Arch>(k * size, all_lanes{}); });
    x.at[K - 1] = terms.template at<Arch>((K - 1) * size, lanes);
    return fold<(K == 1 ? most_lanes<Lanes, size> : all_of_them)>(fold_terms<1>(x).at[0]);
}

/// From more than K - 1 to 8 batches.
template <class Arch, std::size_t K, class Terms>
L1LOSS_INLINE inline typename Terms::sum_type sum_few_batches(Terms terms, std::size_t n) {
    constexpr std::size_t size = registers<Terms, Arch>::lanes;
    constexpr bool is_last = K == registers<Terms, Arch>::most;
    if (is_last || n <= K * size) return sum_batches<Arch, K>(terms, first_lanes{n - (K - 1) * size});
    if constexpr (!is_last) return sum_few_batches<Arch, K + 1>(terms, n);
    __builtin_unreachable();
}

/// Batch k of a strip, i terms on.
template <class Arch, std::size_t strip, class Near, class K>
L1LOSS_INLINE inline auto term_of_strip(Near const& near, std::size_t i, K k) {
    using r = registers<decltype(near.terms), Arch>;
    return near.terms.template at<Arch>(near.first + i + r::position(strip, k) * r::lanes, all_lanes{});
}

/// One strip of a block, or of its first `count` > 0 terms: down the rows, then folded to as many terms as a line has.
template <class Arch, std::size_t strip, class Terms>
L1LOSS_INLINE inline line_in_registers<Terms, Arch> sum_strip(Terms const& terms, std::size_t first, std::size_t count) {
    using r = registers<Terms, Arch>;
    using term = term_of<Terms, Arch>;
    constexpr std::size_t row = order<typename Terms::value_type>::row;
    several<term, r::width> sum;
    std::size_t const end = first + count / row * row;
    auto const add_rows = [&](auto const& near, std::size_t i, std::size_t i_end) L1LOSS_INLINE {
        for (; i != i_end; i += row)
            unroll<r::width>([&](auto k) L1LOSS_INLINE { accumulate(sum.at[k], term_of_strip<Arch, strip>(near, i, k)); });
    };
    auto const clear = [&]() L1LOSS_INLINE { unroll<r::width>([&](auto k) L1LOSS_INLINE { set_zero(sum.at[k]); }); };
    if constexpr (Terms::has_views) {
        clear();
        while (first != end) { // as many rows at a time as lie side by side
            std::size_t these = end - first;
            auto const near = window<Arch>(terms, first, row, these);
            add_rows(near, 0, these / row * row);
            first += these / row * row;
        }
    } else if (count < row) {
        clear();
    } else {
        windowed<Terms> const all{terms, first};
        unroll<r::width>([&](auto k) L1LOSS_INLINE { sum.at[k] = term_of_strip<Arch, strip>(all, 0, k); });
        add_rows(all, row, end - first);
        first = end;
    }

    // A last row that ends early: whole batches but for the last, which may be partial or of the other strip. One jump to
    // where the strip ends, and back through the batches before it.
    if (std::size_t rest = count % row; rest > 0) {
        keep(first); // or clang computes each address below by three instructions instead of one displacement
        std::size_t these = rest;
        auto const near = window<Arch>(terms, first, rest, these);
        std::size_t const last = (rest - 1) / r::lanes;
        std::size_t const entry = r::among(strip, last);
        bool const here = r::strips == 1 || r::among(strip, last + 1) > entry;
        term next = near.terms.template at<Arch>(near.first + last * r::lanes, first_lanes{here ? rest - last * r::lanes : 0});
        auto const add = [&](auto k) L1LOSS_INLINE {
            if constexpr (k < r::width) accumulate(sum.at[k], next);
            if constexpr (k > 0 && k <= r::width)
                next = term_of_strip<Arch, strip>(near, 0, std::integral_constant<std::size_t, k - 1>{});
        };
        switch (entry) {
        case 8: add(std::integral_constant<std::size_t, 8>{}); [[fallthrough]];
        case 7: add(std::integral_constant<std::size_t, 7>{}); [[fallthrough]];
        case 6: add(std::integral_constant<std::size_t, 6>{}); [[fallthrough]];
        case 5: add(std::integral_constant<std::size_t, 5>{}); [[fallthrough]];
        case 4: add(std::integral_constant<std::size_t, 4>{}); [[fallthrough]];
        case 3: add(std::integral_constant<std::size_t, 3>{}); [[fallthrough]];
        case 2: add(std::integral_constant<std::size_t, 2>{}); [[fallthrough]];
        case 1: add(std::integral_constant<std::size_t, 1>{}); [[fallthrough]];
        case 0: add(std::integral_constant<std::size_t, 0>{}); break;
        default: __builtin_unreachable();
        }
    }
    return fold_terms<r::line>(sum);
}

template <class Term, std::size_t N>
L1LOSS_INLINE inline void accumulate_line(several<Term, N>& sum, several<Term, N> const& line) {
    unroll<N>([&](auto k) L1LOSS_INLINE { accumulate(sum.at[k], line.at[k]); });
}

/// A block, or its first `count` > 0 terms. The strips are joined by halves, as the lines in them are.
template <class Arch, class Terms, std::size_t strip = 0, std::size_t strips = registers<Terms, Arch>::strips>
L1LOSS_INLINE inline line_in_registers<Terms, Arch> sum_block(Terms const& terms, std::size_t first, std::size_t count) {
    if constexpr (strips == 1) {
        return sum_strip<Arch, strip>(terms, first, count);
    } else {
        constexpr std::size_t all = registers<Terms, Arch>::strips;
        auto line = sum_block<Arch, Terms, strip, strips / 2>(terms, first, count);
        accumulate_line(line, sum_block<Arch, Terms, strip + all / strips, strips / 2>(terms, first, count));
        return line;
    }
}

/// Whether code of its own is worth it, inlined, for the shortest lengths and for whole blocks: for the loss itself, but not for
/// all that decorates it, or the code and the time to compile it would be many times as much.
template <class Terms>
inline constexpr bool is_plain = !Terms::is_decorated && !Terms::has_views;

/// The terms [first, first + count), count > 0, as a line, where a run of so many blocks may begin at first. A binary counter: at
/// level m waits a run of 2^m blocks, or none, for its right neighbour.
template <class Arch, class Terms>
L1LOSS_INLINE inline line_in_registers<Terms, Arch> join_blocks(Terms const& terms, std::size_t first, std::size_t count) {
    constexpr std::size_t block = order<typename Terms::value_type>::block;
    line_in_registers<Terms, Arch> run[sizeof(std::size_t) * 8];
    auto const push = [&](line_in_registers<Terms, Arch> line, std::size_t b) L1LOSS_INLINE {
        std::size_t level = 0;
        for (; b >> level & 1; ++level) accumulate_line(line, run[level]);
        run[level] = line;
    };
    std::size_t blocks = count / block;
    std::size_t const rest = count % block;
    if constexpr (is_plain<Terms>) { // two copies of the code for a block: the one in the loop need not ask where it ends
        for (std::size_t b = 0; b != blocks; ++b) push(sum_block<Arch>(terms, first + b * block, block), b);
        if (rest > 0) push(sum_block<Arch>(terms, first + blocks * block, rest), blocks);
        blocks += rest > 0;
    } else {
        blocks += rest > 0;
        for (std::size_t b = 0; b != blocks; ++b)
            push(sum_block<Arch>(terms, first + b * block, std::min(block, count - b * block)), b);
    }
    std::size_t level = std::size_t(std::countr_zero(blocks));
    line_in_registers<Terms, Arch> sum = run[level];
    while (blocks >> ++level)
        if (blocks >> level & 1) accumulate_line(sum, run[level]);
    return sum;
}

// What follows ends with finish(sum, n), which makes the loss of the sum: inside the functions that are called, so that these
// calls are the last thing their callers do.

/// More than a block.
template <class Arch, class Terms, class Finish>
[[gnu::noinline]] auto sum_blocks(Terms terms, std::size_t n, Finish finish) {
    return finish(fold_line(join_blocks<Arch>(terms, 0, n)), n);
}

/// More than eight batches.
template <class Arch, class Terms, class Finish>
[[gnu::noinline]] auto sum_many(Terms terms, std::size_t n, Finish finish) {
    if (n <= order<typename Terms::value_type>::block) return finish(fold_line(sum_block<Arch>(terms, 0, n)), n);
    return sum_blocks<Arch>(terms, n, finish);
}

/// More than none, of a source that is not plain.
template <class Arch, class Terms, class Finish>
[[gnu::noinline]] auto sum_decorated(Terms const& terms, std::size_t n, Finish finish) {
    return finish(fold_line(join_blocks<Arch>(in_registers(terms), 0, n)), n);
}

/// The canonical sum of n terms.
template <class Arch, class Terms, class Finish>
L1LOSS_INLINE inline auto sum_on_batches(Terms const& terms, std::size_t n, Finish finish) {
    using sum_type = typename Terms::sum_type;
    if constexpr (is_plain<Terms>) {
        using r = registers<Terms, Arch>;
        if (n < 4) return finish(n == 0 ? sum_type{} : sum_scalars(terms, n), n);
        if (n <= r::most * r::lanes) return finish(sum_few_batches<Arch, 1>(terms, n), n);
        return sum_many<Arch>(terms, n, finish);
    } else {
        if (n == 0) return finish(sum_type{}, n);
        return sum_decorated<Arch>(terms, n, finish);
    }
}

/// The same, unrolled: no branch is left up to a row.
template <class Arch, std::size_t N, class Terms, class Finish>
L1LOSS_INLINE inline auto sum_on_batches_fixed(Terms terms, Finish finish) {
    using r = registers<Terms, Arch>;
    constexpr std::integral_constant<std::size_t, N> n;
    if constexpr (N == 0) {
        return finish(typename Terms::sum_type{}, n);
    } else if constexpr (N < 4) {
        return finish(sum_scalars(terms, N), n);
    } else if constexpr (N <= r::most * r::lanes) {
        constexpr std::size_t K = (N - 1) / r::lanes + 1;
        constexpr std::size_t last = N - (K - 1) * r::lanes;
        if constexpr (last == r::lanes) {
            return finish(sum_batches<Arch, K>(terms, all_lanes{}), n);
        } else if constexpr (K == 1) {
            return finish(sum_batches<Arch, K>(terms, only_lanes<last>{}), n);
        } else {
            return finish(sum_batches<Arch, K>(terms, first_lanes{last}), n);
        }
    } else if constexpr (!is_plain<Terms>) {
        return sum_decorated<Arch>(terms, N, finish);
    } else if constexpr (N <= order<typename Terms::value_type>::block) {
        return finish(fold_line(sum_block<Arch>(terms, 0, N)), n);
    } else {
        return sum_blocks<Arch>(terms, N, finish);
    }
}

/// Rows of more than K - 1 to 8 batches: the length is looked at once for all of them.
template <class Arch, std::size_t K, class Rows, class F>
L1LOSS_INLINE inline void sum_short_rows(Rows const& row, std::size_t rows, std::size_t columns, F f) {
    using r = registers<decltype(row(0)), Arch>;
    if constexpr (K < r::most)
        if (columns > K * r::lanes) return sum_short_rows<Arch, K + 1>(row, rows, columns, f);
    if (columns == K * r::lanes) {
        for (std::size_t i = 0; i < rows; ++i) f(i, sum_batches<Arch, K>(row(i), all_lanes{}));
    } else {
        for (std::size_t i = 0; i < rows; ++i) f(i, sum_batches<Arch, K>(row(i), first_lanes{columns - (K - 1) * r::lanes}));
    }
}

/// f(r, sum of row r) for rows of equally many terms each; row(r) is their source.
template <class Arch, class Rows, class F>
L1LOSS_INLINE inline void sum_each_row(Rows const& row, std::size_t rows, std::size_t columns, F f) {
    using Terms = decltype(row(0));
    if constexpr (is_plain<Terms>) {
        using r = registers<Terms, Arch>;
        if (columns >= 4 && columns <= r::most * r::lanes) return sum_short_rows<Arch, 1>(row, rows, columns, f);
    }
    for (std::size_t i = 0; i < rows; ++i) f(i, sum_on_batches<Arch>(row(i), columns, unfinished{}));
}

} // namespace l1loss::detail
