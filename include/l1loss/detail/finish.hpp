// From the sum to the loss: the last steps of the order.
//
// On top of lanes.hpp and reduction.hpp, under canonical_sum.hpp. A length is a number, or an integral_constant where the shape
// is fixed.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <l1loss/detail/lanes.hpp>
#include <l1loss/reduction.hpp>

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

namespace l1loss::detail {

#if defined(__SSE4_1__)
/// x as the first lane of a register, whatever is in the others: nothing to do, which either compiler has to be told.
L1LOSS_INLINE inline __m128 low_lane(float x) {
#if defined(__clang__)
    vector<float, 1> const v{x};
    return __builtin_shufflevector(v, v, 0, -1, -1, -1);
#else
    __m128 v;
    asm("" : "=x"(v) : "0"(x));
    return v;
#endif
}
#endif

template <class Size>
concept fixed_length = requires {
    std::integral_constant<std::size_t, Size::value>{};
};

/// The quiet NaN of A as an integer.
template <class A>
inline constexpr lane_integer<A> quiet_nan_bits = infinity_bits<A> | lane_integer<A>{1} << (std::numeric_limits<A>::digits - 2);

/// The one NaN that the library returns; out of an integer, since -ffast-math takes one that it sees to be impossible.
template <class A>
L1LOSS_INLINE constexpr A quiet_nan() {
    auto bits = quiet_nan_bits<A>;
    if (!std::is_constant_evaluated()) keep(bits);
    return std::bit_cast<A>(bits);
}

/// Step 5, second half: any NaN becomes the quiet NaN of A. By bits, since -ffast-math knows no NaN: what it makes of one is
/// its own affair, but nothing else is harmed.
template <bool is_signed, class A>
L1LOSS_INLINE constexpr A canonical(A x) {
    if (std::is_constant_evaluated()) return x; // finite, or canonical already
    auto bits = std::bit_cast<lane_integer<A>>(x);
    if constexpr (is_signed) {
        bits &= std::numeric_limits<lane_integer<A>>::max();
        if (bits > infinity_bits<A>) [[unlikely]]
            return quiet_nan<A>();
        return x;
    }
#if defined(__SSE4_1__)
    if constexpr (sizeof(A) == 4) // without a sign, a NaN is the largest of integers: one instruction and no branch
        return _mm_cvtss_f32(_mm_castsi128_ps(_mm_min_epi32(_mm_castps_si128(low_lane(x)), _mm_set1_epi32(quiet_nan_bits<A>))));
#endif
    if (bits > quiet_nan_bits<A>) [[unlikely]]
        return quiet_nan<A>();
    return x;
}

/// Step 5, first half: -0, which only terms with a sign can add up to, becomes +0.
template <bool is_signed, class A>
L1LOSS_INLINE constexpr A plus_zero(A x) {
    if constexpr (!is_signed) return x;
    A zero = 0;
    if (!std::is_constant_evaluated()) keep(zero); // or -ffast-math drops the addition
    return x + zero;
}

/// x / y rounded once, as -ffast-math would not do it by itself, nor leave it alone where the quotient is multiplied.
template <class A>
L1LOSS_INLINE constexpr A quotient(A x, A y) {
    if (std::is_constant_evaluated()) return x / y;
    keep(x, y);
    A q = x / y;
    keep(q);
    return q;
}

/// x / n for a number of elements: as if in double, then rounded to A.
template <class A>
L1LOSS_INLINE constexpr A quotient(A x, std::size_t n) {
    constexpr std::uint64_t exact = std::uint64_t{1} << std::numeric_limits<A>::digits; // lengths that convert to A exactly
    if (n <= exact) [[likely]]
        return quotient(x, A(std::int64_t(n)));
    return A(quotient(double(x), double(n)));
}

/// Whether x is ±0, to a compiler that knows no signs of zeros too.
template <class A>
L1LOSS_INLINE constexpr bool is_zero(A x) {
    return (std::bit_cast<lane_integer<A>>(x) & std::numeric_limits<lane_integer<A>>::max()) == 0;
}

/// Steps 5 and 6: the loss, out of the sum of n terms. R is mean or sum.
template <reduction R, bool is_signed = false>
struct finish {
    template <class A, class Size>
    L1LOSS_INLINE constexpr A operator()(A sum, Size n) const {
        sum = plus_zero<is_signed>(sum);
        if constexpr (R == reduction::sum) {
            return canonical<is_signed>(sum);
        } else {
            if (n == 0) return quiet_nan<A>(); // which would be no constant if it were computed
            if constexpr (fixed_length<Size>)
                if constexpr (std::has_single_bit(Size::value))
                    return canonical<is_signed>(sum * (1 / A(Size::value))); // exact, and sooner there
            return canonical<is_signed>(quotient(sum, std::size_t(n)));
        }
    }

    /// Of the sum of selected terms, and their number.
    template <class A, class Size>
    L1LOSS_INLINE constexpr A operator()(both<A, std::size_t> s, Size) const {
        return (*this)(s.first, s.second);
    }

    /// Of the sum of weighted terms, and that of the weights.
    template <class A, class Size>
    L1LOSS_INLINE constexpr A operator()(both<A, A> s, Size) const {
        if constexpr (R == reduction::sum) return (*this)(s.first, 1);
        A const weight = plus_zero<true>(s.second);
        if (is_zero(weight)) return quiet_nan<A>();
        return canonical<true>(quotient(plus_zero<true>(s.first), weight));
    }
};

/// The same, where mean or sum is chosen at run time.
template <bool is_signed = false>
struct finish_as {
    reduction r;

    template <class Sum, class Size>
    L1LOSS_INLINE constexpr auto operator()(Sum sum, Size n) const {
        return r == reduction::sum ? finish<reduction::sum, is_signed>{}(sum, n) : finish<reduction::mean, is_signed>{}(sum, n);
    }
};

/// The same, and the number of elements that counted, which was summed beside, goes to the caller.
template <class Finish>
struct finish_counting {
    Finish finish;
    std::size_t* count;

    template <class A, class Size>
    L1LOSS_INLINE constexpr A operator()(both<A, std::size_t> s, Size n) const {
        *count = s.second;
        return finish(s, n);
    }
    template <class A, class Size>
    L1LOSS_INLINE constexpr A operator()(both<both<A, A>, std::size_t> s, Size n) const {
        *count = s.second;
        return finish(s.first, n);
    }
    template <class Sum, class Size>
    L1LOSS_INLINE constexpr auto operator()(Sum sum, Size n) const {
        *count = n;
        return finish(sum, n);
    }
};

/// The mean over a denominator that is known already: a number of elements, or a sum of weights.
template <class Finish, class Denominator>
struct finish_over {
    Finish finish;
    Denominator denominator;

    template <class A, class Size>
    L1LOSS_INLINE constexpr A operator()(A sum, Size n) const {
        return finish(both<A, Denominator>{sum, denominator}, n);
    }
};

/// The sum as it is.
struct unfinished {
    template <class Sum, class Size>
    L1LOSS_INLINE constexpr Sum operator()(Sum sum, Size) const {
        return sum;
    }
};

} // namespace l1loss::detail
