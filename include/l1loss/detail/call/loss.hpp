// What a call of l1_loss requires, and what it does.
#pragma once

#include <l1loss/detail/args/overlap.hpp>
#include <l1loss/detail/sum/canonical_sum.hpp>
#include <l1loss/detail/sum/exact_sum.hpp>
#include <l1loss/detail/sum/finish.hpp>
#include <l1loss/detail/sum/with_operands.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// A value of the widest accumulator type of input, target and weights.
template <class Input, class Target, class Weights> constexpr auto common_type_of() {
    using type = std::common_type_t<accumulator_of<element_of<Input const>>, accumulator_of<element_of<Target const>>>;
    if constexpr (std::is_same_v<Weights, nothing>) return type{};
    else return std::common_type_t<type, accumulator_of<element_of<Weights const>>>{};
}

/// The accumulator type: the one that the caller asks for, otherwise the widest of the arguments.
template <class Accumulator, class Input, class Target, class Weights>
using accumulator_type =
    std::conditional_t<std::is_void_v<Accumulator>, decltype(common_type_of<Input, Target, Weights>()), Accumulator>;
template <class Accumulator, class Input, class Target, class... Options>
using accumulator_of_call = accumulator_type<Accumulator, Input, Target, values_type<kind::weights, Options...>>;

/// The arguments are integers without weights, whose sum is exact.
template <class Input, class Target, class... Options>
concept integers = integer_argument<Input> && integer_argument<Target> && !given<kind::weights, Options...>;

/// A requested accumulator type is not narrower than an element. The sum of integers may be a std::uint64_t.
template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept accumulator_wide_enough =
    std::is_void_v<Accumulator> ||
    (accumulator<Accumulator> && sizeof(Accumulator) >= sizeof(accumulator_of_call<void, Input, Target, Options...>)) ||
    (std::same_as<Accumulator, std::uint64_t> && R == reduction::sum && integers<Input, Target, Options...>);

/// A length is given exactly where an argument is a pointer.
template <class Input, class Target, class... Options>
concept length_if_pointer = count_of<kind::length, Options...> == (pointer<Input> || pointer<Target>);

/// The type of a term where it is not computed in A: unsigned for integers without weights.
template <class A, class Input, class Target, class Weights> struct difference_of {
    using type = A;
};
template <class A, integer_argument Input, integer_argument Target> struct difference_of<A, Input, Target, nothing> {
    using type = unsigned_difference<element_of<Input const>, element_of<Target const>>;
};
template <class A, class Input, class Target, class Weights>
using difference_type = typename difference_of<A, Input, Target, Weights>::type;

/// An output of elements of A, or of a floating-point type of input or target that is only stored, or of the differences of
/// integers. Its shape is that of both arguments, as far as types tell.
template <class Output, class A, class Input, class Target, class Weights>
concept output_for = (output<Output, A> || output<Output, difference_type<A, Input, Target, Weights>> ||
                      (short_float<element_of<Input const>> && output<Output, element_of<Input const>>) ||
                      (short_float<element_of<Target const>> && output<Output, element_of<Target const>>)) &&
                     same_shape<Input, Output> && same_shape<Target, Output>;

/// reduction::none has one output. Fixed shapes may omit it, and get the results returned. Mean and sum have no output.
template <reduction R, class A, class Weights, class Input, class Target, class... Options>
concept output_if_none = (R == reduction::none ? count_of<kind::output, Options...> == 1 ||
                                                     (count_of<kind::output, Options...> == 0 && !needs_view<Input> &&
                                                      !needs_view<Target> && (fixed_shape<Input> || fixed_shape<Target>))
                                               : count_of<kind::output, Options...> == 0) &&
                         (((kind_of<Options> != kind::output) || output_for<Options, A, Input, Target, Weights>) && ...);

/// A reduction that is chosen at run time excludes sum and none as template argument.
template <reduction R, class... Options>
concept reduction_chosen_once = (count_of<kind::reduction, Options...> <= std::size_t{R == reduction::mean});

/// The requirements of every function of the family.
template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept arguments = operand<Input const> && operand<Target const> && same_shape<Input, Target> && given_once<Options...> &&
                    weights_are_numbers<Options...> && mask_is_bytes<Options...> &&
                    accumulator_wide_enough<R, Accumulator, Input, Target, Options...> && reduction_chosen_once<R, Options...>;

/// The requirements of l1_loss.
template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept loss_arguments = arguments<R, Accumulator, Input, Target, Options...> && length_if_pointer<Input, Target, Options...> &&
                         scaled_by_numbers<Input> && scaled_by_numbers<Target> && no_gradient<Options...> &&
                         count_is_one_number<Options...> && options_fit<Input, Target, Options...> &&
                         output_if_none<R, accumulator_of_call<Accumulator, Input, Target, Options...>,
                                        values_type<kind::weights, Options...>, Input, Target, Options...>;

/// Whether every check of a call is made when it compiles.
template <class Input, class Target, class... Options>
inline constexpr bool cannot_fail = fixed_shape<Input> && fixed_shape<Target> && !needs_view<Input> && !needs_view<Target> &&
                                    ((kind_of<Options> == kind::skip_nan) && ...);

/// The type of what reduction::none returns, a tensor if either argument is one, otherwise an array.
template <class A, class T, std::size_t... Extents, class Target>
tensor<A, Extents...> elementwise_result(tensor<T, Extents...> const&, Target const&);
template <class A, class Input, class T, std::size_t... Extents>
    requires(!tensor_shape<Input>)
tensor<A, Extents...> elementwise_result(Input const&, tensor<T, Extents...> const&);
template <class A, class Input, class Target>
    requires(!tensor_shape<Input> && !tensor_shape<Target>)
std::array<A, fixed_shape<Input> ? fixed_size<Input> : fixed_size<Target>> elementwise_result(Input const&, Target const&);

/// The reduction of a call: a constant, or the mean or sum that is chosen at run time.
template <reduction R, class Options> constexpr auto reduction_of([[maybe_unused]] Options const& options) {
    if constexpr (Options::has_reduction) {
        check_scalar(options.reduction);
        return options.reduction;
    } else {
        return std::integral_constant<reduction, R>{};
    }
}

/// Whether the elements that count are counted before the sum, by the bytes of the mask, a register of them at a time.
template <class Context, class Operands, class Size>
inline constexpr bool counts_bytes = Context::counts_bytes && Operands::are_selected_by_bytes &&
                                     has_registers<typename Operands::A, typename Context::arch> && !fixed_length<Size>;

/// How many of n elements count.
template <class Context, class Operands, class Size>
L1LOSS_INLINE constexpr std::size_t count_selected(Context const& context, Operands const& ops, Size n) {
    if constexpr (counts_bytes<Context, Operands, Size>)
        if (!std::is_constant_evaluated()) return context.count_bytes(reinterpret_cast<unsigned char const*>(ops.mask), n);
    return context.sum(terms_of<sum_of_ones>(ops), n).count;
}

/// Writes the number of elements that count to the option `count`, if it is given.
template <class Context, class Operands, class Size, class Options>
L1LOSS_INLINE constexpr void write_count(Context const& context, Operands const& ops, Size n, Options const& options) {
    if constexpr (Options::has_count && Operands::skips_elements) options.count = count_selected(context, ops, n);
    else if constexpr (Options::has_count) options.count = context.size_of_all(n);
}

/// The term source of a mean or a sum. It yields the terms, the weights that a mean is divided by, and the count if needed.
template <bool is_mean, bool with_count, class Operands> L1LOSS_INLINE constexpr auto summed_terms(Operands const& ops) {
    constexpr summed what{.terms = true, .weights = is_mean && Operands::is_weighted, .count = with_count};
    if constexpr (Operands::is_exact) return exact_terms<with_count, Operands>{ops};
    else if constexpr (!what.weights && !what.count) return loss_terms(ops);
    else return terms_of<what>(ops);
}
template <class Operands, bool is_mean, bool wants_count>
inline constexpr bool needs_count = Operands::skips_elements && (wants_count || (is_mean && !Operands::is_weighted));

/// Fails if a sum of integers may not fit 64 bits.
template <class Operands> L1LOSS_INLINE constexpr void check_fits_64_bits([[maybe_unused]] std::size_t n) {
    if constexpr (Operands::is_exact) {
        constexpr std::uint64_t most =
            ~std::uint64_t{0} / max_difference<typename Operands::input_value, typename Operands::target_value>;
        if (n > most) [[unlikely]]
            fail("input has ", n, " elements, expected at most ", most, ", whose sum fits 64 bits");
    }
}

/// The mean or sum of n elements.
template <reduction R, class Context, class Operands, class Size, class Options>
L1LOSS_INLINE constexpr auto reduce(Context const& context, Operands const& ops, Size n, Options const& options) {
    constexpr bool is_mean = R == reduction::mean, is_counted = needs_count<Operands, is_mean, Options::has_count>;
    check_fits_64_bits<Operands>(n);
    auto const r = reduction_of<R>(options);
    constexpr bool is_counted_before = is_counted && counts_bytes<Context, Operands, Size>;
    auto const terms = summed_terms < is_mean, is_counted && !is_counted_before > (ops);
    auto const count_output = [&] {
        if constexpr (Options::has_count) return &options.count;
        else return nothing{};
    }();
    auto const sum_with = [&](auto count) L1LOSS_INLINE {
        return context.sum(terms, n, [=](auto sum, auto of) L1LOSS_INLINE {
            auto const size = given_or(count, of);
            if constexpr (Options::has_count) *count_output = count_of_sum(sum, size);
            return finish<typename Operands::A, Operands::is_weighted>(r, numerator_of(sum), denominator_of(sum, size));
        });
    };
    if constexpr (is_counted_before) return sum_with(count_selected(context, ops, n));
    else return sum_with(nothing{});
}

/// l1_loss in an execution context.
template <reduction R, class Accumulator, class Context, class Input, class Target, class Options>
L1LOSS_INLINE constexpr auto compute_loss(Context const& context, Input const& input, Target const& target,
                                          Options const& options) {
    using A = accumulator_type<Accumulator, Input, Target, typename Options::weights_type>;
    auto const compute = [&](auto const& ops, auto n, [[maybe_unused]] auto const& layout) L1LOSS_INLINE {
        if constexpr (R != reduction::none) {
            return reduce<R>(context, ops, n, options);
        } else if constexpr (Options::has_output) {
            auto* const out = layout.output(options.output, "output");
            refuse_overlaps(out, n, n, "output", ops);
            write_count(context, ops, n, options);
            context.write(terms_of<no_sum>(ops, out), n);
        } else {
            using Term = difference_type<A, Input, Target, typename Options::weights_type>;
            using Element = std::conditional_t<std::is_void_v<Accumulator>, Term, A>;
            decltype(elementwise_result<Element>(input, target)) losses{};
            write_count(context, ops, n, options);
            context.write(terms_of<no_sum>(ops, losses.data()), n);
            return losses;
        }
    };
    return with_operands<A>(input, target, options, compute);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
