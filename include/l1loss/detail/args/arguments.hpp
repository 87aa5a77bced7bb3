// Classifies the arguments of a call: fixed shapes, contiguous elements of a run-time length, pointers, views and options.
#pragma once

#include <concepts>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>

#include <l1loss/detail/args/elements.hpp>
#include <l1loss/detail/args/libraries.hpp>
#include <l1loss/named.hpp>

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

template <class T>
concept pointer = std::is_pointer_v<T>;

/// An array, a contiguous range, or an object that has data() and size(). Its elements are data()[0 … size()).
template <class T>
concept contiguous = (std::is_bounded_array_v<T> && std::rank_v<T> == 1) ||
                     (std::ranges::contiguous_range<T const> && std::ranges::sized_range<T const>) || (requires(T const& t) {
                         { t.data() };
                         { t.size() } -> std::convertible_to<std::size_t>;
                     } && std::is_pointer_v<decltype(std::declval<T const&>().data())>);

template <class T> inline constexpr bool is_broadcast = false;
template <class T> inline constexpr bool is_broadcast<option<kind::broadcast, T>> = true;
template <class Arg> using broadcast_type = std::remove_cvref_t<decltype(std::declval<Arg>().values)>;

/// A pointer to the first element.
template <class T> constexpr auto* data_of(T& t) {
    using Arg = std::remove_cv_t<T>;
    if constexpr (pointer<Arg>) {
        return t;
    } else if constexpr (is_broadcast<Arg>) {
        return data_of(t.values);
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
    } else if constexpr (is_broadcast<T>) {
        return size_of(t.values);
    } else if constexpr (viewable<T>) {
        return view_of(t).size();
    } else if constexpr (requires { t.size(); }) {
        return static_cast<std::size_t>(t.size());
    } else {
        return static_cast<std::size_t>(std::ranges::size(t));
    }
}

template <class Arg> constexpr bool has_data() {
    if constexpr (is_broadcast<Arg>) return !pointer<broadcast_type<Arg>> && has_data<broadcast_type<Arg>>();
    else return pointer<Arg> || contiguous<Arg> || viewable<Arg>;
}
template <class Arg>
concept has_elements = has_data<Arg>();

template <class Arg> constexpr bool knows_shape() {
    if constexpr (is_broadcast<Arg>) return knows_shape<broadcast_type<Arg>>();
    else return viewable<Arg> || !shows_shape<Arg>;
}
template <class Arg>
concept shape_is_known = knows_shape<Arg>(); // otherwise specialise l1loss::view_traits for its type, or pass a std::span

template <class Arg> using element_of = std::remove_cvref_t<decltype(*data_of(std::declval<std::remove_reference_t<Arg>&>()))>;

/// Can be an input, a target or weights. Its elements are float or double.
template <class Arg>
concept operand = has_elements<std::remove_cvref_t<Arg>> && shape_is_known<std::remove_cvref_t<Arg>> && element<element_of<Arg>> &&
                  std::convertible_to<decltype(data_of(std::declval<std::remove_reference_t<Arg>&>())), element_of<Arg> const*>;

/// Can be a mask.
template <class Arg>
concept mask = has_elements<std::remove_cvref_t<Arg>> && shape_is_known<std::remove_cvref_t<Arg>> && mask_element<element_of<Arg>>;

/// Can be an output with elements of type A.
template <class Arg, class A>
concept output =
    has_elements<std::remove_cvref_t<Arg>> && shape_is_known<std::remove_cvref_t<Arg>> && !is_broadcast<std::remove_cvref_t<Arg>> &&
    std::same_as<decltype(data_of(std::declval<std::remove_reference_t<Arg>&>())), A*>;

/// Must be treated as a view, because it may be strided or is broadcast.
template <class Arg>
concept needs_view = viewable<Arg> || is_broadcast<Arg>;

} // namespace l1loss::detail::inline L1LOSS_FLAGS
