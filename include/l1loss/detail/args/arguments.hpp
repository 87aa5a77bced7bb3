// Classifies the arguments of a call: fixed shapes, contiguous elements of a run-time length, pointers, views and options.
#pragma once

#include <concepts>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>

#include <l1loss/detail/args/libraries.hpp>
#include <l1loss/detail/elements.hpp>
#include <l1loss/options.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

// ---- Fixed shapes. A tensor has a shape. An array or a span of static extent has only a size, and fits any shape of that size.

template <class T> inline constexpr std::size_t fixed_size_of = std::dynamic_extent;
template <class T, std::size_t... Extents>
inline constexpr std::size_t fixed_size_of<tensor<T, Extents...>> = tensor<T, Extents...>::size();
template <class T, std::size_t N> inline constexpr std::size_t fixed_size_of<std::array<T, N>> = N;
template <class T, std::size_t N> inline constexpr std::size_t fixed_size_of<T[N]> = std::is_array_v<T> ? std::dynamic_extent : N;
template <class T, std::size_t N> inline constexpr std::size_t fixed_size_of<std::span<T, N>> = N;

template <class Arg> inline constexpr std::size_t fixed_size = fixed_size_of<std::remove_cvref_t<Arg>>;
template <class Arg>
concept fixed_shape = (fixed_size<Arg> != std::dynamic_extent);

template <class Arg>
concept tensor_shape = is_tensor_type<std::remove_cvref_t<Arg>>;

template <class X, class Y> constexpr bool shapes_agree() {
    if constexpr (tensor_shape<X> && tensor_shape<Y>) {
        return std::ranges::equal(std::remove_cvref_t<X>::shape, std::remove_cvref_t<Y>::shape);
    } else {
        return !fixed_shape<X> || !fixed_shape<Y> || fixed_size<X> == fixed_size<Y>; // other sizes are checked at run time
    }
}

/// Input and target have the same shape, as far as their types tell.
template <class Input, class Target>
concept same_shape = shapes_agree<Input, Target>();

// ---- Elements in memory.

/// A quantised argument, with numbers or ranges of them (dequantized.hpp).
template <class Values, class Scale, class ZeroPoint> struct quantized {
    Values values;
    Scale scale;
    ZeroPoint zero_point;
};
template <class T> inline constexpr bool is_quantized = false;
template <class V, class S, class Z> inline constexpr bool is_quantized<quantized<V, S, Z>> = true;
template <class V, class S, class Z> inline constexpr std::size_t fixed_size_of<quantized<V, S, Z>> = fixed_size<V>;

template <class T> inline constexpr bool is_broadcast = false;
template <class T> inline constexpr bool is_broadcast<option<kind::broadcast, T>> = true;

/// Refers to an argument with elements.
template <class T>
concept wrapper = is_broadcast<T> || is_quantized<T>;

/// The type of an argument inside broadcast(…).
template <class T> struct broadcast_argument {
    using type = T;
};
template <class T> struct broadcast_argument<option<kind::broadcast, T>> {
    using type = std::remove_cvref_t<T>;
};
template <class Arg> using inside_broadcast = typename broadcast_argument<Arg>::type;

/// The type of the object in memory, inside broadcast(…) and dequantized(…).
template <class T> struct wrapped_object {
    using type = T;
};
template <wrapper T> struct wrapped_object<T> : wrapped_object<std::remove_cvref_t<decltype(std::declval<T>().values)>> {};
template <class Arg> using object_of = typename wrapped_object<Arg>::type;

template <class Arg>
concept pointer = !is_broadcast<Arg> && std::is_pointer_v<object_of<Arg>>;

/// An array, a contiguous range, or an object that has data() and size(). Its elements are data()[0 … size()).
template <class T>
concept contiguous = (std::is_bounded_array_v<T> && std::rank_v<T> == 1) ||
                     (std::ranges::contiguous_range<T const> && std::ranges::sized_range<T const>) || (requires(T const& t) {
                         { t.data() };
                         { t.size() } -> std::convertible_to<std::size_t>;
                     } && std::is_pointer_v<decltype(std::declval<T const&>().data())>);

/// A pointer to the first element.
template <class T> constexpr auto* data_of(T& t) {
    using Arg = std::remove_cv_t<T>;
    if constexpr (wrapper<Arg>) {
        return data_of(t.values);
    } else if constexpr (pointer<Arg>) {
        return t;
    } else if constexpr (viewable<Arg>) {
        return view_of(t).data;
    } else if constexpr (std::is_bounded_array_v<T>) {
        return &t[0];
    } else if constexpr (requires { t.data(); }) {
        return t.data();
    } else {
        return std::ranges::data(t);
    }
}

template <class T> constexpr std::size_t size_of(T const& t) {
    if constexpr (fixed_shape<T>) {
        return fixed_size<T>;
    } else if constexpr (wrapper<T>) {
        return size_of(t.values);
    } else if constexpr (viewable<T>) {
        return view_of(t).size();
    } else if constexpr (requires { t.size(); }) {
        return static_cast<std::size_t>(t.size());
    } else {
        return static_cast<std::size_t>(std::ranges::size(t));
    }
}

/// A pointer does not know its size, so it cannot be broadcast.
template <class Arg>
concept has_elements = pointer<Arg> || contiguous<object_of<Arg>> || viewable<object_of<Arg>>;
template <class Arg>
concept shape_is_known = viewable<object_of<Arg>> ||
                         !shows_shape<object_of<Arg>>; // otherwise specialise l1loss::view_traits for its type, or pass a std::span

template <class Arg> using element_of = std::remove_cvref_t<decltype(*data_of(std::declval<std::remove_reference_t<Arg>&>()))>;

template <class Arg>
concept quantized_argument = is_quantized<inside_broadcast<Arg>>;

/// Can be an input, a target or weights. Its elements are of any type of element.hpp.
template <class Arg>
concept operand = has_elements<std::remove_cvref_t<Arg>> && shape_is_known<std::remove_cvref_t<Arg>> && element<element_of<Arg>> &&
                  std::convertible_to<decltype(data_of(std::declval<std::remove_reference_t<Arg>&>())), element_of<Arg> const*>;

/// Its elements are integers, and stand for nothing else.
template <class Arg>
concept integer_argument = has_elements<Arg> && integer_element<element_of<Arg const>> && !quantized_argument<Arg>;

/// Can be a mask.
template <class Arg>
concept mask = has_elements<std::remove_cvref_t<Arg>> && shape_is_known<std::remove_cvref_t<Arg>> &&
               mask_element<element_of<Arg>> && !quantized_argument<std::remove_cvref_t<Arg>>;

/// Can be an output with elements of type A.
template <class Arg, class A>
concept output =
    has_elements<std::remove_cvref_t<Arg>> && shape_is_known<std::remove_cvref_t<Arg>> && !wrapper<std::remove_cvref_t<Arg>> &&
    std::same_as<decltype(data_of(std::declval<std::remove_reference_t<Arg>&>())), A*>;

/// Must be treated as a view, because it may be strided or is broadcast, or because a quantised argument has a shape.
template <class Arg>
concept needs_view = is_broadcast<Arg> || viewable<object_of<Arg>> || (is_quantized<Arg> && is_tensor_type<object_of<Arg>>);

template <class T> inline constexpr bool is_scaled_by_numbers = true;
template <class V, class S, class Z>
inline constexpr bool is_scaled_by_numbers<quantized<V, S, Z>> = std::is_arithmetic_v<S> && std::is_arithmetic_v<Z>;
/// Has one scale and one zero point, or is not quantised. Only the rows of a matrix may have their own.
template <class Arg>
concept scaled_by_numbers = is_scaled_by_numbers<inside_broadcast<Arg>>;

/// The first of numbers that are given for each row, or the number.
template <class Numbers> constexpr auto number_or_pointer(Numbers const& numbers) {
    if constexpr (std::is_arithmetic_v<Numbers>) return numbers;
    else return static_cast<element_of<Numbers const> const*>(data_of(numbers));
}
/// The array of an argument, from the array of its elements in memory.
template <class Arg, class Array> constexpr auto array_of(Arg const& arg, Array const& elements) {
    if constexpr (is_quantized<Arg>) {
        return dequantized_array{elements, number_or_pointer(arg.scale), number_or_pointer(arg.zero_point)};
    } else if constexpr (is_broadcast<Arg>) {
        return array_of(arg.values, elements);
    } else {
        return elements;
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
