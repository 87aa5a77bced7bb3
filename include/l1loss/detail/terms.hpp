// What is summed: term sources. One gives the i-th term as a scalar (also in constant evaluation) and as a batch of
// neighbouring terms, and knows nothing of how it is walked; every index is asked for exactly once.
//
// On top of load.hpp, under the two spellings of the sum.
#pragma once

#include <cfloat>

#include <l1loss/detail/load.hpp>

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
template <class A, class X, class Y>
struct abs_difference {
    using value_type = A;

    X const* input;
    Y const* target;

    L1LOSS_INLINE constexpr A operator()(std::size_t i) const { return magnitude(A(input[i]) - A(target[i])); }

    template <class Arch, class Lanes>
    L1LOSS_INLINE inline batch<A, Arch> at(std::size_t i, Lanes lanes) const {
        return xsimd::abs(load<A, Arch>(input + i, lanes) - load<A, Arch>(target + i, lanes));
    }
};

} // namespace l1loss::detail
