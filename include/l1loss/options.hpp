// The options that may follow input and target, in any order and combination.
//
//     l1_loss(x, y, weights(w), where(mask), skip_nan)
//     l1_loss_backward(x, y, grad_input, grad_output(g))
//
// An option only refers to its value, so make it in the call and do not keep it. Where another library also has a `where`, such
// as xtensor, write l1loss::where.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// What may follow input and target. An argument of no other kind is an output.
enum class kind { output, length, reduction, weights, mask, grad_output, grad_target, count, skip_nan, broadcast };

/// An option, with the value that the caller gave it.
template <kind K, class T> struct option {
    T values;
};

/// How an option keeps its value: a pointer or a number is copied, anything else is referred to.
template <class T> using referred = std::conditional_t<std::is_pointer_v<T> || std::is_arithmetic_v<T>, T, T const&>;

template <class T> inline constexpr bool is_vector_of_bool = false;
template <class Allocator> inline constexpr bool is_vector_of_bool<std::vector<bool, Allocator>> = true;

} // namespace l1loss::detail::inline L1LOSS_FLAGS

namespace l1loss::inline L1LOSS_FLAGS {

/// Multiplies each term by its weight, where d_i = input_i - target_i:
///
///     none_i = w_i · |d_i|      sum = Σ none_i      mean = sum / Σ w_i
///
/// w has one weight of any element type (element.hpp) per element. weights(broadcast(column)) gives one per row of a matrix. It is
/// the `weight` of PyTorch and the `sample_weight` of scikit-learn.
///
/// Each product is rounded on its own. If Σ w_i is 0, the mean is NaN. Negative weights are allowed, but the error bound does not
/// hold for them. An infinite weight times a difference of 0 is NaN, and a mean is NaN if an infinite weight counts.
template <class T> constexpr auto weights(T const& w) { return detail::option<detail::kind::weights, detail::referred<T>>{w}; }

/// Counts only the elements whose mask is not 0. The mask has one bool, std::byte, char, signed char or unsigned char per
/// element, in anything that can be an input.
///
/// An element that does not count, even a NaN or infinity, is +0 in a sum, in reduction::none and in a gradient. Its weight and its
/// grad_output do not count either, even if they are NaN. The mean is over the elements that count. If none counts, it is NaN.
template <class T> constexpr auto where(T const& mask) {
    static_assert(!detail::is_vector_of_bool<T>,
                  "l1loss: std::vector<bool> keeps no bytes to read, use std::vector<unsigned char> or std::unique_ptr<bool[]>");
    return detail::option<detail::kind::mask, detail::referred<T>>{mask};
}

/// Counts only the elements where neither input nor target is NaN. The others are treated as by where(). The difference ∞ - ∞
/// counts, and is NaN. A weight that is NaN leaves no element out.
inline constexpr detail::option<detail::kind::skip_nan, bool> skip_nan{true};

/// Multiplies the gradient by g, the derivative of the caller's final result with respect to the loss. g is one number, or for
/// reduction::none also one per element. Without this option it is 1.
template <class T> constexpr auto grad_output(T const& g) {
    return detail::option<detail::kind::grad_output, detail::referred<T>>{g};
}

/// Also writes the gradient with respect to target, to `out`.
template <class T> constexpr auto grad_target(T&& out) {
    return detail::option<detail::kind::grad_target, std::remove_reference_t<T>&>{out};
}

/// Writes the number of elements that counted to `out`, a std::size_t. For rows and columns, `out` has one std::size_t per loss.
template <class T> constexpr auto count(T&& out) { return detail::option<detail::kind::count, std::remove_reference_t<T>&>{out}; }

/// Extends the argument x to the shape of the others, by the rules of NumPy and PyTorch. Shapes are aligned at their last
/// dimension. Dimensions that are missing or have an extent of 1 are repeated.
template <class T> constexpr auto broadcast(T const& x) { return detail::option<detail::kind::broadcast, detail::referred<T>>{x}; }

} // namespace l1loss::inline L1LOSS_FLAGS
