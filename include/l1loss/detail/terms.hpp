// What is summed: term sources. One gives the i-th term as a scalar (also in constant evaluation) and as a batch of
// neighbouring terms, and knows nothing of how it is walked; every index is asked for exactly once. The first source is
// abs_difference; what follows decorates it.
//
//     value_type      A, which the order is in                 at<Arch>(i, lanes)   what is accumulated for a batch of indexes
//     sum_type        what comes out: A, a count, or a pair    operator()(i)        the same for one
//     is_signed       whether terms may be below +0            map(f)               the same source on the arrays f(array)
//
// On top of array.hpp and select.hpp, under the two spellings of the sum.
#pragma once

#include <cfloat>
#include <tuple>

#include <l1loss/detail/select.hpp>

// Every operation is rounded to its type. (-1: not known, which is what Clang says under -ffast-math.)
static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == -1, "l1loss needs float arithmetic in float: on x86, SSE rather than x87");

namespace l1loss::detail {

/// x with the sign bit cleared, NaN and -0 included. (A constant expression on every compiler, which std::abs is not yet, and
/// no detour by way of integer registers, which std::bit_cast is in g++ 12.)
template <class A>
L1LOSS_INLINE constexpr A magnitude(A x) {
    return sizeof(A) == sizeof(float) ? A(__builtin_fabsf(float(x))) : A(__builtin_fabs(double(x)));
}

/// t[i] = |A(input[i]) - A(target[i])|: one subtraction in A, then the sign bit cleared, so that t[i] ≥ +0 or NaN.
template <class A, class Input, class Target>
struct abs_difference {
    using value_type = A;
    using sum_type = A;
    static constexpr bool is_signed = false;
    static constexpr bool needs_vectors = false;
    static constexpr bool has_views = is_view<Input> || is_view<Target>;

    Input input;
    Target target;

    L1LOSS_INLINE constexpr A operator()(std::size_t i) const {
        return magnitude(element_at<A>(input, i) - element_at<A>(target, i));
    }
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline batch<A, Arch> at(std::size_t i, Lanes lanes) const {
        return xsimd::abs(load_at<A, Arch>(input, i, lanes) - load_at<A, Arch>(target, i, lanes));
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return abs_difference<A, decltype(f(input)), decltype(f(target))>{f(input), f(target)};
    }
};

/// t[i] = A(array[i]): weights, or what a gradient is scaled by.
template <class A, class Array>
struct elements {
    using value_type = A;
    using sum_type = A;
    static constexpr bool is_signed = true;
    static constexpr bool needs_vectors = true;
    static constexpr bool has_views = is_view<Array>;

    Array array;

    L1LOSS_INLINE constexpr A operator()(std::size_t i) const { return element_at<A>(array, i); }
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline batch<A, Arch> at(std::size_t i, Lanes lanes) const {
        return load_at<A, Arch>(array, i, lanes);
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return elements<A, decltype(f(array))>{f(array)};
    }
};

/// x·y rounded on its own, whatever it is added to.
template <class V>
L1LOSS_INLINE constexpr V product(V x, V const& y) {
    x = x * y;
    if (!std::is_constant_evaluated()) {
        if constexpr (requires { x.data; }) keep(x.data);
        else keep(x);
    }
    return x;
}

/// t[i] = A(weights[i]) · terms[i].
template <class Terms, class Weights>
struct weighted {
    using value_type = typename Terms::value_type;
    using sum_type = value_type;
    static constexpr bool is_signed = true;
    static constexpr bool needs_vectors = true;
    static constexpr bool has_views = Terms::has_views || is_view<Weights>;

    Terms terms;
    Weights weights;

    L1LOSS_INLINE constexpr value_type operator()(std::size_t i) const {
        return product(element_at<value_type>(weights, i), terms(i));
    }
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline auto at(std::size_t i, Lanes lanes) const {
        return product(load_at<value_type, Arch>(weights, i, lanes), terms.template at<Arch>(i, lanes));
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return weighted<decltype(terms.map(f)), decltype(f(weights))>{terms.map(f), f(weights)};
    }
};

/// t[i] = terms[i] where selected, else +0, whatever terms[i] is.
template <class Terms, class Selection>
struct selected {
    using value_type = typename Terms::value_type;
    using sum_type = value_type;
    static constexpr bool is_signed = Terms::is_signed;
    static constexpr bool needs_vectors = true;
    static constexpr bool has_views = Terms::has_views || Selection::has_views;

    Terms terms;
    Selection selection;

    L1LOSS_INLINE constexpr value_type operator()(std::size_t i) const { return selection(i) ? terms(i) : value_type(0); }
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline auto at(std::size_t i, Lanes lanes) const {
        return choose(terms.template at<Arch>(i, lanes), selection.template at<value_type, Arch>(i, lanes));
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return selected<decltype(terms.map(f)), decltype(selection.map(f))>{terms.map(f), selection.map(f)};
    }
};

/// t[i] = 1 where selected, an integer.
template <class A, class Selection>
struct counted {
    using value_type = A;
    using sum_type = std::size_t;
    static constexpr bool is_signed = false;
    static constexpr bool needs_vectors = true;
    static constexpr bool has_views = Selection::has_views;

    Selection selection;

    L1LOSS_INLINE constexpr std::size_t operator()(std::size_t i) const { return selection(i) ? 1 : 0; }
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline tally<A, Arch> at(std::size_t i, Lanes lanes) const {
        return {selection.template at<A, Arch>(i, lanes)};
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return counted<A, decltype(selection.map(f))>{selection.map(f)};
    }
};

/// Two sources side by side, which are summed in one pass.
template <class First, class Second>
struct together {
    using value_type = typename First::value_type;
    using sum_type = both<typename First::sum_type, typename Second::sum_type>;
    static constexpr bool is_signed = First::is_signed;
    static constexpr bool needs_vectors = true;
    static constexpr bool has_views = First::has_views || Second::has_views;

    First first;
    Second second;

    L1LOSS_INLINE constexpr sum_type operator()(std::size_t i) const { return {first(i), second(i)}; }
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline auto at(std::size_t i, Lanes lanes) const {
        auto const x = first.template at<Arch>(i, lanes);
        auto const y = second.template at<Arch>(i, lanes);
        return both<std::remove_const_t<decltype(x)>, std::remove_const_t<decltype(y)>>{x, y};
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return together<decltype(first.map(f)), decltype(second.map(f))>{first.map(f), second.map(f)};
    }
};

/// t[i] = s, -s or +0 as input[i] is above, below, or neither of the two to target[i]; s = scale[i]. With
/// s = ∂loss/∂|input[i] - target[i]| that is the gradient with respect to input[i].
template <class Input, class Target, class Scale>
struct gradient {
    using value_type = typename Scale::value_type;
    using sum_type = value_type;
    static constexpr bool is_signed = true;
    static constexpr bool needs_vectors = true;
    static constexpr bool has_views = is_view<Input> || is_view<Target> || Scale::has_views;

    Input input;
    Target target;
    Scale scale;

    L1LOSS_INLINE constexpr value_type operator()(std::size_t i) const {
        value_type const d = element_at<value_type>(input, i) - element_at<value_type>(target, i);
        return d > 0 ? scale(i) : d < 0 ? -scale(i) : value_type(0);
    }
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline batch<value_type, Arch> at(std::size_t i, Lanes lanes) const {
        using A = value_type;
        using bits = lane_mask<A, Arch>;
        batch<A, Arch> const d = load_at<A, Arch>(input, i, lanes) - load_at<A, Arch>(target, i, lanes);
        bits const differ = lanes_of<A, Arch>(xsimd::abs(d).data) > A(0); // not where d is NaN
        bits const sign = bits_of(d) & std::numeric_limits<lane_integer<A>>::min();
        bits const s = bits_of(scale.template at<Arch>(i, lanes));
        return as_batch<A, Arch>((s ^ sign) & differ);
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return gradient<decltype(f(input)), decltype(f(target)), decltype(scale.map(f))>{f(input), f(target), scale.map(f)};
    }
};

// ---- Windows.

/// Terms of which [first, …) are those that were asked for.
template <class Terms>
struct windowed {
    Terms terms;
    std::size_t first;
};

/// The terms [first, first + count), at most window_size of them, of arrays whose elements lie side by side.
template <class Arch, class Terms>
L1LOSS_INLINE inline auto window(Terms const& terms, std::size_t first, [[maybe_unused]] std::size_t count) {
    if constexpr (!Terms::has_views) {
        return windowed<Terms>{terms, first};
    } else {
        auto near = terms.map([&](auto array) L1LOSS_INLINE { return window_of<Arch>(array, first, count); });
        return windowed<decltype(near)>{near, 0};
    }
}

// ---- Terms that are written.

/// A source, and where its terms are written one by one.
template <class Terms, class Out>
struct written {
    static constexpr bool has_views = Terms::has_views;

    Terms terms;
    Out* out;

    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return written<decltype(terms.map(f)), Out>{terms.map(f), f(out)};
    }
};

/// Writes term i of each; all are computed before the first is written, since an output may be what is read.
template <class... Terms, class... Out>
L1LOSS_INLINE constexpr void write_at(std::size_t i, written<Terms, Out> const&... writes) {
    [&](auto... terms) L1LOSS_INLINE { ((writes.out[i] = static_cast<Out>(terms)), ...); }(writes.terms(i)...);
}
/// The same for a batch, i counted from what the windows begin with.
template <class Arch, class Lanes, class... Terms, class... Out>
L1LOSS_INLINE inline void write_batch_at(std::size_t i, Lanes lanes, windowed<written<Terms, Out>> const&... writes) {
    [&](auto const&... terms) L1LOSS_INLINE {
        (store(writes.terms.out + writes.first + i, terms, lanes), ...);
    }(writes.terms.terms.template at<Arch>(writes.first + i, lanes)...);
}

/// The terms of a source, which writes others in passing.
template <class Terms, class... Writes>
struct writing {
    using value_type = typename Terms::value_type;
    using sum_type = typename Terms::sum_type;
    static constexpr bool is_signed = Terms::is_signed;
    static constexpr bool needs_vectors = true;
    static constexpr bool has_views = Terms::has_views || (Writes::has_views || ...);

    Terms terms;
    std::tuple<Writes...> writes;

    L1LOSS_INLINE constexpr sum_type operator()(std::size_t i) const {
        auto const term = terms(i);
        std::apply([&](auto const&... w) L1LOSS_INLINE { write_at(i, w...); }, writes);
        return term;
    }
    template <class Arch, class Lanes>
    L1LOSS_INLINE inline auto at(std::size_t i, Lanes lanes) const {
        auto const term = terms.template at<Arch>(i, lanes);
        std::apply([&](auto const&... w) L1LOSS_INLINE { write_batch_at<Arch>(i, lanes, windowed<Writes>{w, 0}...); }, writes);
        return term;
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return std::apply(
            [&](auto const&... w) L1LOSS_INLINE {
                return writing<decltype(terms.map(f)), decltype(w.map(f))...>{terms.map(f), {w.map(f)...}};
            },
            writes);
    }
};

} // namespace l1loss::detail
