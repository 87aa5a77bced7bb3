// The gradient of the L1 loss, alone or in the same pass as the loss: the contract, then the two functions.
//
// On top of loss.hpp.
#pragma once

#include <l1loss/loss.hpp>

namespace l1loss {

namespace detail {

/// grad_output is one number, or for reduction::none also one per element.
template <reduction R, class... Options>
concept grad_output_if_given =
    !given<is_grad_output, Options...> || std::is_arithmetic_v<values_type<is_grad_output, Options...>> ||
    (R == reduction::none && operand<values_type<is_grad_output, Options...>>);

/// A gradient has the element type of what it is taken with respect to, or the one that is computed in.
template <class Output, class A, class Of, class Other>
concept gradient_output = (output<Output, A> ||
                           output<Output, element_of<Of const>>)&&same_shape<Of, Output>&& same_shape<Other, Output>;

template <class A, class Input, class Target, class... Options>
concept grad_target_if_given = (count_of<is_grad_target, Options...> <= 1) &&
                               (!given<is_grad_target, Options...> ||
                                gradient_output<values_type<is_grad_target, Options...>, A, Target, Input>);

template <reduction R, class Accumulator, class Input, class Target, class GradInput, class... Options>
concept gradient_arguments =
    arguments<R, Accumulator, Input, Target, Options...> && grad_output_if_given<R, Options...> &&
    gradient_output<GradInput, accumulator_type<Accumulator, Input, Target, Options...>, Input, Target> &&
    grad_target_if_given<accumulator_type<Accumulator, Input, Target, Options...>, Input, Target, Options...> &&
    (count_of<is_grad_output, Options...> <= 1) &&
    count_is_one_number<Options...> && !given<is_output, Options...> &&
    (count_of<is_length, Options...> == (pointer<Input> || pointer<Target>));

/// s = ∂loss/∂none_i: what the gradient is scaled by, apart from its weight.
template <reduction R, class A, class Operands, class Denominator>
L1LOSS_INLINE constexpr auto gradient_scale(Operands const& ops, bool is_mean, Denominator denominator) {
    if constexpr (R == reduction::none && !std::is_same_v<decltype(ops.scale), nothing>) {
        return ops.scale;
    } else {
        A g = 1;
        if constexpr (!std::is_same_v<decltype(ops.scale), nothing>) g = A(ops.scale.value);
        return constant<A>{is_mean ? quotient(g, denominator) : g};
    }
}

/// What a mean of operands is over, read before anything is written: their number, that of the selected, or the sum of weights.
template <class Arch, class Operands, class Size>
L1LOSS_INLINE constexpr auto denominator_of(Operands const& ops, Size n, bool is_mean) {
    if constexpr (Operands::is_weighted || Operands::is_selective) {
        using result = typename decltype(ops.denominators())::sum_type;
        return is_mean ? canonical_sum<Arch>(ops.denominators(), n, unfinished{}) : result(1);
    } else {
        return std::size_t(n);
    }
}

/// f(writes…): the gradients that are asked for, and where they go.
template <class Arch, class Operands, class Scale, class GradInput, class F, class... Options>
L1LOSS_INLINE constexpr auto with_gradients(Operands const& ops, std::size_t n, auto const& result, Scale s, GradInput& grad_input,
                                            F f, Options&... options) {
    auto const write = [](auto const& terms, auto* out) L1LOSS_INLINE {
        return written<std::remove_cvref_t<decltype(terms)>, std::remove_pointer_t<decltype(out)>>{terms, out};
    };
    auto const write_count = [&] {
        if constexpr (given<is_count, Options...> && Operands::is_selective)
            *count_output(options...) = canonical_sum<Arch>(ops.ones(), n, unfinished{});
        else if constexpr (given<is_count, Options...>) *count_output(options...) = n;
    };
    auto* const out = result.output(grad_input, "grad_input");
    refuse_overlaps(out, n, n, "grad_input", ops);
    if constexpr (given<is_grad_target, Options...>) {
        auto* const other = result.output(option<is_grad_target>(options...).values, "grad_target");
        refuse_overlaps(other, n, n, "grad_target", ops);
        refuse_shared(out, "grad_input", other, "grad_target", n);
        write_count();
        return f(write(ops.gradient_terms(s), out), write(ops.exchanged().gradient_terms(s), other));
    } else {
        write_count();
        return f(write(ops.gradient_terms(s), out));
    }
}

} // namespace detail

/// The gradient of the L1 loss with respect to `input`, written to `grad_input`:
///
///     grad_input_i = s·w_i where input_i > target_i, -s·w_i where input_i < target_i, +0 where neither (NaN included)
///
///     reduction::none   s = g_i, of grad_output(g) with one number per element or for all
///     reduction::sum    s = g, one number; 1 if it is not given
///     reduction::mean   s = A(double(g) / double(N)) with N the number of elements, or with weights their sum
///
/// as PyTorch's l1_loss has it on a CPU, but for the sign of a zero. The gradient with respect to `target` is its negative, and
/// written too if grad_target(out) is given. weights(w), where(mask) and skip_nan are those of l1_loss: the gradient of what
/// does not count is +0, and the mean is over what does.
///
///     l1_loss_backward(x, y, grad)                           of the mean
///     l1_loss_backward<reduction::sum>(x, y, grad, grad_output(0.5f), grad_target(other))
///     l1_loss_backward<reduction::none>(x, y, grad, grad_output(g))
///     l1_loss_backward(x, y, grad, r)                        mean or sum, chosen at run time
///     l1_loss_backward(x, y, grad, n)                        of pointers with a length
///
/// Arguments, accumulator, errors and constant evaluation: as for l1_loss. `grad_input` has as many elements as `input`, of its
/// type or the one that is computed in; it may be exactly the memory of what is read, or apart from all of it. An input or target
/// that is broadcast gets the gradient of its extended self, in the shape of the result.
template <reduction R = reduction::mean, class Accumulator = void, class Input, class Target, class GradInput, class... Options,
          class Arch = xsimd::default_arch>
requires detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...> L1LOSS_INLINE constexpr void
l1_loss_backward(Input const& input, Target const& target, GradInput&& grad_input, Options&&... options) {
    using namespace detail;
    using A = accumulator_type<Accumulator, Input, Target, Options...>;
    bool is_mean = R == reduction::mean;
    if constexpr (given<is_reduction, Options...>) {
        check_scalar(option<is_reduction>(options...));
        is_mean = option<is_reduction>(options...) == reduction::mean;
    }
    with_operands<A>(
        input, target,
        [&](auto const& ops, auto n, auto const& result) L1LOSS_INLINE {
            auto const s = gradient_scale<R, A>(ops, is_mean, denominator_of<Arch>(ops, n, is_mean));
            with_gradients<Arch>(
                ops, n, result, s, grad_input, [&](auto const&... writes) L1LOSS_INLINE { write_terms<Arch>(n, writes...); },
                options...);
        },
        options...);
}

/// The same, and returns the loss, bit for bit that of l1_loss: in one pass over input and target. (A mean over weights, a mask
/// or skip_nan reads what it needs for that denominator before.) R is mean or sum.
template <reduction R = reduction::mean, class Accumulator = void, class Input, class Target, class GradInput, class... Options,
          class Arch = xsimd::default_arch>
requires(R != reduction::none && detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>)
    L1LOSS_INLINE constexpr auto l1_loss_with_gradient(Input const& input, Target const& target, GradInput&& grad_input,
                                                       Options&&... options) {
    using namespace detail;
    using A = accumulator_type<Accumulator, Input, Target, Options...>;
    bool is_mean = R == reduction::mean;
    if constexpr (given<is_reduction, Options...>) {
        check_scalar(option<is_reduction>(options...));
        is_mean = option<is_reduction>(options...) == reduction::mean;
    }
    return with_operands<A>(
        input, target,
        [&](auto const& ops, auto n, auto const& result) L1LOSS_INLINE {
            auto const denominator = denominator_of<Arch>(ops, n, is_mean);
            auto const terms = ops.terms();
            constexpr bool is_signed = decltype(ops.terms())::is_signed;
            auto const sum = [&](auto const&... writes) L1LOSS_INLINE {
                auto const all =
                    writing<std::remove_const_t<decltype(terms)>, std::remove_cvref_t<decltype(writes)>...>{terms, {writes...}};
                auto const finished = [&](auto finish) L1LOSS_INLINE {
                    using over = finish_over<decltype(finish), std::remove_const_t<decltype(denominator)>>;
                    using Operands = std::remove_cvref_t<decltype(ops)>;
                    if constexpr (Operands::is_weighted || Operands::is_selective)
                        return canonical_sum<Arch>(all, n, over{finish, denominator});
                    else return canonical_sum<Arch>(all, n, finish);
                };
                if constexpr (given<is_reduction, Options...>)
                    return finished(finish_as<is_signed>{option<is_reduction>(options...)});
                else return finished(finish<R, is_signed>{});
            };
            return with_gradients<Arch>(ops, n, result, gradient_scale<R, A>(ops, is_mean, denominator), grad_input, sum,
                                        options...);
        },
        options...);
}

} // namespace l1loss
