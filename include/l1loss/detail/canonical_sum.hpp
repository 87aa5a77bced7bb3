// The door between the two worlds: in constant evaluation the definition, else batches of the same bits. All that the
// library computes goes through here, and nothing else asks which of the two it is in.
//
// On top of sum.hpp, sum_simd.hpp and elementwise.hpp, under every public function. A length is a number, or
// an integral_constant where the shape is fixed.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <l1loss/detail/elementwise.hpp>
#include <l1loss/detail/sum.hpp>
#include <l1loss/detail/sum_simd.hpp>
#include <l1loss/reduction.hpp>

#if defined(__SSE4_1__)
#include <immintrin.h>
#endif

namespace l1loss::detail {

#if defined(__SSE4_1__)
/// x as the first lane of a register, whatever is in the others: nothing to do, which g++ 12 has to be told.
L1LOSS_INLINE inline __m128 low_lane(float x) {
#if defined(__clang__)
    return _mm_set_ss(x);
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

/// The canonical sum of n terms, and what `finish` makes of it: finish(sum, n).
template <class Arch, class Terms, class Size, class Finish, class A = typename Terms::value_type>
L1LOSS_INLINE constexpr A canonical_sum(Terms const& terms, Size n, Finish finish) {
    if (std::is_constant_evaluated()) return finish(sum_by_definition(terms, n), n);
    if constexpr (!batchable<A, Arch>) {
        return finish(sum_by_definition(terms, n), n);
    } else if constexpr (fixed_length<Size>) {
        return sum_on_batches_fixed<Arch, Size::value>(terms, finish);
    } else {
        return sum_on_batches<Arch>(terms, n, finish);
    }
}

/// out[i] = t[i] for all n terms. `out` may be one of the memories that the terms are read from.
template <class Arch, class Terms, class Size, class A = typename Terms::value_type>
L1LOSS_INLINE constexpr void write_terms(Terms const& terms, Size n, A* out) {
    if (std::is_constant_evaluated()) return write_by_definition(terms, n, out);
    refuse_overlap(out, terms, n);
    if constexpr (batchable<A, Arch>) {
        write_on_batches<Arch>(terms, n, out);
    } else {
        write_by_definition(terms, n, out);
    }
}

/// The quiet NaN of A as an integer.
template <class A>
inline constexpr auto quiet_nan_bits =
    std::bit_cast<std::conditional_t<sizeof(A) == 4, std::int32_t, std::int64_t>>(std::numeric_limits<A>::quiet_NaN());

/// The one NaN that the library returns; out of an integer, since -ffast-math takes one that it sees to be impossible.
template <class A>
L1LOSS_INLINE constexpr A quiet_nan() {
    auto bits = quiet_nan_bits<A>;
    if (!std::is_constant_evaluated()) keep(bits);
    return std::bit_cast<A>(bits);
}

/// Step 5 for sums of terms without a sign, which are never -0: any NaN becomes the quiet NaN of A.
template <class A>
L1LOSS_INLINE constexpr A canonical(A x) {
    if (std::is_constant_evaluated()) return x; // finite, or canonical already
#if defined(__SSE4_1__)
    if constexpr (sizeof(A) == 4) // without a sign, a NaN is the largest of integers: one instruction and no branch
        return _mm_cvtss_f32(_mm_castsi128_ps(_mm_min_epi32(_mm_castps_si128(low_lane(x)), _mm_set1_epi32(quiet_nan_bits<A>))));
#endif
    // By bits, since -ffast-math knows no NaN: what it makes of one is its own affair, but nothing else is harmed.
    if (std::bit_cast<decltype(quiet_nan_bits<A>)>(x) > quiet_nan_bits<A>) [[unlikely]]
        return quiet_nan<A>();
    return x;
}

/// sum / n rounded once, as -ffast-math would not do it by itself.
template <class A>
L1LOSS_INLINE constexpr A quotient(A sum, A n) {
    if (!std::is_constant_evaluated()) keep(sum, n);
    return sum / n;
}

/// Steps 5 and 6: the loss, out of the sum of n terms. R is mean or sum.
template <reduction R>
struct finish {
    template <class A, class Size>
    L1LOSS_INLINE constexpr A operator()(A sum, Size n) const {
        constexpr std::uint64_t exact = std::uint64_t{1} << std::numeric_limits<A>::digits; // lengths that convert to A exactly
        if constexpr (R == reduction::sum) {
            return canonical(sum);
        } else {
            if (n == 0) return quiet_nan<A>(); // which would be no constant if it were computed
            if constexpr (fixed_length<Size>)
                if constexpr (std::has_single_bit(Size::value))
                    return canonical(sum * (1 / A(Size::value))); // exact, and sooner there
            if (n <= exact) [[likely]]
                return canonical(quotient(sum, A(std::int64_t(n))));
            return canonical(A(quotient(double(sum), double(n))));
        }
    }
};

/// The same, where mean or sum is chosen at run time.
struct finish_as {
    reduction r;

    template <class A, class Size>
    L1LOSS_INLINE constexpr A operator()(A sum, Size n) const {
        return r == reduction::sum ? finish<reduction::sum>{}(sum, n) : finish<reduction::mean>{}(sum, n);
    }
};

} // namespace l1loss::detail
