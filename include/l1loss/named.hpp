// Named arguments: what may follow input and target, in any order and combination.
//
//     l1_loss(x, y, weights(w), where(mask), skip_nan)
//     l1_loss_backward(x, y, grad_input, grad_output(g))
//
// Each only refers to what it is given, so it is made in the call and not kept. Next to another library's `where` (xtensor has
// one), write l1loss::where. Ground floor.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <vector>

namespace l1loss {

namespace detail {

/// What an argument of the kind of that name was given.
template <class Name, class T>
struct named_argument {
    T values;
};
struct weights_name;
struct where_name;
struct grad_output_name;
struct grad_target_name;
struct count_name;
struct broadcast_name;
struct skip_nan_argument {};

/// Pointers and numbers are kept, anything else is referred to.
template <class T>
using referred = std::conditional_t<std::is_pointer_v<T> || std::is_arithmetic_v<T>, T, T const&>;

template <class T>
inline constexpr bool is_vector_of_bool = false;
template <class Allocator>
inline constexpr bool is_vector_of_bool<std::vector<bool, Allocator>> = true;

} // namespace detail

/// Weights w of the elements, as many as these, of float or double: none_i = w_i · |d_i|, sum = Σ none_i,
/// mean = sum / Σ w_i (PyTorch's `weight`, scikit-learn's `sample_weight`). weights(broadcast(column)) is one for each row of a
/// matrix.
///
/// A product is rounded on its own. Σ w = 0: the mean is NaN. Negative weights count as they are (the mean of such is no mean,
/// and has no error bound); an infinite one times a difference of 0 is NaN, and so is a mean that it is part of.
template <class T>
constexpr auto weights(T const& w) {
    return detail::named_argument<detail::weights_name, detail::referred<T>>{w};
}

/// Counts only the elements whose mask is not 0: as many bool, std::byte, or char of any sign, in anything that could be an input.
/// The others, NaN and infinity included, are +0 in a sum, in reduction::none and in a gradient, and the mean is over those that
/// count; of none, it is NaN.
template <class T>
constexpr auto where(T const& mask) {
    static_assert(!detail::is_vector_of_bool<T>,
                  "l1loss: std::vector<bool> keeps no bytes to read, use std::vector<unsigned char> or std::unique_ptr<bool[]>");
    return detail::named_argument<detail::where_name, detail::referred<T>>{mask};
}

/// Counts only the elements where neither input nor target is NaN, as where() does. (∞ - ∞ counts, and is NaN.)
inline constexpr detail::skip_nan_argument skip_nan{};

/// The gradient of what follows with respect to the loss, 1 if not given: a number, or for reduction::none one per element.
template <class T>
constexpr auto grad_output(T const& g) {
    return detail::named_argument<detail::grad_output_name, detail::referred<T>>{g};
}

/// Where the gradient with respect to target is written as well.
template <class T>
constexpr auto grad_target(T&& out) {
    return detail::named_argument<detail::grad_target_name, std::remove_reference_t<T>&>{out};
}

/// Where the number of elements that counted is written: a std::size_t, or for rows and columns as many as there are losses.
template <class T>
constexpr auto count(T&& out) {
    return detail::named_argument<detail::count_name, std::remove_reference_t<T>&>{out};
}

/// This argument is extended to the shape of the others by the rules of NumPy and PyTorch: shapes are aligned at their last
/// dimension, and an extent of 1, or none, is repeated.
template <class T>
constexpr auto broadcast(T const& x) {
    return detail::named_argument<detail::broadcast_name, detail::referred<T>>{x};
}

} // namespace l1loss
