// The L1 loss in constant evaluation alone, without the SIMD headers that run time needs.
#pragma once

#include <limits>
#include <type_traits>

#include <l1loss/detail/elements.hpp>
#include <l1loss/detail/sum/definition.hpp>
#include <l1loss/reduction.hpp>
#include <l1loss/tensor.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The terms |input_i - target_i|, computed in A. It repeats abs_difference because the header of that includes xsimd.
template <class A, class T, class U> struct constant_terms {
    using value_type = A;
    using sum_type = A;

    T const* input;
    U const* target;

    constexpr A operator()(std::size_t i) const {
        return A(__builtin_fabs(double(to_accumulator<A>(input[i]) - to_accumulator<A>(target[i]))));
    }
};

} // namespace l1loss::detail::inline L1LOSS_FLAGS

namespace l1loss::inline L1LOSS_FLAGS {

/// Returns the bits of l1_loss<R>(input, target) for two tensors of the same shape, in constant evaluation only.
///
///     static_assert(l1_loss_constant(tensor<float, 2>{1, 2}, tensor<float, 2>{2, 4}) == 1.5f);
///
/// R is mean, sum or none. Elements are float, double, or a floating-point type of two bytes (element.hpp). The computation uses
/// double if either is double, and float otherwise. reduction::none returns
/// a tensor.
///
/// The result must be finite, because arithmetic that overflows or yields NaN is not a constant expression. Only the mean of no
/// elements is NaN. The functions of l1loss.hpp are constexpr too, and l1loss.hpp does not include this header.
template <reduction R = reduction::mean, class T, class U, std::size_t... Extents>
consteval auto l1_loss_constant(tensor<T, Extents...> const& input, tensor<U, Extents...> const& target) {
    using A = std::common_type_t<accumulator_of<T>, accumulator_of<U>>;
    static_assert((detail::accumulator<T> || detail::short_float<T>) && (detail::accumulator<U> || detail::short_float<U>),
                  "l1loss: elements are float, double, or a floating-point type of two bytes");
    detail::constant_terms<A, T, U> const terms{input.data(), target.data()};
    constexpr std::size_t n = tensor<T, Extents...>::size();
    if constexpr (R == reduction::none) {
        tensor<A, Extents...> losses{};
        for (std::size_t i = 0; i < n; ++i) losses.data()[i] = terms(i);
        return losses;
    } else if constexpr (R == reduction::sum) {
        return detail::sum_by_definition(terms, n);
    } else {
        return n == 0 ? std::numeric_limits<A>::quiet_NaN() : A(double(detail::sum_by_definition(terms, n)) / double(n));
    }
}

} // namespace l1loss::inline L1LOSS_FLAGS
