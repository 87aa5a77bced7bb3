// What may follow input and target: the kinds of options, what each accepts, and all of them parsed into one object.
#pragma once

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

#include <l1loss/detail/args/arguments.hpp>
#include <l1loss/reduction.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class Arg>
concept length_option =
    std::same_as<std::remove_cvref_t<Arg>, int> || std::same_as<std::remove_cvref_t<Arg>, unsigned> ||
    std::same_as<std::remove_cvref_t<Arg>, long> || std::same_as<std::remove_cvref_t<Arg>, unsigned long> ||
    std::same_as<std::remove_cvref_t<Arg>, long long> || std::same_as<std::remove_cvref_t<Arg>, unsigned long long>;
template <class Arg>
concept reduction_option = std::same_as<std::remove_cvref_t<Arg>, reduction>;

template <class Name, class Arg> inline constexpr bool is_named = false;
template <class Name, class T> inline constexpr bool is_named<Name, named_argument<Name, T>> = true;

// The kinds of options. An option of no other kind is an output.
template <class Name> struct named {
    template <class Arg> static constexpr bool value = is_named<Name, std::remove_cvref_t<Arg>>;
};
using is_weights = named<weights_name>;
using is_where = named<where_name>;
using is_grad_output = named<grad_output_name>;
using is_grad_target = named<grad_target_name>;
using is_count = named<count_name>;
struct is_skip_nan {
    template <class Arg> static constexpr bool value = std::same_as<std::remove_cvref_t<Arg>, skip_nan_argument>;
};
struct is_length {
    template <class Arg> static constexpr bool value = length_option<Arg>;
};
struct is_reduction {
    template <class Arg> static constexpr bool value = reduction_option<Arg>;
};
struct is_output {
    template <class Arg>
    static constexpr bool value =
        !length_option<Arg> && !reduction_option<Arg> && !is_weights::value<Arg> && !is_where::value<Arg> &&
        !is_grad_output::value<Arg> && !is_grad_target::value<Arg> && !is_count::value<Arg> && !is_skip_nan::value<Arg>;
};

template <class Kind, class... Options>
inline constexpr std::size_t count_of = (std::size_t{0} + ... + std::size_t{Kind::template value<Options>});
template <class Kind, class... Options> inline constexpr bool given = count_of<Kind, Options...> > 0;

/// The first option of a kind. The call must have one.
template <class Kind, class First, class... Rest> constexpr auto& option(First& first, Rest&... rest) {
    if constexpr (Kind::template value<First>) {
        return first;
    } else {
        return option<Kind>(rest...);
    }
}

/// The option of a kind, or `nothing` if the call has none. A named one is represented by its value.
template <class Kind, class... Options> constexpr decltype(auto) value_of([[maybe_unused]] Options&... options) {
    if constexpr (!given<Kind, Options...>) return nothing{};
    else if constexpr (requires { option<Kind>(options...).values; } &&
                       !is_output::value<std::remove_cvref_t<decltype(option<Kind>(options...))>>)
        return (option<Kind>(options...).values);
    else return (option<Kind>(options...));
}
template <class Kind, class... Options>
using values_type = std::remove_cvref_t<decltype(value_of<Kind>(std::declval<Options&>()...))>;

/// Options that select and weight elements are given at most once, with values of the right type.
template <class... Options>
concept named_once = (count_of<is_weights, Options...> <= 1) && (count_of<is_where, Options...> <= 1) &&
                     (count_of<is_skip_nan, Options...> <= 1) && (count_of<is_count, Options...> <= 1);
template <class... Options>
concept weights_are_numbers = !given<is_weights, Options...> || operand<values_type<is_weights, Options...>>;
template <class... Options>
concept mask_is_bytes = !given<is_where, Options...> || mask<values_type<is_where, Options...>>;
template <class... Options>
concept count_is_one_number =
    !given<is_count, Options...> || std::same_as<decltype(value_of<is_count>(std::declval<Options&>()...)), std::size_t&>;

/// Weights, mask and grad_output have the shape of input and target, as far as their types tell.
template <class Input, class Target, class Kind, class... Options>
concept fits = same_shape<Input, values_type<Kind, Options...>> && same_shape<Target, values_type<Kind, Options...>>;
template <class Input, class Target, class... Options>
concept named_fit = fits<Input, Target, is_weights, Options...> && fits<Input, Target, is_where, Options...> &&
                    fits<Input, Target, is_grad_output, Options...>;
template <class... Options>
concept no_gradient = !given<is_grad_output, Options...> && !given<is_grad_target, Options...>;

/// The options of a call, each as a reference, or `nothing` where the call has none. Public functions parse them once.
template <class Output, class Length, class Reduction, class Weights, class Mask, class GradOutput, class GradTarget, class Count,
          bool skip_nan>
struct options {
    static constexpr bool has_output = !std::is_same_v<Output, nothing>, has_length = !std::is_same_v<Length, nothing>,
                          has_reduction = !std::is_same_v<Reduction, nothing>, has_count = !std::is_same_v<Count, nothing>,
                          has_grad_target = !std::is_same_v<GradTarget, nothing>, skips_nan = skip_nan;
    static constexpr bool has_views = needs_view<std::remove_cvref_t<Weights>> || needs_view<std::remove_cvref_t<Mask>> ||
                                      needs_view<std::remove_cvref_t<GradOutput>>;
    using weights_type = std::remove_cvref_t<Weights>;

    Output output;
    Length length;
    Reduction reduction;
    Weights weights;
    Mask mask;
    GradOutput grad_output;
    GradTarget grad_target;
    Count count;
};

template <class... Options> L1LOSS_INLINE constexpr auto parse(Options&... all) {
    return options<
        decltype(value_of<is_output>(all...)), decltype(value_of<is_length>(all...)), decltype(value_of<is_reduction>(all...)),
        decltype(value_of<is_weights>(all...)), decltype(value_of<is_where>(all...)), decltype(value_of<is_grad_output>(all...)),
        decltype(value_of<is_grad_target>(all...)), decltype(value_of<is_count>(all...)), given<is_skip_nan, Options...>>{
        value_of<is_output>(all...),      value_of<is_length>(all...), value_of<is_reduction>(all...),
        value_of<is_weights>(all...),     value_of<is_where>(all...),  value_of<is_grad_output>(all...),
        value_of<is_grad_target>(all...), value_of<is_count>(all...)};
}

/// Fails unless the reduction gives one number.
constexpr void check_scalar(reduction r) {
    if (r != reduction::mean && r != reduction::sum) [[unlikely]]
        fail("l1loss: reduction is \"" + std::string(to_string(r)) +
             "\", expected \"mean\" or \"sum\" where the result is one number");
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
