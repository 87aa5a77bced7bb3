// The canonical sum on xsimd batches: the bits of sum.hpp, at the speed of the loads. Lanes are independent until the fold,
// so a row is accumulated in as many registers as it takes, and folded once per call.
//
// On top of terms.hpp and order.hpp, beside sum.hpp, under canonical_sum.hpp. By length: up to three terms are scalars; up to
// 8 batches, each is loaded once and folded; up to a block, the rows are accumulated; beyond, blocks are joined as they come.
#pragma once

#include <bit>

#include <l1loss/detail/terms.hpp>

namespace l1loss::detail {

/// The units of the order in batches, and which of them are in registers at a time.
template <class A, class Arch>
struct registers {
    static constexpr std::size_t lanes = batch<A, Arch>::size;
    static constexpr std::size_t line = order<A>::line / lanes;
    static constexpr std::size_t row = order<A>::row / lanes;

    /// Eight accumulators hide the latency of an addition (4 cycles × 2 ports) and leave half of 16 registers to the terms. So
    /// a row of 16 narrow batches is taken in two strips: lines {0, 2}, then lines {1, 3}. (One of 4 wide ones has no more.)
    static constexpr std::size_t most = 8;
    static constexpr std::size_t strips = row > most ? 2 : 1;
    static constexpr std::size_t width = row / strips;
    static_assert(width <= most);

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

/// N neighbouring batches.
template <class A, class Arch, std::size_t N>
struct batches {
    batch<A, Arch> at[N];
};
template <class A, class Arch>
using line_batches = batches<A, Arch, registers<A, Arch>::line>;

/// Folds N batches by halves to M: x[k] += x[k + half]. Where N is no power of two, those past the end are +0 and left out.
template <std::size_t M, class A, class Arch, std::size_t N>
L1LOSS_INLINE inline batches<A, Arch, M> fold_batches(batches<A, Arch, N> const& x) {
    if constexpr (N == M) {
        return x;
    } else {
        constexpr std::size_t half = std::bit_ceil(N) / 2;
        batches<A, Arch, half> sum;
        unroll<half>([&](auto k) L1LOSS_INLINE {
            sum.at[k] = x.at[k];
            if constexpr (k + half < N) accumulate(sum.at[k], x.at[k + half]);
        });
        return fold_batches<M>(sum);
    }
}

template <class A, class Arch>
L1LOSS_INLINE inline A fold_line(line_batches<A, Arch> const& line) {
    return fold<batch<A, Arch>::size>(fold_batches<1>(line).at[0]);
}

/// One to three terms.
template <class Terms, class A = typename Terms::value_type>
L1LOSS_INLINE inline A sum_scalars(Terms terms, std::size_t n) {
    A sum = terms(0);
    if (n > 2) accumulate(sum, terms(2));
    if (n > 1) accumulate(sum, terms(1));
    return sum;
}

/// K ≤ 8 batches of terms, of the last one only `lanes`. That is a row at most, or two rows of four wide batches: the steps
/// of the order are then one fold by halves.
template <class Arch, std::size_t K, class Terms, class Lanes, class A = typename Terms::value_type>
L1LOSS_INLINE inline A sum_batches(Terms terms, Lanes lanes) {
    constexpr std::size_t size = batch<A, Arch>::size;
    batches<A, Arch, K> x;
    unroll<K - 1>([&](auto k) L1LOSS_INLINE { x.at[k] = terms.template at<Arch>(k * size, all_lanes{}); });
    x.at[K - 1] = terms.template at<Arch>((K - 1) * size, lanes);
    return fold<(K == 1 ? most_lanes<Lanes, size> : size)>(fold_batches<1>(x).at[0]);
}

/// From more than K - 1 to 8 batches.
template <class Arch, std::size_t K, class Terms, class A = typename Terms::value_type>
L1LOSS_INLINE inline A sum_few_batches(Terms terms, std::size_t n) {
    constexpr std::size_t size = batch<A, Arch>::size;
    constexpr bool is_last = K == registers<A, Arch>::most;
    if (is_last || n <= K * size) return sum_batches<Arch, K>(terms, first_lanes{n - (K - 1) * size});
    if constexpr (!is_last) return sum_few_batches<Arch, K + 1>(terms, n);
    __builtin_unreachable();
}

/// One strip of a block, or of its first `count` > 0 terms: down the rows, then folded to as many batches as a line has.
template <class Arch, std::size_t strip, class Terms, class A = typename Terms::value_type>
L1LOSS_INLINE inline line_batches<A, Arch> sum_strip(Terms terms, std::size_t first, std::size_t count) {
    using r = registers<A, Arch>;
    auto const whole = [&](auto k) L1LOSS_INLINE {
        std::size_t const i = first + r::position(strip, k) * r::lanes;
        return terms.template at<Arch>(i, all_lanes{});
    };

    batches<A, Arch, r::width> sum;
    std::size_t const end = first + count / order<A>::row * order<A>::row;
    if (count < order<A>::row) {
        unroll<r::width>([&](auto k) L1LOSS_INLINE { sum.at[k] = batch<A, Arch>(A(0)); });
    } else {
        unroll<r::width>([&](auto k) L1LOSS_INLINE { sum.at[k] = whole(k); });
        for (first += order<A>::row; first != end; first += order<A>::row)
            unroll<r::width>([&](auto k) L1LOSS_INLINE { accumulate(sum.at[k], whole(k)); });
    }

    // A last row that ends early: whole batches but for the last, which may be partial or of the other strip. One jump to
    // where the strip ends, and back through the batches before it.
    if (std::size_t const rest = count % order<A>::row; rest > 0) {
        keep(first); // or clang computes each address below by three instructions instead of one displacement
        std::size_t const last = (rest - 1) / r::lanes;
        std::size_t const entry = r::among(strip, last);
        bool const here = r::strips == 1 || r::among(strip, last + 1) > entry;
        batch<A, Arch> term = terms.template at<Arch>(first + last * r::lanes, first_lanes{here ? rest - last * r::lanes : 0});
        auto const add = [&](auto k) L1LOSS_INLINE {
            if constexpr (k < r::width) accumulate(sum.at[k], term);
            if constexpr (k > 0 && k <= r::width) term = whole(std::integral_constant<std::size_t, k - 1>{});
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
    return fold_batches<r::line>(sum);
}

template <class A, class Arch>
L1LOSS_INLINE inline void accumulate_line(line_batches<A, Arch>& sum, line_batches<A, Arch> const& term) {
    unroll<registers<A, Arch>::line>([&](auto k) L1LOSS_INLINE { accumulate(sum.at[k], term.at[k]); });
}

/// A block, or its first `count` > 0 terms.
template <class Arch, class Terms, class A = typename Terms::value_type>
L1LOSS_INLINE inline line_batches<A, Arch> sum_block(Terms terms, std::size_t first, std::size_t count) {
    line_batches<A, Arch> line = sum_strip<Arch, 0>(terms, first, count);
    if constexpr (registers<A, Arch>::strips == 2) accumulate_line<A, Arch>(line, sum_strip<Arch, 1>(terms, first, count));
    return line;
}

// What follows ends with finish(sum, n), which makes the loss of the sum: inside the functions that are called, so that these
// calls are the last thing their callers do.

/// More than a block. A binary counter: at level m waits a run of 2^m blocks, or none, for its right neighbour.
template <class Arch, class Terms, class Finish, class A = typename Terms::value_type>
[[gnu::noinline]] A sum_blocks(Terms terms, std::size_t n, Finish finish) {
    line_batches<A, Arch> run[sizeof(std::size_t) * 8];
    std::size_t const blocks = n / order<A>::block;
    for (std::size_t b = 0; b != blocks; ++b) {
        line_batches<A, Arch> line = sum_block<Arch>(terms, b * order<A>::block, order<A>::block);
        std::size_t level = 0;
        for (; b >> level & 1; ++level) accumulate_line<A, Arch>(line, run[level]);
        run[level] = line;
    }
    std::size_t level = std::size_t(std::countr_zero(blocks));
    line_batches<A, Arch> sum = run[level];
    if (std::size_t const rest = n % order<A>::block; rest > 0)
        accumulate_line<A, Arch>(sum, sum_block<Arch>(terms, blocks * order<A>::block, rest));
    while (blocks >> ++level)
        if (blocks >> level & 1) accumulate_line<A, Arch>(sum, run[level]);
    return finish(fold_line<A, Arch>(sum), n);
}

/// More than eight batches.
template <class Arch, class Terms, class Finish, class A = typename Terms::value_type>
[[gnu::noinline]] A sum_many(Terms terms, std::size_t n, Finish finish) {
    if (n <= order<A>::block) return finish(fold_line<A, Arch>(sum_block<Arch>(terms, 0, n)), n);
    return sum_blocks<Arch>(terms, n, finish);
}

/// The canonical sum of n terms. Inlined up to eight batches, where a call would be a good part of the time.
template <class Arch, class Terms, class Finish, class A = typename Terms::value_type>
L1LOSS_INLINE inline A sum_on_batches(Terms terms, std::size_t n, Finish finish) {
    if (n < 4) return finish(n == 0 ? A(0) : sum_scalars(terms, n), n);
    if (n <= registers<A, Arch>::most * batch<A, Arch>::size) return finish(sum_few_batches<Arch, 1>(terms, n), n);
    return sum_many<Arch>(terms, n, finish);
}

/// The same, unrolled: no branch is left up to a row.
template <class Arch, std::size_t N, class Terms, class Finish, class A = typename Terms::value_type>
L1LOSS_INLINE inline A sum_on_batches_fixed(Terms terms, Finish finish) {
    using r = registers<A, Arch>;
    constexpr std::integral_constant<std::size_t, N> n;
    if constexpr (N == 0) {
        return finish(A(0), n);
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
    } else if constexpr (N <= order<A>::block) {
        return finish(fold_line<A, Arch>(sum_block<Arch>(terms, 0, N)), n);
    } else {
        return sum_blocks<Arch>(terms, N, finish);
    }
}

} // namespace l1loss::detail
