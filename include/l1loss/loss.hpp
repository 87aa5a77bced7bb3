// The L1 loss, or mean absolute error: the contract, then the one function.
//
// On top of detail/args/arguments.hpp (what the arguments are) and detail/sum/canonical_sum.hpp (how they are summed).
#pragma once

#include <l1loss/detail/args/overlap.hpp>
#include <l1loss/detail/sum/canonical_sum.hpp>
#include <l1loss/detail/sum/operands.hpp>

namespace l1loss {

namespace detail {

/// The types of the numbers that come in: those of input and target, and of weights if there are any.
template <class Input, class Target, class... Options>
constexpr auto common_type_of() {
    using type = std::common_type_t<element_of<Input const>, element_of<Target const>>;
    if constexpr (given<is_weights, Options...>)
        return std::common_type_t<type, element_of<values_type<is_weights, Options...> const>>{};
    else return type{};
}

/// What is computed in: the widest of these, or what the caller asks for, but nothing narrower.
template <class Accumulator, class Input, class Target, class... Options>
using accumulator_type =
    std::conditional_t<std::is_void_v<Accumulator>, decltype(common_type_of<Input, Target, Options...>()), Accumulator>;

template <class Accumulator, class Input, class Target, class... Options>
concept accumulator_wide_enough =
    std::is_void_v<Accumulator> ||
    (element<Accumulator> && sizeof(Accumulator) >= sizeof(common_type_of<Input, Target, Options...>()));

/// Pointers come with a length, and nothing else does.
template <class Input, class Target, class... Options>
concept length_if_pointer = count_of<is_length, Options...> == (pointer<Input> || pointer<Target>);

/// An output of elements of A, in the shape of both arguments as far as the compiler can tell.
template <class Output, class A, class Input, class Target>
concept output_for = output<Output, A> && same_shape<Input, Output> && same_shape<Target, Output>;

/// One result per element goes to an output, or comes back where the shape is fixed; one number takes no output.
template <reduction R, class A, class Input, class Target, class... Options>
concept output_if_none = (R == reduction::none ? count_of<is_output, Options...> == 1 ||
                                                     (count_of<is_output, Options...> == 0 && !needs_view<Input> &&
                                                      !needs_view<Target> && (fixed_shape<Input> || fixed_shape<Target>))
                                               : count_of<is_output, Options...> == 0) &&
                         ((!is_output::value<Options> || output_for<Options, A, Input, Target>) && ...);

/// The reduction is a template argument, or is chosen at run time between mean and sum.
template <reduction R, class... Options>
concept reduction_chosen_once = (count_of<is_reduction, Options...> <= std::size_t{R == reduction::mean});

/// What every function of the family asks of its arguments.
template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept arguments = operand<Input const> && operand<Target const> && same_shape<Input, Target> && named_once<Options...> &&
                    weights_are_numbers<Options...> && mask_is_bytes<Options...> &&
                    accumulator_wide_enough<Accumulator, Input, Target, Options...> && reduction_chosen_once<R, Options...>;

template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept loss_arguments = arguments<R, Accumulator, Input, Target, Options...> && length_if_pointer<Input, Target, Options...> &&
                         no_gradient<Options...> && count_is_one_number<Options...> && named_fit<Input, Target, Options...> &&
                         output_if_none<R, accumulator_type<Accumulator, Input, Target, Options...>, Input, Target, Options...>;

/// All is known and checked when the call compiles.
template <class Input, class Target, class... Options>
inline constexpr bool cannot_fail =
    fixed_shape<Input> && fixed_shape<Target> && (std::same_as<std::remove_cvref_t<Options>, skip_nan_argument> && ...);

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
    requires(!tensor_shape<Input>)
struct elementwise_result<A, Input, tensor<T, Extents...>> {
    using type = tensor<A, Extents...>;
};

/// Where the number of elements that counted goes, if the caller wants it.
template <class... Options>
constexpr std::size_t* count_output(Options&... options) {
    if constexpr (given<is_count, Options...>) return &option<is_count>(options...).values;
    else return nullptr;
}

/// How many of n elements count.
template <class Context, class Operands, class Size>
L1LOSS_INLINE constexpr std::size_t count_selected(Context const& context, Operands const& ops, Size n) {
    using Arch = typename Context::arch;
    if constexpr (can_count_bytes<Arch, Operands, Size>)
        if (counts_bytes(n)) return count_nonzero<Arch>(reinterpret_cast<unsigned char const*>(ops.mask), n);
    return context.sum(terms_of<sum_of_ones>(ops), n, unfinished{});
}

/// Writes how many of n elements count, if the caller wants it.
template <class Context, class Operands, class Size, class... Options>
L1LOSS_INLINE constexpr void write_count(Context const& context, Operands const& ops, Size n, Options&... options) {
    if constexpr (given<is_count, Options...> && Operands::skips_elements)
        *count_output(options...) = count_selected(context, ops, n);
    else if constexpr (given<is_count, Options...>) *count_output(options...) = n;
}

/// Whether a mean or a sum has to know how many elements count.
template <class Operands, bool is_mean, bool wants_count>
inline constexpr bool needs_number = Operands::skips_elements && (wants_count || (is_mean && !Operands::is_weighted));

/// What is summed for a mean or a sum: the terms, and beside them what else is needed of the elements that count, the sum of their
/// weights, their number, or both.
template <bool is_mean, bool by_number, class Operands>
L1LOSS_INLINE constexpr auto summed_terms(Operands const& ops) {
    constexpr unsigned beside = (is_mean && Operands::is_weighted ? sum_of_weights : 0) | (by_number ? sum_of_ones : 0);
    constexpr unsigned summed = sum_of_terms | beside;
    if constexpr (beside == 0) return loss_terms(ops);
    else return terms_of<summed>(ops);
}

/// `finish`, and where `count` is wanted, its destination.
template <bool wants_count, class Finish>
L1LOSS_INLINE constexpr auto finish_of(Finish finish, [[maybe_unused]] std::size_t* count) {
    if constexpr (wants_count) return finish_counting<Finish>{finish, count};
    else return finish;
}

/// A mean or a sum of n elements, in an execution context; how many of them count goes to `count`, where it is wanted.
template <bool is_mean, bool wants_count, class Context, class Operands, class Size, class Finish>
L1LOSS_INLINE constexpr auto reduce(Context const& context, Operands const& ops, Size n, Finish finish, std::size_t* count) {
    constexpr bool by_number = needs_number<Operands, is_mean, wants_count>;
    if constexpr (by_number && can_count_bytes<typename Context::arch, Operands, Size>) {
        if (counts_bytes(n)) {
            std::size_t const counted = count_selected(context, ops, n);
            if constexpr (wants_count) *count = counted;
            auto const terms = summed_terms<is_mean, false>(ops);
            if constexpr (is_mean && Operands::is_weighted) return context.sum(terms, n, finish);
            else return context.sum(terms, n, finish_over<Finish, std::size_t>{finish, counted});
        }
    }
    return context.sum(summed_terms<is_mean, by_number>(ops), n, finish_of<wants_count>(finish, count));
}

/// The function itself, in an execution context.
template <reduction R, class Accumulator, class Context, class Input, class Target, class... Options>
L1LOSS_INLINE constexpr auto compute_loss(Context const& context, Input const& input, Target const& target, Options&... options) {
    using A = accumulator_type<Accumulator, Input, Target, Options...>;
    return with_operands<A>(
        input, target,
        [&](auto const& ops, auto n, [[maybe_unused]] auto const& layout) L1LOSS_INLINE {
            using Operands = std::remove_cvref_t<decltype(ops)>;
            constexpr bool is_signed = Operands::is_weighted;
            constexpr bool wants_count = given<is_count, Options...>;
            if constexpr (R == reduction::none && !given<is_output, Options...>) {
                typename elementwise_result<A, Input, Target>::type all{};
                write_count(context, ops, n, options...);
                context.write(combined_terms<no_sum, Operands, A*>{ops, all.data(), {}, {}}, n);
                return all;
            } else if constexpr (R == reduction::none) {
                A* const out = layout.output(option<is_output>(options...), "output");
                refuse_overlaps(out, n, n, "output", ops);
                write_count(context, ops, n, options...);
                context.write(combined_terms<no_sum, Operands, A*>{ops, out, {}, {}}, n);
            } else if constexpr (given<is_reduction, Options...>) {
                reduction const r = option<is_reduction>(options...);
                check_scalar(r);
                return reduce<true, wants_count>(context, ops, n, finish_as<is_signed>{r}, count_output(options...));
            } else {
                constexpr bool is_mean = R == reduction::mean;
                return reduce<is_mean, wants_count>(context, ops, n, finish<R, is_signed>{}, count_output(options...));
            }
        },
        options...);
}

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
///     l1_loss<R, Accumulator, xsimd::sse2>(x, y) on the registers of another architecture of xsimd, or by the definition where
///                                                the program is not compiled for it; the same bits
///     l1_loss(x, y, r)                           mean or sum, chosen at run time
///     l1_loss(x, y, n)                           of two pointers with a length
///     l1_loss<reduction::none>(x, y)             of fixed shapes: returns a tensor, or an array
///     l1_loss<reduction::none>(x, y, out)        writes N elements to `out`
///     l1_loss(x, y, weights(w), where(mask), skip_nan, count(n))    named arguments (named.hpp), any of them, in any order
///     l1_loss(x, broadcast(y))                   y extended to the shape of x
///
/// Arguments, of float or double; of different types, they are computed in the wider one.
/// * Fixed shapes: tensor, std::array, C array, std::span of static extent. Two that differ do not compile, equal ones are
///   unrolled and noexcept.
/// * Run-time lengths: any contiguous range, any object with data() and size() and no strides, a pointer with a length (which goes
///   for all pointers of the call). Any shape of as many elements fits them.
/// * Views, with any strides, 0 and negative ones too: objects shaped like std::mdspan (data_handle() a pointer, rank(),
///   extent(r), stride(r) in elements); Eigen's matrices, maps and blocks; xtensor's containers and strided views. (Expressions
///   have no memory: evaluate them.) Shapes are compared at run time and are equal, or one is broadcast. Elements are taken in
///   row-major order of their indexes, so that a view gives the bits of its contiguous copy. Two Eigen matrices that are both
///   stored by columns are taken in that order, and so is what goes with them.
///
/// Output. N elements of the type that is computed in: a contiguous range, a pointer, or a view without gaps, of the same shape if
/// it has one. It may be exactly the memory of one of the arguments, or apart from all of them. (On x86, an output of 32 MiB or
/// more that is apart, and the only one, of elements that lie side by side, is written past the caches; so is a gradient alone.)
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
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class... Options>
    requires detail::loss_arguments<R, Accumulator, Input, Target, Options...>
L1LOSS_INLINE constexpr auto l1_loss(Input const& input, Target const& target,
                                     Options&&... options) noexcept(detail::cannot_fail<Input, Target, Options...>) {
    return detail::compute_loss<R, Accumulator>(detail::on_this_thread<Arch>{}, input, target, options...);
}

} // namespace l1loss
