// One block of the canonical sum on SIMD registers, with the bits of line_of_block, at the speed of the loads.
//
// Lanes are independent until the fold, so a stripe may be accumulated in as many registers as it takes.
#pragma once

#include <algorithm>
#include <bit>

#include <l1loss/detail/sum/terms.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The value that a term source gives for a register of neighbouring indexes: one register, or totals of registers.
template <class Terms, class Arch>
using term_of = decltype(window_from<Arch>(std::declval<Terms const&>(), 0, 0, std::declval<std::size_t&>())
                             .terms.template load<Arch>(0, all_lanes{}));

/// The units of the order in registers of Arch, and the passes in which a stripe is accumulated.
template <class Terms, class Arch> struct registers {
    using A = typename Terms::value_type;
    static constexpr std::size_t lanes = batch<A, Arch>::size;
    static constexpr std::size_t registers_per_line = order<A>::line / lanes;
    static constexpr std::size_t registers_per_stripe = order<A>::stripe / lanes;

    /// Eight accumulators hide the latency of additions, which is 4 cycles on 2 ports. They leave half of 16 registers to the
    /// terms. So a stripe of 16 narrow registers is taken in two passes, lines {0, 2} and then lines {1, 3}. The number of passes
    /// is a power of two. It leaves eight registers to each, but there is at most one pass per line.
    static constexpr std::size_t max_width = 8;
    static constexpr std::size_t needed = registers_per_stripe * registers_of<term_of<Terms, Arch>>;
    static constexpr std::size_t passes =
        (std::min)(std::bit_ceil((needed + max_width - 1) / max_width), order<A>::lines_per_stripe);
    static constexpr std::size_t width = registers_per_stripe / passes;

    /// The index in the stripe of register k of a pass.
    static constexpr std::size_t position(std::size_t pass, std::size_t k) {
        return (k / registers_per_line * passes + pass) * registers_per_line + k % registers_per_line;
    }

    /// Whether register `at` of the stripe belongs to a pass.
    static constexpr bool is_in(std::size_t pass, std::size_t at) { return at / registers_per_line % passes == pass; }
};

/// N neighbouring terms.
template <class Term, std::size_t N> struct term_group {
    Term at[N];

    friend L1LOSS_INLINE constexpr void accumulate(term_group& sum, term_group const& other) {
        unroll<N>([&](auto k) L1LOSS_INLINE { accumulate(sum.at[k], other.at[k]); });
    }
};
template <class Terms, class Arch>
using line_in_registers = term_group<term_of<Terms, Arch>, registers<Terms, Arch>::registers_per_line>;

/// Folds N terms by halves to M: x[k] += x[k + half]. If N is not a power of two, terms past the end are +0 and left out.
template <std::size_t M, class Term, std::size_t N>
L1LOSS_INLINE inline term_group<Term, M> fold_terms(term_group<Term, N> const& x) {
    if constexpr (N == M) {
        return x;
    } else {
        constexpr std::size_t half = std::bit_ceil(N) / 2;
        term_group<Term, half> sum;
        unroll<half>([&](auto k) L1LOSS_INLINE {
            sum.at[k] = x.at[k];
            if constexpr (k + half < N) accumulate(sum.at[k], x.at[k + half]);
        });
        return fold_terms<M>(sum);
    }
}

/// Moves what the lanes of a line have counted to `count`, before they overflow.
template <class Term, std::size_t N>
L1LOSS_INLINE inline void move_count([[maybe_unused]] term_group<Term, N>& line, [[maybe_unused]] std::size_t& count) {
    if constexpr (has_tally<Term>) // lanes of 64 bits do not overflow
        if constexpr (sizeof(line.at[0].count.lanes[0]) < sizeof count)
            unroll<N>([&](auto k) L1LOSS_INLINE {
                count += fold(line.at[k].count);
                line.at[k].count.clear();
            });
}

template <class Term, std::size_t N> L1LOSS_INLINE inline auto fold_line(term_group<Term, N> const& line) {
    return fold(fold_terms<1>(line).at[0]);
}

/// Loads register k of a pass, from the stripe that begins i terms into the window.
template <class Arch, std::size_t pass, class Window, class K>
L1LOSS_INLINE inline auto term_of_pass(Window const& window, std::size_t i, K k) {
    using r = registers<std::remove_cvref_t<decltype(window.terms)>, Arch>;
    return window.terms.template load<Arch>(window.first + i + r::position(pass, k) * r::lanes, all_lanes{});
}

/// Calls add(window, i) for each stripe of [first, end), window by window, where an array is a view.
template <class Arch, class Terms, class Add>
L1LOSS_INLINE inline void for_each_stripe_of_views(Terms const& terms, std::size_t first, std::size_t end, Add add) {
    constexpr std::size_t stripe = order<typename Terms::value_type>::stripe;
    while (first != end) {
        std::size_t count = end - first;
        auto const window = window_from<Arch>(terms, first, stripe, count);
        for (std::size_t i = 0; count - i >= stripe; i += stripe) add(window, i), first += stripe;
    }
}

/// Adds the first `rest` > 0 terms of a stripe to the sums of a pass. All its registers are whole except the last, which may be
/// partial or belong to another pass. With AVX2 and rest = 44, registers 0 to 4 are whole, and register 5 has four terms.
template <class Arch, std::size_t pass, class Terms>
L1LOSS_INLINE inline void add_remainder(term_group<term_of<Terms, Arch>, registers<Terms, Arch>::width>& sum, Terms const& terms,
                                        std::size_t first, std::size_t rest) {
    using r = registers<Terms, Arch>;
    barrier(first); // otherwise clang takes three instructions for each address below, instead of one displacement
    std::size_t size = rest;
    auto const window = window_from<Arch>(terms, first, rest, size);
    std::size_t const last = (rest - 1) / r::lanes, in_last = r::is_in(pass, last) ? rest - last * r::lanes : 0;
    auto const of_last = window.terms.template load<Arch>(window.first + last * r::lanes, first_lanes{in_last});
    unroll<r::width>([&](auto k) L1LOSS_INLINE {
        if (r::position(pass, k) < last) accumulate(sum.at[k], term_of_pass<Arch, pass>(window, 0, k));
        else if (r::position(pass, k) == last) accumulate(sum.at[k], of_last);
    });
}

/// Sums one pass of a block, or of its first `count` > 0 terms. It adds stripe by stripe, then folds the pass to one line.
template <class Arch, std::size_t pass, class Terms>
L1LOSS_INLINE inline line_in_registers<Terms, Arch> sum_pass(Terms const& terms, std::size_t first, std::size_t count) {
    using r = registers<Terms, Arch>;
    constexpr std::size_t stripe = order<typename Terms::value_type>::stripe;
    term_group<term_of<Terms, Arch>, r::width> sum{};
    std::size_t const end = first + count / stripe * stripe;
    auto const add_stripe = [&](auto const& window, std::size_t i) L1LOSS_INLINE {
        unroll<r::width>([&](auto k) L1LOSS_INLINE { accumulate(sum.at[k], term_of_pass<Arch, pass>(window, i, k)); });
    };
    if constexpr (Terms::needs_windows) {
        for_each_stripe_of_views<Arch>(terms, first, end, add_stripe);
    } else if (first != end) { // to begin with the first stripe saves an addition
        windowed<Terms const&> const window{terms, first};
        unroll<r::width>([&](auto k) L1LOSS_INLINE { sum.at[k] = term_of_pass<Arch, pass>(window, 0, k); });
        first += stripe;
        for (Terms at = advanced(terms, first); first != end; first += stripe, at = advanced(at, stripe))
            add_stripe(windowed<Terms const&>{at, 0}, 0);
    }
    if (std::size_t const rest = count % stripe; rest > 0) add_remainder<Arch, pass>(sum, terms, end, rest);
    return fold_terms<r::registers_per_line>(sum);
}

/// Sums a block, or its first `count` > 0 terms. Passes are joined by halves, as the lines in a pass are.
template <class Arch, class Terms, std::size_t pass = 0, std::size_t passes = registers<Terms, Arch>::passes>
L1LOSS_INLINE inline line_in_registers<Terms, Arch> sum_block(Terms const& terms, std::size_t first, std::size_t count) {
    if constexpr (passes == 1) {
        return sum_pass<Arch, pass>(terms, first, count);
    } else {
        constexpr std::size_t of = registers<Terms, Arch>::passes;
        auto line = sum_block<Arch, Terms, pass, passes / 2>(terms, first, count);
        accumulate(line, sum_block<Arch, Terms, pass + of / passes, passes / 2>(terms, first, count));
        return line;
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
