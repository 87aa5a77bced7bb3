// The L1 loss, or mean absolute error: the contract, then the one function.
//
// On top of detail/arguments.hpp (what the arguments are) and detail/canonical_sum.hpp (how they are summed).
#pragma once

#include <l1loss/detail/arguments.hpp>
#include <l1loss/detail/canonical_sum.hpp>

namespace l1loss {

namespace detail {

/// What is computed in: the wider of the two element types, or what the caller asks for, but nothing narrower.
template <class Accumulator, class Input, class Target>
using accumulator_type = std::conditional_t<std::is_void_v<Accumulator>,
                                            std::common_type_t<element_of<Input const>, element_of<Target const>>, Accumulator>;

template <class Accumulator, class Input, class Target>
concept accumulator_wide_enough = std::is_void_v<Accumulator> ||
    (element<Accumulator> && sizeof(Accumulator) >= sizeof(element_of<Input const>) &&
     sizeof(Accumulator) >= sizeof(element_of<Target const>));

/// Pointers come with a length, and nothing else does.
template <class Input, class Target, class... Options>
concept length_if_pointer = count_of<is_length, Options...>
== (pointer<Input> || pointer<Target>);

/// An output of elements of A, in the shape of both arguments as far as the compiler can tell.
template <class Output, class A, class Input, class Target>
concept output_for = output<Output, A> && same_shape<Input, Output> && same_shape<Target, Output>;

/// One result per element goes to an output, or comes back where the shape is fixed; one number takes no output.
template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept output_if_none = (R == reduction::none
                              ? count_of<is_output, Options...> == 1 ||
                                    (count_of<is_output, Options...> == 0 && (fixed_shape<Input> || fixed_shape<Target>))
                              : count_of<is_output, Options...> == 0) &&
                         ((!is_output::value<Options> ||
                           output_for<Options, accumulator_type<Accumulator, Input, Target>, Input, Target>)&&...);

/// The reduction is a template argument, or is chosen at run time between mean and sum.
template <reduction R, class... Options>
concept reduction_chosen_once = (count_of<is_reduction, Options...> <= std::size_t{R == reduction::mean});

template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept loss_arguments = operand<Input const> && operand<Target const> && same_shape<Input, Target> &&
    accumulator_wide_enough<Accumulator, Input, Target> && length_if_pointer<Input, Target, Options...> &&
    reduction_chosen_once<R, Options...> && output_if_none<R, Accumulator, Input, Target, Options...>;

/// All is known and checked when the call compiles.
template <class Input, class Target, class... Options>
inline constexpr bool cannot_fail = fixed_shape<Input>&& fixed_shape<Target> && sizeof...(Options) == 0;

/// The type of one result per element: a tensor if either argument is one, else an array.
template <class A, class Input, class Target>
struct elementwise_result {
    using type = std::array<A, fixed_shape<Input> ? fixed_size<Input> : fixed_size<Target>>;
};
template <class A, class T, std::size_t... Extents, class Target>
struct elementwise_result<A, tensor<T, Extents...>, Target> {
    using type = tensor<A, Extents...>;
};
template <class A, class Input, class T, std::size_t... Extents>
requires(!tensor_shape<Input>) struct elementwise_result<A, Input, tensor<T, Extents...>> {
    using type = tensor<A, Extents...>;
};

} // namespace detail

/// The L1 loss of `input` against `target`, N elements of float or double each:
///
///     none_i = |input_i - target_i|      sum = Σ none_i      mean = sum / N
///
/// with the semantics of PyTorch's nn.L1Loss, and in the order of DESIGN.md, which fixes every bit of the result.
///
///     l1_loss(x, y)                              mean
///     l1_loss<reduction::sum>(x, y)              sum; or none
///     l1_loss<reduction::mean, double>(x, y)     computed in double, whatever the elements are
///     l1_loss(x, y, r)                           mean or sum, chosen at run time
///     l1_loss(x, y, n)                           of two pointers with a length
///     l1_loss<reduction::none>(x, y)             of fixed shapes: returns a tensor, or an array
///     l1_loss<reduction::none>(x, y, out)        writes N elements to `out`
///
/// Arguments. Fixed shapes: tensor, std::array, C array, std::span of static extent; two that differ do not compile, equal
/// ones are unrolled and noexcept. Run-time lengths: any contiguous range, any object with data() and size(), a pointer with a
/// length (which goes for both arguments). An object with strides is accepted only while it says that it is dense, in the
/// same storage order as the other, and in the same shape unless one of them has one dimension. Elements of different types are
/// computed in the wider one.
///
/// Output. A contiguous range of N elements of the type that is computed in, or a pointer to as many. It may be exactly the
/// memory of one of the arguments, or apart from both.
///
/// Constant evaluation. All of it is constexpr, where the result is finite. (There, an overlap is not looked for.)
///
/// Special values. N = 0: mean is NaN, sum is +0. NaN and infinities propagate as in IEEE arithmetic; a mean or a sum that is
/// NaN is the positive quiet NaN without payload.
///
/// Errors. Sizes, layouts or an overlap that do not fit throw std::invalid_argument before anything is written; so does
/// reduction::none chosen at run time, since the result is one number. Without exceptions, the message goes to stderr and the
/// program aborts.
///
/// Accuracy. Within relative_error_bound (error_bound.hpp) of the exact value. Nothing allocates, locks, or reads a locale.
template <reduction R = reduction::mean, class Accumulator = void, class Input, class Target, class... Options,
          class Arch = xsimd::default_arch>
requires detail::loss_arguments<R, Accumulator, Input, Target, Options...> L1LOSS_INLINE constexpr auto
l1_loss(Input const& input, Target const& target, Options&&... options) noexcept(detail::cannot_fail<Input, Target, Options...>) {
    using A = detail::accumulator_type<Accumulator, Input, Target>;
    auto const pair = detail::checked_operands(input, target, options...);
    auto const terms =
        detail::abs_difference<A, detail::element_of<Input const>, detail::element_of<Target const>>{pair.input, pair.target};

    if constexpr (R == reduction::none) {
        if constexpr (sizeof...(Options) == 0 || detail::count_of<detail::is_output, Options...> == 0) {
            typename detail::elementwise_result<A, Input, Target>::type result{};
            detail::write_terms<Arch>(terms, pair.n, result.data());
            return result;
        } else {
            auto& out = detail::option<detail::is_output>(options...);
            detail::check_output(pair.n, input, out);
            detail::write_terms<Arch>(terms, pair.n, detail::data_of(out));
        }
    } else if constexpr (detail::count_of<detail::is_reduction, Options...> == 1) {
        reduction const r = detail::option<detail::is_reduction>(options...);
        detail::check_scalar(r);
        return detail::canonical_sum<Arch>(terms, pair.n, detail::finish_as{r});
    } else {
        return detail::canonical_sum<Arch>(terms, pair.n, detail::finish<R>{});
    }
}

} // namespace l1loss
