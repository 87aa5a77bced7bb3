// What a call of l1_loss requires, and what it does.
#pragma once

#include <l1loss/detail/args/overlap.hpp>
#include <l1loss/detail/simd/byte_mask.hpp>
#include <l1loss/detail/sum/canonical_sum.hpp>
#include <l1loss/detail/sum/with_operands.hpp>

namespace l1loss::detail {

/// A value of the widest element type of input, target and weights.
template <class Input, class Target, class Weights> constexpr auto common_type_of() {
    using type = std::common_type_t<element_of<Input const>, element_of<Target const>>;
    if constexpr (std::is_same_v<Weights, nothing>) return type{};
    else return std::common_type_t<type, element_of<Weights const>>{};
}

/// The accumulator type: the one that the caller asks for, otherwise the widest element type.
template <class Accumulator, class Input, class Target, class Weights>
using accumulator_type =
    std::conditional_t<std::is_void_v<Accumulator>, decltype(common_type_of<Input, Target, Weights>()), Accumulator>;
template <class Accumulator, class Input, class Target, class... Options>
using accumulator_of_call = accumulator_type<Accumulator, Input, Target, values_type<is_weights, Options...>>;

/// A requested accumulator type is not narrower than an element.
template <class Accumulator, class Input, class Target, class... Options>
concept accumulator_wide_enough =
    std::is_void_v<Accumulator> ||
    (element<Accumulator> && sizeof(Accumulator) >= sizeof(accumulator_of_call<void, Input, Target, Options...>));

/// A length is given exactly where an argument is a pointer.
template <class Input, class Target, class... Options>
concept length_if_pointer = count_of<is_length, Options...> == (pointer<Input> || pointer<Target>);

/// An output of elements of A. Its shape is that of both arguments, as far as types tell.
template <class Output, class A, class Input, class Target>
concept output_for = output<Output, A> && same_shape<Input, Output> && same_shape<Target, Output>;

/// reduction::none has one output. Fixed shapes may omit it, and get the results returned. Mean and sum have no output.
template <reduction R, class A, class Input, class Target, class... Options>
concept output_if_none = (R == reduction::none ? count_of<is_output, Options...> == 1 ||
                                                     (count_of<is_output, Options...> == 0 && !needs_view<Input> &&
                                                      !needs_view<Target> && (fixed_shape<Input> || fixed_shape<Target>))
                                               : count_of<is_output, Options...> == 0) &&
                         ((!is_output::value<Options> || output_for<Options, A, Input, Target>) && ...);

/// A reduction that is chosen at run time excludes sum and none as template argument.
template <reduction R, class... Options>
concept reduction_chosen_once = (count_of<is_reduction, Options...> <= std::size_t{R == reduction::mean});

/// The requirements of every function of the family.
template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept arguments = operand<Input const> && operand<Target const> && same_shape<Input, Target> && named_once<Options...> &&
                    weights_are_numbers<Options...> && mask_is_bytes<Options...> &&
                    accumulator_wide_enough<Accumulator, Input, Target, Options...> && reduction_chosen_once<R, Options...>;

/// The requirements of l1_loss.
template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept loss_arguments = arguments<R, Accumulator, Input, Target, Options...> && length_if_pointer<Input, Target, Options...> &&
                         no_gradient<Options...> && count_is_one_number<Options...> && named_fit<Input, Target, Options...> &&
                         output_if_none<R, accumulator_of_call<Accumulator, Input, Target, Options...>, Input, Target, Options...>;

/// Whether every check of a call is made when it compiles.
template <class Input, class Target, class... Options>
inline constexpr bool cannot_fail =
    fixed_shape<Input> && fixed_shape<Target> && (std::same_as<std::remove_cvref_t<Options>, skip_nan_argument> && ...);

/// The type of what reduction::none returns, a tensor if either argument is one, otherwise an array.
template <class A, class Input, class Target> struct elementwise_result {
    using type = std::array<A, fixed_shape<Input> ? fixed_size<Input> : fixed_size<Target>>;
};
template <class A, class T, std::size_t... Extents, class Target> struct elementwise_result<A, tensor<T, Extents...>, Target> {
    using type = tensor<A, Extents...>;
};
template <class A, class Input, class T, std::size_t... Extents>
    requires(!tensor_shape<Input>)
struct elementwise_result<A, Input, tensor<T, Extents...>> {
    using type = tensor<A, Extents...>;
};

/// The destination of the option `count`, or null.
template <class Options> constexpr std::size_t* count_output([[maybe_unused]] Options const& options) {
    if constexpr (Options::has_count) return &options.count;
    else return nullptr;
}

/// Whether the elements that count can be counted before the sum, from the bytes of the mask.
template <class Arch, class Operands, class Size>
inline constexpr bool mask_bytes_suffice =
    Operands::are_selected_by_bytes && has_registers<typename Operands::A, Arch> && !fixed_length<Size>;

/// Whether a call of n elements does so. Up to this length it is a tenth faster. Longer masks come from memory, and it is better to
/// read them once.
L1LOSS_INLINE constexpr bool is_short_mask(std::size_t n) { return !std::is_constant_evaluated() && n <= std::size_t{1} << 17; }

/// The number of elements, out of n, that count.
template <class Context, class Operands, class Size>
L1LOSS_INLINE constexpr std::size_t count_selected(Context const& context, Operands const& ops, Size n) {
    using Arch = typename Context::arch;
    if constexpr (mask_bytes_suffice<Arch, Operands, Size>)
        if (is_short_mask(n)) return count_nonzero<Arch>(reinterpret_cast<unsigned char const*>(ops.mask), n);
    return context.sum(terms_of<sum_of_ones>(ops), n, unfinished{}).count;
}

/// Writes the number of elements that count to the option `count`, if it is given.
template <class Context, class Operands, class Size, class Options>
L1LOSS_INLINE constexpr void write_count(Context const& context, Operands const& ops, Size n, Options const& options) {
    if constexpr (Options::has_count && Operands::skips_elements) options.count = count_selected(context, ops, n);
    else if constexpr (Options::has_count) options.count = n;
}

/// Whether a mean or a sum needs the number of elements that count.
template <class Operands, bool is_mean, bool wants_count>
inline constexpr bool needs_number = Operands::skips_elements && (wants_count || (is_mean && !Operands::is_weighted));

/// The term source of a mean or a sum. It yields the terms, and where they are needed the weights and the count.
template <bool is_mean, bool by_number, class Operands> L1LOSS_INLINE constexpr auto summed_terms(Operands const& ops) {
    constexpr summed what{.terms = true, .weights = is_mean && Operands::is_weighted, .count = by_number};
    if constexpr (!what.weights && !what.count) return loss_terms(ops);
    else return terms_of<what>(ops);
}

/// `finish`, which also writes the count to `count` where that is wanted.
template <bool wants_count, class Finish>
L1LOSS_INLINE constexpr auto finish_of(Finish finish, [[maybe_unused]] std::size_t* count) {
    if constexpr (wants_count) return finish_counting<Finish>{finish, count};
    else return finish;
}

/// The mean or sum of n elements in an execution context. Writes the number of elements that count to `count` if wanted.
template <bool is_mean, bool wants_count, class Context, class Operands, class Size, class Finish>
L1LOSS_INLINE constexpr auto reduce(Context const& context, Operands const& ops, Size n, Finish finish, std::size_t* count) {
    constexpr bool by_number = needs_number<Operands, is_mean, wants_count>;
    if constexpr (by_number && mask_bytes_suffice<typename Context::arch, Operands, Size>) {
        if (is_short_mask(n)) {
            std::size_t const counted = count_selected(context, ops, n);
            if constexpr (wants_count) *count = counted;
            auto const terms = summed_terms<is_mean, false>(ops);
            if constexpr (is_mean && Operands::is_weighted) return context.sum(terms, n, finish);
            else return context.sum(terms, n, finish_over<Finish, std::size_t>{finish, counted});
        }
    }
    return context.sum(summed_terms<is_mean, by_number>(ops), n, finish_of<wants_count>(finish, count));
}

/// l1_loss in an execution context.
template <reduction R, class Accumulator, class Context, class Input, class Target, class Options>
L1LOSS_INLINE constexpr auto compute_loss(Context const& context, Input const& input, Target const& target,
                                          Options const& options) {
    using A = accumulator_type<Accumulator, Input, Target, typename Options::weights_type>;
    return with_operands<A>(
        input, target, options, [&](auto const& ops, auto n, [[maybe_unused]] auto const& layout) L1LOSS_INLINE {
            using Operands = std::remove_cvref_t<decltype(ops)>;
            constexpr bool is_signed = Operands::is_weighted;
            if constexpr (R == reduction::none && !Options::has_output) {
                typename elementwise_result<A, Input, Target>::type all{};
                write_count(context, ops, n, options);
                context.write(combined_terms<no_sum, Operands, A*>{ops, all.data(), {}, {}}, n);
                return all;
            } else if constexpr (R == reduction::none) {
                A* const out = layout.output(options.output, "output");
                refuse_overlaps(out, n, n, "output", ops);
                write_count(context, ops, n, options);
                context.write(combined_terms<no_sum, Operands, A*>{ops, out, {}, {}}, n);
            } else if constexpr (Options::has_reduction) {
                check_scalar(options.reduction);
                return reduce<true, Options::has_count>(context, ops, n, finish_as<is_signed>{options.reduction},
                                                        count_output(options));
            } else {
                constexpr bool is_mean = R == reduction::mean;
                return reduce<is_mean, Options::has_count>(context, ops, n, finish<R, is_signed>{}, count_output(options));
            }
        });
}

} // namespace l1loss::detail
