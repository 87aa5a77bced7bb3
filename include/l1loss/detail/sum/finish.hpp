// The last steps of the order, from the sum to the loss. No compiler flag changes their rounding, zeros and NaN.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <l1loss/detail/simd/lanes.hpp>
#include <l1loss/reduction.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The quiet NaN of A as an integer.
template <class A>
inline constexpr lane_integer<A> quiet_nan_bits = infinity_bits<A> | lane_integer<A>{1} << (std::numeric_limits<A>::digits - 2);

/// The one NaN that the library returns. It is built from an integer at run time, because under -ffast-math the compiler may assume
/// that a NaN constant never occurs.
template <class A> L1LOSS_INLINE constexpr A quiet_nan() {
    auto bits = quiet_nan_bits<A>;
    if (!std::is_constant_evaluated()) barrier(bits);
    return std::bit_cast<A>(bits);
}

/// The end of step 5: any NaN becomes the quiet NaN of A. NaN is found by its bits, because -ffast-math assumes that none occurs.
/// Under that flag the result for a NaN is not specified, but all other values are returned unchanged.
template <bool is_signed, class A> L1LOSS_INLINE constexpr A with_one_nan(A x) {
    if (std::is_constant_evaluated()) return x; // finite, or canonical already
    auto bits = std::bit_cast<lane_integer<A>>(x);
    if constexpr (is_signed) {
        bits &= (std::numeric_limits<lane_integer<A>>::max)();
        if (bits > infinity_bits<A>) [[unlikely]]
            return quiet_nan<A>();
        return x;
    }
    if (bits > quiet_nan_bits<A>) [[unlikely]] // the sign bit of a term is clear, so NaN are the largest integers
        return quiet_nan<A>();
    return x;
}

/// The beginning of step 5: -0 becomes +0. Only signed terms can add up to -0.
template <bool is_signed, class A> L1LOSS_INLINE constexpr A plus_zero(A x) {
    if constexpr (!is_signed) return x;
    A zero = 0;
    if (!std::is_constant_evaluated()) barrier(zero); // otherwise -ffast-math drops the addition
    return x + zero;
}

/// Returns x / y, rounded once. Otherwise -ffast-math could multiply by a reciprocal, or combine the division with a later
/// multiplication.
template <class A> L1LOSS_INLINE constexpr A quotient(A x, A y) {
    if (std::is_constant_evaluated()) return x / y;
    barrier(x, y);
    A q = x / y;
    barrier(q);
    return q;
}

/// Whether x is +0 or -0, also where -ffast-math ignores the sign of a zero.
template <class A> L1LOSS_INLINE constexpr bool is_zero(A x) {
    return (std::bit_cast<lane_integer<A>>(x) & (std::numeric_limits<lane_integer<A>>::max)()) == 0;
}

/// Returns x / n for a number of elements, as if divided in double and then rounded to A.
template <class A> L1LOSS_INLINE constexpr A quotient(A x, std::size_t n) {
    constexpr std::uint64_t exact = std::uint64_t{1} << std::numeric_limits<A>::digits; // up to here, lengths convert to A exactly
    if (n <= exact) [[likely]]
        return quotient(x, A(lane_integer<A>(n))); // a signed integer of 32 bits takes the fewest instructions
    return A(quotient(double(x), double(n)));
}

/// The numerator of a mean, or the sum itself where nothing else was summed.
template <class Sum> L1LOSS_INLINE constexpr auto numerator_of(Sum const& sum) {
    if constexpr (requires { sum.numerator; }) return sum.numerator;
    else return sum;
}
/// How many of n elements count: what was summed with the terms, or n.
template <class Sum, class Size> L1LOSS_INLINE constexpr auto count_of_sum([[maybe_unused]] Sum const& sum, Size n) {
    if constexpr (requires { std::size_t{sum.count}; }) return sum.count;
    else return n;
}
/// The denominator of a mean: the sum of weights, or how many of n elements count.
template <class Sum, class Size> L1LOSS_INLINE constexpr auto denominator_of(Sum const& sum, Size n) {
    if constexpr (requires { sum.weight + 1; }) return sum.weight;
    else return count_of_sum(sum, n);
}

/// The loss of integers from their exact sum. A mean is divided in double.
template <class A> L1LOSS_INLINE constexpr A finish_exact([[maybe_unused]] reduction r, std::uint64_t sum, std::uint64_t count) {
    if constexpr (!std::is_same_v<A, std::uint64_t>)
        if (r == reduction::mean) return count == 0 ? quiet_nan<A>() : A(quotient(double(sum), double(std::int64_t(count))));
    return A(sum);
}

/// Steps 5 and 6: the loss from the sum of the terms. r is mean or sum. The denominator of a mean is a number of elements, or a sum
/// of weights.
template <class A, bool is_signed, class Denominator>
L1LOSS_INLINE constexpr A finish_in_order(reduction r, A sum, [[maybe_unused]] Denominator denominator) {
    sum = plus_zero<is_signed>(sum);
    if (r == reduction::sum) return with_one_nan<is_signed>(sum);
    if constexpr (std::is_same_v<Denominator, A>) {
        denominator = plus_zero<true>(denominator);
        if (is_zero(denominator)) return quiet_nan<A>();
        return with_one_nan<true>(quotient(sum, denominator));
    } else {
        if (denominator == 0) [[unlikely]]
            return quiet_nan<A>(); // 0 / 0 would not be a constant expression
        if constexpr (fixed_length<Denominator>)
            if constexpr (std::has_single_bit(Denominator::value))
                return with_one_nan<is_signed>(sum * (1 / A(Denominator::value))); // the same bits as a division, but faster
        return with_one_nan<is_signed>(quotient(sum, std::size_t(denominator)));
    }
}

template <class A, bool is_signed, class Sum, class Denominator>
L1LOSS_INLINE constexpr A finish(reduction r, Sum sum, Denominator denominator) {
    if constexpr (std::is_same_v<Sum, std::uint64_t>) return finish_exact<A>(r, sum, denominator);
    else return finish_in_order<A, is_signed>(r, sum, denominator);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
