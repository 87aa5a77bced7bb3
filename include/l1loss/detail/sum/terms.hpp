// A term source gives the terms of a sum, one at a time as a scalar or in a register of neighbouring terms.
//
// It does not know how it is walked, and every index is asked for exactly once. This file has the source of the plain loss, and
// combined_terms.hpp has the source of everything else.
//
//     value_type            A, which the order is in
//     sum_type              what is summed: A, or totals
//     operator()(i)         the term of index i
//     load<Arch>(i, lanes)  a register of terms, from index i on
//     map(f)                the same source on the arrays f(array)
//     is_combined           whether it is combined_terms
//     needs_vectors         whether it chooses lanes by their bits
//     needs_windows         whether an array is read through a view_reader
#pragma once

#include <cstddef>

#include <l1loss/detail/read/array.hpp>

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

/// Returns x with the sign bit cleared, also for NaN and -0. This is a constant expression on every compiler, which std::abs is not
/// yet. With std::bit_cast, g++ 12 would go through integer registers.
template <class A> L1LOSS_INLINE constexpr A magnitude(A x) {
    return sizeof(A) == sizeof(float) ? A(__builtin_fabsf(float(x))) : A(__builtin_fabs(double(x)));
}

/// The terms of the plain loss. A term is one subtraction in A with the sign bit cleared, so it is ≥ +0 or NaN.
///
///     t[i] = |A(input[i]) - A(target[i])|
template <class A, class Input, class Target> struct abs_difference {
    using value_type = A;
    using sum_type = A;
    static constexpr bool is_combined = false;
    static constexpr bool needs_vectors = is_dequantized<Input> || is_dequantized<Target>;
    static constexpr bool needs_windows = is_windowed<Input> || is_windowed<Target>;

    Input input;
    Target target;

    L1LOSS_INLINE constexpr A operator()(std::size_t i) const {
        return magnitude(element_at<A>(input, i) - element_at<A>(target, i));
    }
    template <class Arch, class Lanes> L1LOSS_INLINE inline batch<A, Arch> load(std::size_t i, Lanes lanes) const {
        return xsimd::abs(load_at<A, Arch>(input, i, lanes) - load_at<A, Arch>(target, i, lanes));
    }
    template <class F> L1LOSS_INLINE constexpr auto map(F const& f) const {
        auto const x = if_given(f, input);
        auto const y = if_given(f, target);
        return abs_difference<A, std::remove_const_t<decltype(x)>, std::remove_const_t<decltype(y)>>{x, y};
    }
};

/// Whether a source gets separate inlined code for the shortest lengths and for whole blocks. Only the plain loss of contiguous
/// floats or doubles does. With every combination of options and types, code size and compile time would be many times as large.
template <class Terms> inline constexpr bool is_plain = false;
template <class A, accumulator X, accumulator Y> inline constexpr bool is_plain<abs_difference<A, X const*, Y const*>> = true;

/// Sums up to three terms as step 4 folds a line: lane 2 onto lane 0, then lane 1.
template <class Terms> L1LOSS_INLINE inline typename Terms::sum_type sum_scalars(Terms terms, std::size_t n) {
    if (n == 0) [[unlikely]]
        return {};
    typename Terms::sum_type sum = terms(0);
    if (n > 2) accumulate(sum, terms(2));
    if (n > 1) accumulate(sum, terms(1));
    return sum;
}

/// Returns the same source from index n on. Each pointer stays in a register of its own. Clang otherwise adds an index to each
/// address, and Intel then takes two operations for a load and a subtraction.
template <class Terms> L1LOSS_INLINE inline Terms advanced(Terms const& terms, std::size_t n) {
    static_assert(!Terms::needs_windows);
    return terms.map([&](auto array) L1LOSS_INLINE {
        if constexpr (std::is_pointer_v<decltype(array)>) {
            array += n;
            barrier(array);
        }
        return array;
    });
}

// ---- Windows.

/// Terms, or a reference to them. The terms that were asked for begin at index `first`.
template <class Terms> struct windowed {
    Terms terms;
    std::size_t first;
};

/// Returns the terms from `first` on, of arrays that are contiguous there. Views may reduce `count` to the number that they can
/// give, but not below `least`.
template <class Arch, class Terms>
L1LOSS_INLINE inline auto window_from(Terms const& terms, std::size_t first, [[maybe_unused]] std::size_t least,
                                      [[maybe_unused]] std::size_t& count) {
    if constexpr (!Terms::needs_windows) {
        return windowed<Terms const&>{terms, first};
    } else {
        auto window = terms.map([&](auto array) L1LOSS_INLINE { return window_of<Arch>(array, first, least, count); });
        return windowed<decltype(window)>{window, 0};
    }
}

/// Returns the same source with its pointers in registers. A call passes a large source in memory. g++ would copy it as a whole, on
/// both sides of the call, and stall on stores that were made in pieces.
template <class Terms> L1LOSS_INLINE inline Terms with_pointers_in_registers(Terms const& terms) {
    return terms.map([](auto array) L1LOSS_INLINE {
        if constexpr (std::is_pointer_v<decltype(array)>) barrier(array);
        return array;
    });
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
