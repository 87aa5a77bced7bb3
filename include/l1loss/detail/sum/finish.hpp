// The last steps of the order, from the sum to the loss.
//
// A length is a number, or an integral_constant where the shape is fixed.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <l1loss/detail/simd/scalar.hpp>
#include <l1loss/reduction.hpp>

namespace l1loss::detail {

template <class Size>
concept fixed_length = requires { std::integral_constant<std::size_t, Size::value>{}; };

/// Returns x / n for a number of elements, as if divided in double and then rounded to A.
template <class A> L1LOSS_INLINE constexpr A quotient(A x, std::size_t n) {
    constexpr std::uint64_t exact = std::uint64_t{1} << std::numeric_limits<A>::digits; // up to here, lengths convert to A exactly
    if (n <= exact) [[likely]]
        return quotient(x, A(std::int64_t(n))); // converting a signed integer is one instruction
    return A(quotient(double(x), double(n)));
}

/// Steps 5 and 6: the loss from the sum of n terms. R is mean or sum.
template <reduction R, bool is_signed = false> struct finish {
    template <class A, class Size> L1LOSS_INLINE constexpr A operator()(A sum, Size n) const {
        sum = plus_zero<is_signed>(sum);
        if constexpr (R == reduction::sum) {
            return with_one_nan<is_signed>(sum);
        } else {
            if (n == 0) return quiet_nan<A>(); // 0 / 0 would not be a constant expression
            if constexpr (fixed_length<Size>)
                if constexpr (std::has_single_bit(Size::value))
                    return with_one_nan<is_signed>(sum * (1 / A(Size::value))); // the same bits as a division, but faster
            return with_one_nan<is_signed>(quotient(sum, std::size_t(n)));
        }
    }

    template <class A, class Weight, class Count, class Size>
    L1LOSS_INLINE constexpr A operator()(totals<A, Weight, Count> const& sum, Size n) const {
        if constexpr (R == reduction::mean && !std::is_same_v<Weight, nothing>) {
            A const weight = plus_zero<true>(sum.weight);
            if (is_zero(weight)) return quiet_nan<A>();
            return with_one_nan<true>(quotient(plus_zero<true>(sum.numerator), weight));
        } else if constexpr (R == reduction::mean && !std::is_same_v<Count, nothing>) {
            return (*this)(sum.numerator, sum.count);
        } else {
            return (*this)(sum.numerator, n);
        }
    }
};

/// The same with mean or sum chosen at run time.
template <bool is_signed = false> struct finish_as {
    reduction r;

    template <class Sum, class Size> L1LOSS_INLINE constexpr auto operator()(Sum sum, Size n) const {
        return r == reduction::sum ? finish<reduction::sum, is_signed>{}(sum, n) : finish<reduction::mean, is_signed>{}(sum, n);
    }
};

/// How many of n elements count: what was summed with the terms, or n.
template <class Sum> L1LOSS_INLINE constexpr std::size_t count_of_sum(Sum const&, std::size_t n) { return n; }
template <class A, class Weight>
L1LOSS_INLINE constexpr std::size_t count_of_sum(totals<A, Weight, std::size_t> const& sum, std::size_t) {
    return sum.count;
}

/// The same, and gives the caller the number of elements that count. It was summed with the terms, or is n.
template <class Finish> struct finish_counting {
    Finish finish;
    std::size_t* count;

    template <class Sum, class Size> L1LOSS_INLINE constexpr auto operator()(Sum const& sum, Size n) const {
        *count = count_of_sum(sum, n);
        return finish(sum, n);
    }
};

/// The loss with a denominator that is already known: a number of elements, or a sum of weights.
template <class Finish, class Denominator> struct finish_over {
    Finish finish;
    Denominator denominator;

    template <class A, class Size> L1LOSS_INLINE constexpr A operator()(A sum, Size n) const {
        if constexpr (std::is_same_v<Denominator, std::size_t>) return finish(sum, denominator);
        else return finish(totals{sum, denominator, nothing{}}, n);
    }
};

/// The sum unchanged.
struct unfinished {
    template <class Sum, class Size> L1LOSS_INLINE constexpr Sum operator()(Sum sum, Size) const { return sum; }
};

} // namespace l1loss::detail
