// What a caller's argument is: elements of a fixed shape, contiguous elements of a run-time length, a pointer that needs a
// length, or an option. Sizes are checked here, before anything is computed or written.
//
// On top of tensor.hpp, reduction.hpp and layout.hpp, under loss.hpp.
#pragma once

#include <concepts>
#include <ranges>
#include <span>
#include <type_traits>
#include <utility>

#include <l1loss/detail/layout.hpp>
#include <l1loss/reduction.hpp>

namespace l1loss::detail {

/// The types that elements are stored in.
template <class T>
concept element = std::same_as<T, float> || std::same_as<T, double>;

// ---- Fixed shapes. Tensors have a shape; arrays and spans of static extent have a size, and fit any shape of that size.

template <class T>
inline constexpr std::size_t fixed_size_of = std::dynamic_extent;
template <class T, std::size_t... Extents>
inline constexpr std::size_t fixed_size_of<tensor<T, Extents...>> = tensor<T, Extents...>::size();
template <class T, std::size_t N>
inline constexpr std::size_t fixed_size_of<std::array<T, N>> = N;
template <class T, std::size_t N>
inline constexpr std::size_t fixed_size_of<T[N]> = N;
template <class T, std::size_t N>
inline constexpr std::size_t fixed_size_of<std::span<T, N>> = N;

template <class Arg>
inline constexpr std::size_t fixed_size = fixed_size_of<std::remove_cvref_t<Arg>>;
template <class Arg>
concept fixed_shape = (fixed_size<Arg> != std::dynamic_extent);

template <class Arg>
concept tensor_shape = is_tensor_type<std::remove_cvref_t<Arg>>;

template <class X, class Y>
constexpr bool shapes_agree() {
    if constexpr (tensor_shape<X> && tensor_shape<Y>) {
        return std::ranges::equal(std::remove_cvref_t<X>::shape, std::remove_cvref_t<Y>::shape);
    } else {
        return !fixed_shape<X> || !fixed_shape<Y> || fixed_size<X> == fixed_size<Y>; // what is not fixed is checked at run time
    }
}

/// Input and target have the same shape, as far as the compiler can tell.
template <class Input, class Target>
concept same_shape = shapes_agree<Input, Target>();

// ---- Elements in memory.

template <class T>
concept pointer = std::is_pointer_v<T>;

/// Its elements are data()[0 … size()): an array, a contiguous range, or an object with these two members and no strides but
/// such as it can speak for.
template <class T>
concept contiguous = std::is_bounded_array_v<T> ||
                     (!strided<T> && std::ranges::contiguous_range<T const> && std::ranges::sized_range<T const>) ||
                     ((!strided<T> || eigen_like<T> || xtensor_like<T>)&&requires(T const& t) {
                         {t.data()};
                         { t.size() } -> std::convertible_to<std::size_t>;
                     } &&
                      std::is_pointer_v<decltype(std::declval<T const&>().data())>);

template <class T>
requires pointer<std::remove_cv_t<T>> || contiguous<std::remove_cv_t<T>>
constexpr auto* data_of(T& t) {
    if constexpr (pointer<std::remove_cv_t<T>>) {
        return t;
    } else if constexpr (std::is_bounded_array_v<T>) {
        return &t[0];
    } else if constexpr (xtensor_like<std::remove_cv_t<T>>) {
        return t.data() + t.data_offset();
    } else if constexpr (requires { t.data(); }) {
        return t.data();
    } else {
        return std::ranges::data(t);
    }
}

template <class T>
constexpr std::size_t size_of(T const& t) {
    if constexpr (fixed_shape<T>) {
        return fixed_size<T>;
    } else if constexpr (requires { t.size(); }) {
        return static_cast<std::size_t>(t.size());
    } else {
        return static_cast<std::size_t>(std::ranges::size(t));
    }
}

template <class Arg>
using element_of = std::remove_cvref_t<decltype(*data_of(std::declval<std::remove_reference_t<Arg>&>()))>;

/// Can be an input or a target: a pointer, or contiguous; of float or double.
template <class Arg>
concept operand =
    (pointer<std::remove_cvref_t<Arg>> || contiguous<std::remove_cvref_t<Arg>>)&&element<element_of<Arg>>&& std::convertible_to<
        decltype(data_of(std::declval<std::remove_reference_t<Arg>&>())), element_of<Arg> const*>;

/// Can be written to with elements of type A.
template <class Arg, class A>
concept output = operand<Arg> && std::same_as<decltype(data_of(std::declval<std::remove_reference_t<Arg>&>())), A*>;

// ---- Options: what may follow input and target, in any order.

template <class Arg>
concept length_option = std::same_as < std::remove_cvref_t<Arg>,
int > || std::same_as<std::remove_cvref_t<Arg>, unsigned> || std::same_as<std::remove_cvref_t<Arg>, long> ||
    std::same_as<std::remove_cvref_t<Arg>, unsigned long> || std::same_as<std::remove_cvref_t<Arg>, long long> ||
    std::same_as<std::remove_cvref_t<Arg>, unsigned long long>;
template <class Arg>
concept reduction_option = std::same_as<std::remove_cvref_t<Arg>, reduction>;

struct is_length {
    template <class Arg>
    static constexpr bool value = length_option<Arg>;
};
struct is_reduction {
    template <class Arg>
    static constexpr bool value = reduction_option<Arg>;
};
struct is_output {
    template <class Arg>
    static constexpr bool value = !length_option<Arg> && !reduction_option<Arg>;
};

template <class Kind, class... Options>
inline constexpr std::size_t count_of = (std::size_t{0} + ... + std::size_t{Kind::template value<Options>});

/// The first option of a kind, which must be there.
template <class Kind, class First, class... Rest>
constexpr auto& option(First& first, Rest&... rest) {
    if constexpr (Kind::template value<First>) {
        return first;
    } else {
        return option<Kind>(rest...);
    }
}

// ---- The checked pair.

[[noreturn, gnu::cold, gnu::noinline]] inline void sizes_differ(std::size_t input, char const* other_name, std::size_t other) {
    fail("l1loss: input has " + std::to_string(input) + " elements, " + other_name + " has " + std::to_string(other));
}

/// An output that knows its size must have room for exactly n elements, and lie as the input does.
template <class Input, class Output>
constexpr void check_output(std::size_t n, Input const& input, Output const& out) {
    if constexpr (!pointer<Output>)
        if (size_of(out) != n) [[unlikely]]
            sizes_differ(n, "output", size_of(out));
    if constexpr (strided<Input> || strided<Output>) check_layouts(input, out, "output");
}

/// A reduction that gives one number.
constexpr void check_scalar(reduction r) {
    if (r != reduction::mean && r != reduction::sum) [[unlikely]]
        fail("l1loss: reduction is \"" + std::string(to_string(r)) +
             "\", expected \"mean\" or \"sum\" where the result is one number");
}

/// Two memories of n elements each; n is an integral_constant where either of the arguments has a fixed shape.
template <class X, class Y, class Size>
struct operands {
    X const* input;
    Y const* target;
    Size n;
};

/// How many elements an argument has, or is said to have if it is a pointer.
template <class Arg, class... Options>
constexpr std::size_t length_of(Arg const& arg, Options&... options) {
    if constexpr (pointer<Arg>) {
        auto const length = option<is_length>(options...);
        if (std::cmp_less(length, 0)) [[unlikely]]
            fail("l1loss: length is " + std::to_string(length) + ", expected 0 or more");
        return static_cast<std::size_t>(length);
    } else {
        return size_of(arg);
    }
}

template <class Input, class Target, class... Options>
constexpr auto checked_operands(Input const& input, Target const& target, Options&... options) {
    std::size_t const n = length_of(input, options...);
    if (n != length_of(target, options...)) [[unlikely]]
        sizes_differ(n, "target", length_of(target, options...));
    if constexpr (strided<Input> || strided<Target>) check_layouts(input, target, "target");

    using X = element_of<Input const>;
    using Y = element_of<Target const>;
    if constexpr (fixed_shape<Input> || fixed_shape<Target>) {
        constexpr std::size_t N = fixed_shape<Input> ? fixed_size<Input> : fixed_size<Target>;
        return operands<X, Y, std::integral_constant<std::size_t, N>>{data_of(input), data_of(target), {}};
    } else {
        return operands<X, Y, std::size_t>{data_of(input), data_of(target), n};
    }
}

} // namespace l1loss::detail
