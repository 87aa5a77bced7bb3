// The term source of every call that has weights, a mask, missing values, gradients or an output.
#pragma once

#include <bit>
#include <limits>

#include <l1loss/detail/read/array.hpp>
#include <l1loss/detail/simd/byte_mask.hpp>
#include <l1loss/detail/sum/terms.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// What is summed over the elements that count. The numerator is the weighted term, or the gradient with respect to input.
struct summed {
    bool terms = false, gradients = false, weights = false, count = false;
};
inline constexpr summed no_sum{}, sum_of_terms{.terms = true}, sum_of_gradients{.gradients = true}, sum_of_weights{.weights = true},
    sum_of_ones{.count = true};

/// Whether x is not NaN.
template <class A> L1LOSS_INLINE constexpr bool is_number(A x) { return are_bits_of_number<A>(std::bit_cast<lane_integer<A>>(x)); }

/// Everything that a call computes from one element, so that each array is read once:
///
///     d = A(input) - A(target)         term = w·|d|, the product rounded on its own
///     grad_input = s·w where d > 0, -s·w where d < 0, +0 where neither; grad_target the same of -d
///
/// All of them are +0 for an element that does not count, even if its values are NaN. Terms and gradients are written to the
/// outputs that are given. An output may be an array that is read, because an element is loaded before anything is stored for it.
/// Only the scale is loaded after a term is stored, which is safe because no call writes both terms and gradients.
template <summed what, class Operands, class Term = nothing, class GradInput = nothing, class GradTarget = nothing>
struct combined_terms {
    using value_type = typename Operands::A;
    /// The numerator itself where nothing else is summed.
    template <class Number, class Count>
    L1LOSS_INLINE static constexpr auto summed_of(Number const& numerator, Number const& weight, Count const& count) {
        constexpr bool has_numerator = what.terms || what.gradients;
        if constexpr (has_numerator && !what.weights && !what.count) return numerator;
        else return totals{given_if<has_numerator>(numerator), given_if<what.weights>(weight), given_if<what.count>(count)};
    }
    using sum_type = decltype(summed_of(value_type{}, value_type{}, std::size_t{}));
    static constexpr bool is_combined = true, needs_vectors = true;
    static constexpr bool needs_windows = Operands::needs_windows;

    static constexpr bool needs_terms = !std::is_same_v<Term, nothing> || what.terms;
    static constexpr bool needs_gradients =
        !std::is_same_v<GradInput, nothing> || !std::is_same_v<GradTarget, nothing> || what.gradients;
    static constexpr bool needs_elements = needs_terms || needs_gradients || Operands::skips_nan;

    static_assert(!what.count || Operands::skips_elements, "otherwise all count");

    Operands ops;
    Term term;
    GradInput grad_input;
    GradTarget grad_target;

    L1LOSS_INLINE constexpr sum_type operator()(std::size_t i) const {
        using A = value_type;
        A x{}, y{}, w{}, t{};
        bool counts = true;
        if constexpr (needs_elements) x = element_at<A>(ops.input, i), y = element_at<A>(ops.target, i);
        if constexpr (Operands::is_weighted) w = element_at<A>(ops.weights, i);
        if constexpr (Operands::is_masked) counts = element_at<bool>(ops.mask, i);
        if constexpr (Operands::skips_nan) counts = counts && is_number(x) && is_number(y);
        if (!counts) x = y = w = A(0); // with Clang, arithmetic of NaN is no constant
        A const d = x - y;
        if constexpr (needs_terms) t = magnitude(d);
        if constexpr (needs_terms && Operands::is_weighted) t = product(w, t);
        put(term, i, t);
        if constexpr (needs_gradients) {
            A s = counts ? element_at<A>(ops.scale, i) : A(0);
            if constexpr (Operands::is_weighted) s = product(w, s);
            A const g = d > 0 ? s : d < 0 ? -s : A(0);
            put(grad_input, i, g);
            put(grad_target, i, d < 0 ? s : d > 0 ? -s : A(0));
            if constexpr (what.gradients) t = g;
        }
        return summed_of(t, w, std::size_t{counts});
    }

    template <class Arch, class Lanes> L1LOSS_INLINE inline auto load(std::size_t i, Lanes lanes) const {
        using A = value_type;
        using reg = batch<A, Arch>;
        reg x, y, w, t;
        if constexpr (needs_elements) x = load_at<A, Arch>(ops.input, i, lanes), y = load_at<A, Arch>(ops.target, i, lanes);
        if constexpr (Operands::is_weighted) {
            w = load_at<A, Arch>(ops.weights, i, lanes);
            barrier(w); // otherwise g++ loads it again for its second use
        }
        auto const chosen = chosen_lanes<Arch>(x, y, i, lanes);
        auto const where_chosen = [&](reg const& r) L1LOSS_INLINE {
            if constexpr (Operands::skips_elements) return choose(r, chosen);
            else return r;
        };
        reg d;
        if constexpr (needs_terms || needs_gradients) d = x - y;
        if constexpr (needs_terms) {
            t = xsimd::abs(d);
            if constexpr (Operands::is_weighted) t = product(w, t);
            t = where_chosen(t);
            put<Arch>(term, i, t, lanes);
        }
        if constexpr (needs_gradients) {
            reg s = load_at<A, Arch>(ops.scale, i, lanes);
            if constexpr (Operands::is_weighted) s = product(w, s);
            reg const g = where_chosen(slope<false>(s, d));
            put<Arch>(grad_input, i, g, lanes);
            put<Arch>(grad_target, i, where_chosen(slope<true>(s, d)), lanes);
            if constexpr (what.gradients) t = g;
        }
        if constexpr (what.weights) w = where_chosen(w);
        return summed_of(t, w, tally_of<A, Arch>(chosen));
    }

    template <class F> L1LOSS_INLINE constexpr auto map(F const& f) const {
        return combined_terms<what, decltype(ops.map(f)), Term, GradInput, GradTarget>{
            ops.map(f), if_given(f, term), if_given(f, grad_input), if_given(f, grad_target)};
    }

    /// The output, if there is exactly one, and otherwise `nothing`.
    L1LOSS_INLINE constexpr auto only_output() const {
        constexpr bool no_term = std::is_same_v<Term, nothing>, no_input = std::is_same_v<GradInput, nothing>,
                       no_target = std::is_same_v<GradTarget, nothing>;
        if constexpr (no_input && no_target) return term;
        else if constexpr (no_term && no_target) return grad_input;
        else if constexpr (no_term && no_input) return grad_target;
        else return nothing{};
    }
    /// Whether an array that is read begins at p.
    L1LOSS_INLINE bool reads(void const* p) const {
        bool found = false;
        (void)ops.map([&](auto array) L1LOSS_INLINE {
            if constexpr (std::is_pointer_v<decltype(array)>) found = found || array == p;
            return array;
        });
        return found;
    }

private:
    /// The lanes of the elements that count.
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline auto chosen_lanes(batch<value_type, Arch> const& x, batch<value_type, Arch> const& y, std::size_t i,
                                           Lanes lanes) const {
        using A = value_type;
        if constexpr (Operands::is_masked && Operands::skips_nan)
            return mask_from(load_lane_bytes<A, Arch>(ops.mask + i, lanes)) & are_numbers(x, y);
        else if constexpr (Operands::is_masked) return load_lane_bytes<A, Arch>(ops.mask + i, lanes);
        else if constexpr (Operands::skips_nan && !are_all<Lanes>) return are_numbers(x, y) & mask_of<A, Arch>(lanes);
        else if constexpr (Operands::skips_nan) return are_numbers(x, y);
        else return lane_mask<A, Arch>{};
    }
    template <class Out> L1LOSS_INLINE static constexpr void put(Out out, std::size_t i, value_type x) {
        if constexpr (!std::is_same_v<Out, nothing>) out[i] = to_element<std::remove_reference_t<decltype(*out)>>(x);
    }
    template <class Arch, class Out, class Lanes>
    L1LOSS_INLINE static inline void put(Out out, std::size_t i, batch<value_type, Arch> const& x, Lanes lanes) {
        if constexpr (!std::is_same_v<Out, nothing>) store(out + i, x, lanes);
    }
};

/// The term source that sums `what`, and writes what outputs are given for.
template <summed what, class Operands, class Term = nothing, class GradInput = nothing, class GradTarget = nothing>
L1LOSS_INLINE constexpr auto terms_of(Operands ops, Term term = {}, GradInput grad_input = {}, GradTarget grad_target = {}) {
    return combined_terms<what, Operands, Term, GradInput, GradTarget>{ops, term, grad_input, grad_target};
}
/// The term source of the loss alone. Without options it is the plain loss.
template <class A, class Input, class Target> L1LOSS_INLINE constexpr auto loss_terms(operands<A, Input, Target> const& ops) {
    return abs_difference<A, Input, Target>{ops.input, ops.target};
}
template <class Operands> L1LOSS_INLINE constexpr auto loss_terms(Operands const& ops) { return terms_of<sum_of_terms>(ops); }

} // namespace l1loss::detail::inline L1LOSS_FLAGS
