// What a call reads, all of it checked: each argument as an array (array.hpp), and the term sources that they make.
//
// On top of shape.hpp and terms.hpp, under the public functions.
#pragma once

#include <l1loss/detail/shape.hpp>
#include <l1loss/detail/terms.hpp>

namespace l1loss::detail {

/// The arrays of one call. Weights, mask and what a gradient is scaled by are `nothing` where they are not given.
template <class A, class Input, class Target, class Weights, class Mask, class Scale, bool skips_nan>
struct operands {
    static constexpr bool is_weighted = !std::is_same_v<Weights, nothing>;
    static constexpr bool is_selective = skips_nan || !std::is_same_v<Mask, nothing>;

    Input input;
    Target target;
    Weights weights;
    Mask mask;
    Scale scale;

    L1LOSS_INLINE constexpr auto selection() const {
        using numbers = where_numbers<A, Input, Target>;
        if constexpr (!skips_nan) return where_set<Mask>{mask};
        else if constexpr (std::is_same_v<Mask, nothing>) return numbers{input, target};
        else return where_both<where_set<Mask>, numbers>{{mask}, {input, target}};
    }
    template <class Terms>
    L1LOSS_INLINE constexpr auto where_selected(Terms const& terms) const {
        if constexpr (is_selective) return selected<Terms, decltype(selection())>{terms, selection()};
        else return terms;
    }
    template <class Terms>
    L1LOSS_INLINE constexpr auto times_weights(Terms const& terms) const {
        if constexpr (is_weighted) return weighted<Terms, Weights>{terms, weights};
        else return terms;
    }

    /// What is summed: w·|d| where selected.
    L1LOSS_INLINE constexpr auto terms() const {
        return where_selected(times_weights(abs_difference<A, Input, Target>{input, target}));
    }

    /// What the mean is over: the weights, or ones, where selected.
    L1LOSS_INLINE constexpr auto ones() const { return counted<A, decltype(selection())>{selection()}; }
    L1LOSS_INLINE constexpr auto denominators() const {
        if constexpr (is_weighted) return where_selected(elements<A, Weights>{weights});
        else return ones();
    }

    /// The gradient with respect to input, where ∂loss/∂none_i is s_i.
    template <class S>
    L1LOSS_INLINE constexpr auto gradient_terms(S s) const {
        auto const scaled = times_weights(elements<A, S>{s});
        return where_selected(gradient<Input, Target, std::remove_const_t<decltype(scaled)>>{input, target, scaled});
    }

    /// The same call with input and target exchanged.
    L1LOSS_INLINE constexpr auto exchanged() const {
        return operands<A, Target, Input, Weights, Mask, Scale, skips_nan>{target, input, weights, mask, scale};
    }

    /// Row `row` of all arrays.
    L1LOSS_INLINE constexpr auto row(std::size_t row, std::size_t columns) const {
        auto const of = [&](auto array) L1LOSS_INLINE {
            if constexpr (std::is_same_v<decltype(array), nothing>) return array;
            else return row_of(array, row, columns);
        };
        return operands<A, decltype(of(input)), decltype(of(target)), decltype(of(weights)), decltype(of(mask)),
                        decltype(of(scale)), skips_nan>{of(input), of(target), of(weights), of(mask), of(scale)};
    }
};

// ---- The call.

template <class Array>
constexpr bool is_dense(Array const& array) {
    if constexpr (requires { array.is_dense(); }) return array.is_dense();
    else return true;
}
template <class Array>
L1LOSS_INLINE constexpr auto dense_array(Array const& array) {
    if constexpr (requires { array.is_dense(); })
        return static_cast<std::remove_pointer_t<decltype(array.data)> const*>(array.data);
    else return array;
}

/// Keeps a reader of a view, or the array itself.
template <class Array>
struct readable {
    Array array;
    constexpr readable(Array const& a, std::size_t) : array(a) {}
    constexpr Array get() { return array; }
};
template <class T, std::size_t Most>
struct readable<view<T, Most>> {
    view_reader<std::remove_const_t<T>, Most> reader;
    constexpr readable(view<T, Most> const& v, std::size_t leading) : reader(v, leading) {}
    constexpr auto* get() { return &reader; }
};

/// f(operands, n, result) of the arguments: n is an integral_constant where either shape is fixed, and result knows whether an
/// output fits.
template <class A, walk how = walk::as_stored, class Input, class Target, class F, class... Options>
L1LOSS_INLINE constexpr decltype(auto) with_operands(Input const& input, Target const& target, F f, Options&... options) {
    constexpr bool skips_nan = given<is_skip_nan, Options...>;
    auto const& w = values_of<is_weights>(options...);
    auto const& m = values_of<is_where>(options...);
    auto const& s = values_of<is_grad_output>(options...);
    using W = std::remove_cvref_t<decltype(w)>;
    using M = std::remove_cvref_t<decltype(m)>;
    using S = std::remove_cvref_t<decltype(s)>;
    auto const call = [&](auto n, auto const& result, auto x, auto y, auto weights, auto mask, auto scale)
                          L1LOSS_INLINE -> decltype(auto) {
        using ops = operands<A, decltype(x), decltype(y), decltype(weights), decltype(mask), decltype(scale), skips_nan>;
        return f(ops{x, y, weights, mask, scale}, n, result);
    };

    if constexpr (!needs_view<Input> && !needs_view<Target> && !needs_view<W> && !needs_view<M> && !needs_view<S>) {
        std::size_t const n = length_of(input, options...);
        if (n != length_of(target, options...)) [[unlikely]]
            sizes_differ(n, "target", length_of(target, options...));
        check_size(n, w, "weights");
        check_size(n, m, "mask");
        check_size(n, s, "grad_output");
        if constexpr (fixed_shape<Input> || fixed_shape<Target>) {
            constexpr std::size_t N = fixed_shape<Input> ? fixed_size<Input> : fixed_size<Target>;
            return call(std::integral_constant<std::size_t, N>{}, plain_result{N}, plain_array(input), plain_array(target),
                        plain_array(w), plain_array(m), plain_array(s));
        } else {
            return call(n, plain_result{n}, plain_array(input), plain_array(target), plain_array(w), plain_array(m),
                        plain_array(s));
        }
    } else {
        auto const result = result_of<how>(input, target, std::tuple<W const&, M const&, S const&>(w, m, s), options...);
        auto const x = result.array(input, "input");
        auto const y = result.array(target, "target");
        auto const weights = result.array(w, "weights");
        auto const mask = result.array(m, "mask");
        auto const scale = result.array(s, "grad_output");
        if (is_dense(x) && is_dense(y) && is_dense(weights) && is_dense(mask) && is_dense(scale))
            return call(result.size(), result, dense_array(x), dense_array(y), dense_array(weights), dense_array(mask),
                        dense_array(scale));
        std::size_t const leading = result.leading;
        readable input_reader(x, leading);
        readable target_reader(y, leading);
        readable weights_reader(weights, leading);
        readable mask_reader(mask, leading);
        readable scale_reader(scale, leading);
        return call(result.size(), result, input_reader.get(), target_reader.get(), weights_reader.get(), mask_reader.get(),
                    scale_reader.get());
    }
}

} // namespace l1loss::detail
