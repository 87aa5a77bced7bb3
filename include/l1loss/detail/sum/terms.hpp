// What is summed: term sources. One gives the i-th term as a scalar (also in constant evaluation) and as a batch of
// neighbouring terms, and knows nothing of how it is walked; every index is asked for exactly once. There are two: the plain
// loss, here, and all that can be said of an element at once, in decorated.hpp.
//
//     value_type      A, which the order is in                 at<Arch>(i, lanes)   what is accumulated for a batch of indexes
//     sum_type        what comes out: A, a count, or a pair    operator()(i)        the same for one
//     is_signed       whether terms may be below +0            map(f)               the same source on the arrays f(array)
//
// On top of array.hpp, under the two spellings of the sum.
#pragma once

#include <cfloat>

#include <l1loss/detail/read/array.hpp>

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
    static constexpr bool is_combined = false;
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

// ---- Windows.

/// Terms, or a reference to them, of which [first, …) are those that were asked for.
template <class Terms>
struct windowed {
    Terms terms;
    std::size_t first;
};

/// The terms from `first` on, of arrays whose elements lie side by side: at least `least` of them, and as many as `count` becomes,
/// if less than it was.
template <class Arch, class Terms>
L1LOSS_INLINE inline auto window_from(Terms const& terms, std::size_t first, [[maybe_unused]] std::size_t least,
                                      [[maybe_unused]] std::size_t& count) {
    if constexpr (!Terms::has_views) {
        return windowed<Terms const&>{terms, first};
    } else {
        auto window = terms.map([&](auto array) L1LOSS_INLINE { return window_of<Arch>(array, first, least, count); });
        return windowed<decltype(window)>{window, 0};
    }
}

/// The same terms, their pointers in registers of their own: a source goes to a call in memory where it is large, and g++ would
/// copy it whole, on either side, and wait for what was just stored in pieces.
template <class Terms>
L1LOSS_INLINE inline Terms in_registers(Terms const& terms) {
    return terms.map([](auto array) L1LOSS_INLINE {
        if constexpr (std::is_pointer_v<decltype(array)>) barrier(array);
        return array;
    });
}

} // namespace l1loss::detail
