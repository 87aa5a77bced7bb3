// What may follow input and target: the kinds of options, what each accepts, and all of them parsed into one object.
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <l1loss/detail/args/arguments.hpp>
#include <l1loss/reduction.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The types of a length: every integer type except bool and those of characters.
template <class T>
concept length_type = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, signed char> &&
                      !std::same_as<T, unsigned char> && !std::same_as<T, wchar_t> && !std::same_as<T, char8_t> &&
                      !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T> inline constexpr kind kind_of_type = length_type<T> ? kind::length : kind::output;
template <> inline constexpr kind kind_of_type<reduction> = kind::reduction;
template <kind K, class T> inline constexpr kind kind_of_type<option<K, T>> = K == kind::broadcast ? kind::output : K;
template <class Arg> inline constexpr kind kind_of = kind_of_type<std::remove_cvref_t<Arg>>;

template <kind K, class... Options>
inline constexpr std::size_t count_of = (std::size_t{0} + ... + std::size_t{kind_of<Options> == K});
template <kind K, class... Options> inline constexpr bool given = count_of<K, Options...> > 0;

/// The first option of a kind, as its value, or `nothing` if the call has none.
template <kind K> constexpr nothing value_of() { return {}; }
template <kind K, class First, class... Rest> constexpr decltype(auto) value_of(First& first, Rest&... rest) {
    if constexpr (kind_of<First> != K) return value_of<K>(rest...);
    else if constexpr (requires { first.values; } && K != kind::output) return (first.values);
    else return (first);
}
template <kind K, class... Options> using value_type = decltype(value_of<K>(std::declval<Options&>()...));
template <kind K, class... Options> using values_type = std::remove_cvref_t<value_type<K, Options...>>;

/// Each option is given at most once, with values of the right type.
template <class... Options>
concept given_once = ((count_of<kind_of<Options>, Options...> == 1) && ...);
template <class... Options>
concept weights_are_numbers = !given<kind::weights, Options...> || (operand<values_type<kind::weights, Options...>> &&
                                                                    scaled_by_numbers<values_type<kind::weights, Options...>>);
template <class... Options>
concept mask_is_bytes = !given<kind::mask, Options...> || mask<values_type<kind::mask, Options...>>;
template <class... Options>
concept count_is_one_number = !given<kind::count, Options...> || std::same_as<value_type<kind::count, Options...>, std::size_t&>;

/// Weights, mask and grad_output have the shape of input and target, as far as their types tell.
template <class Input, class Target, kind K, class... Options>
concept fits = same_shape<Input, values_type<K, Options...>> && same_shape<Target, values_type<K, Options...>>;
template <class Input, class Target, class... Options>
concept options_fit = fits<Input, Target, kind::weights, Options...> && fits<Input, Target, kind::mask, Options...> &&
                      fits<Input, Target, kind::grad_output, Options...>;
template <class... Options>
concept no_gradient = !given<kind::grad_output, Options...> && !given<kind::grad_target, Options...>;

/// The options of a call, each as a reference, or `nothing` where the call has none. Public functions parse them once.
template <class... Given> struct options {
    static constexpr bool has_output = given<kind::output, Given...>, has_length = given<kind::length, Given...>,
                          has_reduction = given<kind::reduction, Given...>, has_count = given<kind::count, Given...>,
                          has_grad_target = given<kind::grad_target, Given...>, is_weighted = given<kind::weights, Given...>,
                          skips_nan = given<kind::skip_nan, Given...>;
    using weights_type = values_type<kind::weights, Given...>;
    static constexpr bool needs_layout = needs_view<weights_type> || needs_view<values_type<kind::mask, Given...>> ||
                                         needs_view<values_type<kind::grad_output, Given...>>;

    value_type<kind::output, Given...> output;
    value_type<kind::length, Given...> length;
    value_type<kind::reduction, Given...> reduction;
    value_type<kind::weights, Given...> weights;
    value_type<kind::mask, Given...> mask;
    value_type<kind::grad_output, Given...> grad_output;
    value_type<kind::grad_target, Given...> grad_target;
    value_type<kind::count, Given...> count;
};

template <class... Given> L1LOSS_INLINE constexpr options<Given...> parse(Given&... values) {
    return {value_of<kind::output>(values...),      value_of<kind::length>(values...), value_of<kind::reduction>(values...),
            value_of<kind::weights>(values...),     value_of<kind::mask>(values...),   value_of<kind::grad_output>(values...),
            value_of<kind::grad_target>(values...), value_of<kind::count>(values...)};
}

/// Fails unless the reduction gives one number.
constexpr void check_scalar(reduction r) {
    if (r != reduction::mean && r != reduction::sum) [[unlikely]]
        fail("reduction is \"", to_string(r), "\", expected \"mean\" or \"sum\" where the result is one number");
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
