// One block of the canonical sum on xsimd batches: the bits of line_of_block in sum.hpp, at the speed of the loads. Lanes are
// independent until the fold, so a row is accumulated in as many registers as it takes.
//
// On top of terms.hpp and order.hpp, under sum_simd.hpp, columns.hpp and runs.hpp.
#pragma once

#include <algorithm>
#include <bit>

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

/// Batch k of a strip, i terms on.
template <class Arch, std::size_t strip, class Near, class K>
L1LOSS_INLINE inline auto term_of_strip(Near const& near, std::size_t i, K k) {
    using r = registers<std::remove_cvref_t<decltype(near.terms)>, Arch>;
    return near.terms.template at<Arch>(near.first + i + r::position(strip, k) * r::lanes, all_lanes{});
}

/// How the accumulators of a block begin: as its first row, which saves an addition; or at +0, all rows then being loaded by the
/// same instructions. Between caches that is up to a fifth faster, since a prefetcher looks for the stride of an instruction's
/// addresses, and a first row of its own breaks that stride once a block.
enum class start : bool { at_first_row, at_zero };

/// Whether the end of a row is entered by a computed jump. Clang 14 and 15 duplicate it into the branches before it, those of a
/// load by halves, and lose what some of them loaded, or that an empty `asm` gives back what went in: there are none for them to
/// find.
template <class Terms, class Arch>
inline constexpr bool can_jump =
#if defined(__clang__) && __clang_major__ < 16
    !Terms::is_decorated && has_masks<Arch>;
#else
    true;
#endif

/// add(near) for each row of the order in [first, end), of arrays some of which are views. There is one branch to a row, which is
/// taken where a stretch ends: with rows of a window and more, what lies on either side of that is read in place, and none of it is
/// copied but for the register that has elements of both. (With a copy of the row, 1024 × 1000 with gaps took 1.3 of the time
/// without, and 1.1 so. Where one matrix of several ends, it is copied.)
template <class Arch, class Terms, class Add>
L1LOSS_INLINE inline void for_each_row_of_views(Terms const& terms, std::size_t first, std::size_t end, Add add) {
    constexpr std::size_t row = order<typename Terms::value_type>::row, lanes = registers<Terms, Arch>::lanes;
    if (first == end) return;
    std::size_t start = first, left = end - first; // of the stretch
    auto stretch = terms.map([&](auto array) L1LOSS_INLINE { return stretch_of<Arch>(array, first, end - first, left); });
    for (; first != end; first += row) {
        if (left >= row) [[likely]] {
            add(windowed<decltype(stretch) const&>{stretch, first - start});
            left -= row;
        } else {
            auto const across = stretch.map(
                [&](auto array) L1LOSS_INLINE { return row_across<Arch, lanes>(array, first - start, first, row, end - first); });
            add(windowed<decltype(across) const&>{across, 0});
            start = first + row;
            left = end - start;
            stretch = across.map([&](auto array) L1LOSS_INLINE { return stretch_after<Arch>(array, row, left); });
        }
    }
}

/// One strip of a block, or of its first `count` > 0 terms: down the rows, then folded to as many terms as a line has.
template <class Arch, std::size_t strip, class Terms>
L1LOSS_INLINE inline line_in_registers<Terms, Arch> sum_strip(Terms const& terms, std::size_t first, std::size_t count,
                                                              start accumulators) {
    using r = registers<Terms, Arch>;
    using term = term_of<Terms, Arch>;
    constexpr std::size_t row = order<typename Terms::value_type>::row;
    several<term, r::width> sum;
    std::size_t const end = first + count / row * row;
    auto const add_row = [&](auto const& near, std::size_t i = 0) L1LOSS_INLINE {
        unroll<r::width>([&](auto k) L1LOSS_INLINE { accumulate(sum.at[k], term_of_strip<Arch, strip>(near, i, k)); });
    };
    auto const clear = [&]() L1LOSS_INLINE { unroll<r::width>([&](auto k) L1LOSS_INLINE { set_zero(sum.at[k]); }); };
    if constexpr (Terms::has_views) {
        clear();
        for_each_row_of_views<Arch>(terms, first, end, add_row);
        first = end;
    } else if (count < row) {
        clear();
    } else {
        if (accumulators == start::at_zero) {
            clear();
        } else {
            keep(first); // or g++ loads the first row in either case
            unroll<r::width>([&](auto k) L1LOSS_INLINE {
                sum.at[k] = term_of_strip<Arch, strip>(windowed<Terms const&>{terms, first}, 0, k);
            });
            first += row;
        }
        windowed<Terms const&> const near{terms, first};
        for (std::size_t i = 0; i != end - first; i += row) add_row(near, i);
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
        if constexpr (can_jump<Terms, Arch>) {
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
        } else {
            unroll<r::width + 1>([&](auto k) L1LOSS_INLINE {
                if (entry >= r::width - k) add(std::integral_constant<std::size_t, r::width - k>{});
            });
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
L1LOSS_INLINE inline line_in_registers<Terms, Arch> sum_block(Terms const& terms, std::size_t first, std::size_t count,
                                                              start accumulators = start::at_first_row) {
    if constexpr (strips == 1) {
        return sum_strip<Arch, strip>(terms, first, count, accumulators);
    } else {
        constexpr std::size_t all = registers<Terms, Arch>::strips;
        auto line = sum_block<Arch, Terms, strip, strips / 2>(terms, first, count, accumulators);
#if defined(__clang__) && defined(__x86_64__)
        // Or with SSE2 it stays in registers while the next strip is summed, and the sums of that do not.
        if constexpr (bytes_of_register<Arch> == 16) asm("" : "+m"(line));
#endif
        accumulate_line(line, sum_block<Arch, Terms, strip + all / strips, strips / 2>(terms, first, count, accumulators));
        return line;
    }
}

} // namespace l1loss::detail
