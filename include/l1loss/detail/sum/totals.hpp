// What is summed of one element, or of a register of them, where it is more than one number.
#pragma once

#include <cstddef>

#include <l1loss/detail/elements.hpp>
#include <l1loss/detail/simd/register.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The numerator of a mean, and what its denominator takes: the weights, and how many elements count. What a call does not need is
/// `nothing`.
template <class Numerator, class Weight, class Count> struct totals {
    [[no_unique_address]] Numerator numerator;
    [[no_unique_address]] Weight weight;
    [[no_unique_address]] Count count;

    friend L1LOSS_INLINE constexpr void accumulate(totals& sum, totals const& term) {
        accumulate(sum.numerator, term.numerator);
        accumulate(sum.weight, term.weight);
        accumulate(sum.count, term.count);
    }
};
template <class Numerator, class Weight, class Count> totals(Numerator, Weight, Count) -> totals<Numerator, Weight, Count>;
static_assert(sizeof(totals<float, float, nothing>) == 2 * sizeof(float)); // one `nothing` takes no memory, two would

/// Folds the lanes of each.
L1LOSS_INLINE inline nothing fold(nothing) { return {}; }
template <class N, class W, class C> L1LOSS_INLINE inline auto fold(totals<N, W, C> const& x) {
    return totals{fold(x.numerator), fold(x.weight), fold(x.count)};
}

/// Whether a term counts elements by lanes, as integers no wider than a lane.
template <class Term>
concept has_tally = requires(Term x) { x.count.lanes; };

/// How many registers a term takes.
template <class Term> inline constexpr std::size_t registers_of = 1;
template <> inline constexpr std::size_t registers_of<nothing> = 0;
template <class N, class W, class C>
inline constexpr std::size_t registers_of<totals<N, W, C>> = registers_of<N> + registers_of<W> + registers_of<C>;

} // namespace l1loss::detail::inline L1LOSS_FLAGS
