// The gradient of the L1 loss, alone or in the same pass as the loss: the contract, then the two functions.
//
// On top of loss.hpp.
#pragma once

#include <l1loss/loss.hpp>

namespace l1loss {

namespace detail {

/// grad_output is one number, or for reduction::none also one per element, of no wider type than what is computed in.
template <reduction R, class A, class... Options>
constexpr bool is_grad_output_right() {
    if constexpr (!given<is_grad_output, Options...> || std::is_arithmetic_v<values_type<is_grad_output, Options...>>) return true;
    else if constexpr (R != reduction::none || !operand<values_type<is_grad_output, Options...>>) return false;
    else return sizeof(element_of<values_type<is_grad_output, Options...> const>) <= sizeof(A);
}
template <reduction R, class A, class... Options>
concept grad_output_if_given = is_grad_output_right<R, A, Options...>();

/// A gradient has the element type of what it is taken with respect to, or the one that is computed in.
template <class Output, class A, class Of, class Other>
concept gradient_output =
    (output<Output, A> || output<Output, element_of<Of const>>) &&
    (is_broadcast<Of> ? !pointer<std::remove_cvref_t<Output>> : same_shape<Of, Output> && same_shape<Other, Output>);

template <class A, class Input, class Target, class... Options>
concept grad_target_if_given =
    (count_of<is_grad_target, Options...> <= 1) &&
    (!given<is_grad_target, Options...> || gradient_output<values_type<is_grad_target, Options...>, A, Target, Input>);

template <reduction R, class Accumulator, class Input, class Target, class GradInput, class... Options>
concept gradient_arguments =
    arguments<R, Accumulator, Input, Target, Options...> &&
    grad_output_if_given<R, accumulator_type<Accumulator, Input, Target, Options...>, Options...> &&
    gradient_output<GradInput, accumulator_type<Accumulator, Input, Target, Options...>, Input, Target> &&
    grad_target_if_given<accumulator_type<Accumulator, Input, Target, Options...>, Input, Target, Options...> &&
    (count_of<is_grad_output, Options...> <= 1) && named_fit<Input, Target, Options...> && count_is_one_number<Options...> &&
    !given<is_output, Options...> && (count_of<is_length, Options...> == (pointer<Input> || pointer<Target>));

/// Whether the reduction is the mean, which may be said at run time.
template <reduction R, class... Options>
constexpr bool reduces_to_mean(Options&... options) {
    if constexpr (given<is_reduction, Options...>) {
        reduction const r = option<is_reduction>(options...);
        check_scalar(r);
        return r == reduction::mean;
    } else {
        return R == reduction::mean;
    }
}

/// The operands with what the gradient is scaled by, apart from its weight: s = ∂loss/∂none_i.
template <reduction R, class Operands, class Denominator>
L1LOSS_INLINE constexpr auto with_scale(Operands const& ops, bool is_mean, Denominator denominator) {
    using A = typename Operands::A;
    using Scale = decltype(ops.scale);
    if constexpr (R == reduction::none && !std::is_same_v<Scale, nothing>) {
        return ops;
    } else {
        A g = 1;
        if constexpr (!std::is_same_v<Scale, nothing>) g = A(ops.scale.value);
        return ops.scaled_by(constant<A>{is_mean ? quotient(g, denominator) : g});
    }
}

/// What a mean of operands is over, read before anything is written: their number, that of the selected, or the sum of weights.
template <class Context, class Operands, class Size>
L1LOSS_INLINE constexpr auto denominator_of(Context const& context, Operands const& ops, Size n, bool is_mean) {
    if constexpr (Operands::is_weighted) {
        return is_mean ? context.sum(terms_of<sum_of_weights>(ops), n, unfinished{}) : typename Operands::A(1);
    } else if constexpr (Operands::skips_elements) {
        return is_mean ? count_selected(context, ops, n) : std::size_t{1};
    } else {
        return std::size_t(n);
    }
}

/// Where the gradient with respect to an argument goes: one number per element of the result, or of the argument alone where
/// that is extended, in the order in which the result is walked.
template <class Of, class Layout, class Out>
constexpr auto* where_gradient_goes(Of const& argument, Layout const& layout, Out& out, char const* name) {
    if constexpr (is_broadcast<Of>) {
        auto const v = shape_view(argument);
        constexpr std::size_t most = max_rank_of<std::remove_const_t<decltype(v)>>;
        bool const is_transposed = layout.shape.rank > 1 && layout.permutation[0] > layout.permutation[1];
        common_layout<most, traversal::as_stored> own{{}, {}, 1};
        for (std::size_t d = 0; d < v.rank; ++d) {
            own.shape.append(v.extent[d], 0);
            own.permutation[d] = is_transposed ? v.rank - 1 - d : d;
        }
        return own.output(out, name);
    } else {
        return layout.output(out, name);
    }
}

/// How many numbers that is.
template <class Of, class Out>
constexpr std::size_t size_of_gradient(std::size_t n, [[maybe_unused]] Out const& out) {
    if constexpr (is_broadcast<Of>) return size_of(out);
    else return n;
}

/// The gradient with respect to an argument that is extended: each element's is the canonical sum of those of all that it
/// became, in row-major order.
template <class Arch, traversal Order, class Input, class Target, class Scaled, class Out, class... Options>
constexpr void write_reduced_gradient(Input const& input, Target const& target, Scaled const& scaled, Out* out,
                                      Options&... options) {
    with_operands<typename Scaled::A, Order>(
        input, target,
        [&](auto const& ops, std::size_t n, auto const& layout) {
            std::size_t const rows = layout.rows(), columns = rows == 0 ? 0 : n / rows;
            for (std::size_t r = 0; r < rows; ++r) {
                auto const sum = [&](auto const& row) {
                    return canonical_sum<Arch>(terms_of<sum_of_gradients>(row), columns, finish<reduction::sum, true>{});
                };
                auto const with_its_scale = [&](auto const& row) {
                    if constexpr (requires { scaled.scale.value; }) return row.scaled_by(scaled.scale);
                    else return row;
                };
                auto const row = with_its_scale(ops.row(r, columns));
                if constexpr (Order == traversal::by_target) out[r] = static_cast<Out>(sum(row.exchanged()));
                else out[r] = static_cast<Out>(sum(row));
            }
        },
        options...);
}

/// All gradients that are asked for: f(grad_input, grad_target) of where those go that have one number per element of the result,
/// or nothing; the others are written at once.
template <class Context, class Input, class Target, class Operands, class Layout, class GradInput, class F, class... Options>
L1LOSS_INLINE constexpr auto with_gradients(Context const& context, Input const& input, Target const& target, Operands const& ops,
                                            std::size_t n, Layout const& layout, GradInput& grad_input, F f, Options&... options) {
    auto* const of_input = where_gradient_goes(input, layout, grad_input, "grad_input");
    refuse_overlaps(of_input, size_of_gradient<Input>(n, grad_input), n, "grad_input", ops, !is_broadcast<Input>);
    auto const of_target = [&] {
        if constexpr (given<is_grad_target, Options...>) {
            auto& grad_target = option<is_grad_target>(options...).values;
            auto* const out = where_gradient_goes(target, layout, grad_target, "grad_target");
            refuse_overlaps(out, size_of_gradient<Target>(n, grad_target), n, "grad_target", ops, !is_broadcast<Target>);
            refuse_shared(of_input, size_of_gradient<Input>(n, grad_input), "grad_input", out,
                          size_of_gradient<Target>(n, grad_target), "grad_target");
            return out;
        } else {
            return nothing{};
        }
    }();

    using Arch = typename Context::arch;
    write_count(context, ops, n, options...);
    if constexpr (is_broadcast<Input>) write_reduced_gradient<Arch, traversal::by_input>(input, target, ops, of_input, options...);
    if constexpr (is_broadcast<Target> && given<is_grad_target, Options...>)
        write_reduced_gradient<Arch, traversal::by_target>(input, target, ops, of_target, options...);
    auto const in_place = [](auto is_reduced, auto out) L1LOSS_INLINE {
        if constexpr (is_reduced) return nothing{};
        else return out;
    };
    return f(in_place(std::bool_constant<is_broadcast<Input>>{}, of_input),
             in_place(std::bool_constant<is_broadcast<Target>>{}, of_target));
}

/// The two functions themselves, in an execution context.
template <reduction R, class Accumulator, class Context, class Input, class Target, class GradInput, class... Options>
L1LOSS_INLINE constexpr void compute_gradient(Context const& context, Input const& input, Target const& target,
                                              GradInput& grad_input, Options&... options) {
    using A = accumulator_type<Accumulator, Input, Target, Options...>;
    bool const is_mean = reduces_to_mean<R>(options...);
    with_operands<A>(
        input, target,
        [&](auto const& ops, auto n, auto const& layout) L1LOSS_INLINE {
            auto const scaled = with_scale<R>(ops, is_mean, denominator_of(context, ops, n, is_mean));
            with_gradients(
                context, input, target, scaled, n, layout, grad_input,
                [&](auto of_input, auto of_target) L1LOSS_INLINE {
                    using Operands = std::remove_const_t<decltype(scaled)>;
                    context.write(
                        combined_terms<no_sum, Operands, nothing, decltype(of_input), decltype(of_target)>{
                            scaled, {}, of_input, of_target},
                        n);
                },
                options...);
        },
        options...);
}

template <reduction R, class Accumulator, class Context, class Input, class Target, class GradInput, class... Options>
L1LOSS_INLINE constexpr auto compute_loss_and_gradient(Context const& context, Input const& input, Target const& target,
                                                       GradInput& grad_input, Options&... options) {
    using A = accumulator_type<Accumulator, Input, Target, Options...>;
    bool const is_mean = reduces_to_mean<R>(options...);
    return with_operands<A>(
        input, target,
        [&](auto const& ops, auto n, auto const& layout) L1LOSS_INLINE {
            auto const denominator = denominator_of(context, ops, n, is_mean);
            auto const scaled = with_scale<R>(ops, is_mean, denominator);
            return with_gradients(
                context, input, target, scaled, n, layout, grad_input,
                [&](auto of_input, auto of_target) L1LOSS_INLINE {
                    using Operands = std::remove_const_t<decltype(scaled)>;
                    combined_terms<sum_of_terms, Operands, nothing, decltype(of_input), decltype(of_target)> const terms{
                        scaled, {}, of_input, of_target};
                    auto const finished = [&](auto finish) L1LOSS_INLINE {
                        using over = finish_over<decltype(finish), std::remove_const_t<decltype(denominator)>>;
                        if constexpr (Operands::is_weighted || Operands::skips_elements)
                            return context.sum(terms, n, over{finish, denominator});
                        else return context.sum(terms, n, finish);
                    };
                    if constexpr (given<is_reduction, Options...>)
                        return finished(finish_as<Operands::is_weighted>{option<is_reduction>(options...)});
                    else return finished(finish<R, Operands::is_weighted>{});
                },
                options...);
        },
        options...);
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
/// as PyTorch's l1_loss has it on a CPU (where g is finite), but for the sign of a zero. The gradient with respect to `target` is
/// its negative, and written too if grad_target(out) is given. weights(w), where(mask) and skip_nan are those of l1_loss: the
/// gradient of what does not count is +0, and the mean is over what does.
///
///     l1_loss_backward(x, y, grad)                           of the mean
///     l1_loss_backward<reduction::sum>(x, y, grad, grad_output(0.5f), grad_target(other))
///     l1_loss_backward<reduction::none>(x, y, grad, grad_output(g))
///     l1_loss_backward(x, y, grad, r)                        mean or sum, chosen at run time
///     l1_loss_backward(x, y, grad, n)                        of pointers with a length
///
/// Arguments, accumulator, errors and constant evaluation: as for l1_loss. `grad_input` has as many elements as `input`, of its
/// type or the one that is computed in; it may be exactly the memory of what is read, or apart from all of it. Where an argument
/// is broadcast, its gradient has its own shape, each element the canonical sum of those of all that it became, in row-major
/// order; and its memory is apart. `grad_output` is no wider than what is computed in.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class GradInput, class... Options>
    requires detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>
L1LOSS_INLINE constexpr void l1_loss_backward(Input const& input, Target const& target, GradInput&& grad_input,
                                              Options&&... options) {
    detail::compute_gradient<R, Accumulator>(detail::on_this_thread<Arch>{}, input, target, grad_input, options...);
}

/// The same, and returns the loss, bit for bit that of l1_loss: in one pass over input and target. (A mean over weights, a mask
/// or skip_nan reads what it needs for that denominator before.) R is mean or sum.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class GradInput, class... Options>
    requires(R != reduction::none && detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>)
L1LOSS_INLINE constexpr auto l1_loss_with_gradient(Input const& input, Target const& target, GradInput&& grad_input,
                                                   Options&&... options) {
    return detail::compute_loss_and_gradient<R, Accumulator>(detail::on_this_thread<Arch>{}, input, target, grad_input, options...);
}

} // namespace l1loss
