// What a call of l1_loss_backward or l1_loss_with_gradient requires, and what it does.
#pragma once

#include <l1loss/detail/call/loss.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// grad_output is one number, or for reduction::none also one per element, not wider than the accumulator type.
template <reduction R, class A, class... Options> constexpr bool is_grad_output_right() {
    if constexpr (!given<kind::grad_output, Options...> || std::is_arithmetic_v<values_type<kind::grad_output, Options...>>)
        return true;
    else if constexpr (R != reduction::none || !operand<values_type<kind::grad_output, Options...>> ||
                       !scaled_by_numbers<values_type<kind::grad_output, Options...>>)
        return false;
    else return sizeof(element_of<values_type<kind::grad_output, Options...> const>) <= sizeof(A);
}
template <reduction R, class A, class... Options>
concept grad_output_if_given = is_grad_output_right<R, A, Options...>();

/// A gradient has the element type of its argument or the accumulator type. The gradient of a broadcast argument has that
/// argument's own size, so it must not be a pointer.
template <class Output, class A, class Of, class Other>
concept gradient_output =
    (output<Output, A> || (!integer_element<element_of<Of const>> && output<Output, element_of<Of const>>)) &&
    (is_broadcast<Of> ? !pointer<std::remove_cvref_t<Output>> : same_shape<Of, Output> && same_shape<Other, Output>);

template <class A, class Input, class Target, class... Options>
concept grad_target_if_given =
    (!given<kind::grad_target, Options...> || gradient_output<values_type<kind::grad_target, Options...>, A, Target, Input>);

/// Integers have no gradient. Convert one argument to a floating-point type.
template <class Input, class Target>
concept no_integers = !integer_argument<Input> || !integer_argument<Target>;

template <reduction R, class Accumulator, class Input, class Target, class GradInput, class... Options>
concept gradient_arguments =
    no_integers<Input, Target> && scaled_by_numbers<Input> && scaled_by_numbers<Target> &&
    arguments<R, Accumulator, Input, Target, Options...> &&
    grad_output_if_given<R, accumulator_of_call<Accumulator, Input, Target, Options...>, Options...> &&
    gradient_output<GradInput, accumulator_of_call<Accumulator, Input, Target, Options...>, Input, Target> &&
    grad_target_if_given<accumulator_of_call<Accumulator, Input, Target, Options...>, Input, Target, Options...> &&
    options_fit<Input, Target, Options...> && count_is_one_number<Options...> && !given<kind::output, Options...> &&
    length_if_pointer<Input, Target, Options...>;

/// The operands with the scale of the gradient, s = ∂loss/∂none_i without weights.
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

/// The denominator of a mean, computed before anything is written, because an output may be the memory of an argument. It is
/// `nothing` where all elements count alike.
template <class Context, class Operands, class Size>
L1LOSS_INLINE constexpr auto compute_denominator(Context const& context, Operands const& ops, Size n, bool is_mean) {
    if constexpr (Operands::is_weighted)
        return is_mean ? context.sum(terms_of<sum_of_weights>(ops), n).weight : typename Operands::A(1);
    else if constexpr (Operands::skips_elements) return is_mean ? count_selected(context, ops, n) : std::size_t{1};
    else return nothing{};
}

/// The layout of the gradient of an argument: that of the result, or of the argument alone if that is broadcast. Elements are in
/// the traversal order of the result.
template <class Of, class Layout> constexpr auto layout_of_gradient([[maybe_unused]] Of const& argument, Layout const& layout) {
    if constexpr (is_broadcast<Of>) {
        auto const v = shape_view(argument);
        constexpr std::size_t most = max_rank_of<std::remove_const_t<decltype(v)>>;
        bool const is_transposed = layout.shape.rank > 1 && layout.permutation[0] > layout.permutation[1];
        common_layout<most, traversal::as_stored> own{{}, {}, 1};
        for (std::size_t d = 0; d < v.rank; ++d) {
            own.shape.append(v.extent[d], 0);
            own.permutation[d] = is_transposed ? v.rank - 1 - d : d;
        }
        return own;
    } else {
        return layout;
    }
}

/// Checks the outputs, then returns f(grad_input, grad_target) of their first elements. grad_target may be `nothing`.
template <class Input, class Target, class Operands, class Layout, class GradInput, class Options, class F>
L1LOSS_INLINE constexpr auto with_gradients(Input const& input, Target const& target, Operands const& ops, Layout const& layout,
                                            GradInput& grad_input, Options const& options, F f) {
    auto const own = layout_of_gradient(input, layout);
    auto* const of_input = own.output(grad_input, "grad_input");
    refuse_overlaps(of_input, own.size(), layout.size(), "grad_input", ops, !is_broadcast<Input>);
    if constexpr (Options::has_grad_target) {
        auto const own_of_target = layout_of_gradient(target, layout);
        auto* const of_target = own_of_target.output(options.grad_target, "grad_target");
        refuse_overlaps(of_target, own_of_target.size(), layout.size(), "grad_target", ops, !is_broadcast<Target>);
        refuse_shared(of_input, own.size(), "grad_input", of_target, own_of_target.size(), "grad_target");
        return f(of_input, of_target);
    } else {
        return f(of_input, nothing{});
    }
}

/// Writes the gradient with respect to `argument`, which is broadcast. Each of its elements gets the canonical sum, in row-major
/// order, of the gradients at all indexes to which the element was repeated.
template <class Arch, class Argument, class Other, class Options, class Scaled, class Out>
constexpr void write_reduced_gradient(Argument const& argument, Other const& other, Options const& options, Scaled const& scaled,
                                      Out* out) {
    auto const write = [&](auto const& ops, std::size_t n, auto const& layout) {
        std::size_t const rows = layout.rows(), columns = rows == 0 ? 0 : n / rows;
        for (std::size_t r = 0; r < rows; ++r) {
            auto const sum_of_row = [&](auto const& row) {
                return finish<typename Scaled::A, true>(
                    reduction::sum, on_this_thread<Arch>::sum(terms_of<sum_of_gradients>(row), columns), columns);
            };
            auto const row = ops.row(r, columns);
            if constexpr (requires { scaled.scale.value; }) out[r] = to_element<Out>(sum_of_row(row.scaled_by(scaled.scale)));
            else out[r] = to_element<Out>(sum_of_row(row));
        }
    };
    with_operands<typename Scaled::A, traversal::by_input>(argument, other, options, write);
}

/// l1_loss_backward in an execution context, or l1_loss_with_gradient if `what` is sum_of_terms. The gradients of broadcast
/// arguments are written first, and the others in one pass with the sum.
template <summed what, reduction R, class Accumulator, class Context, class Input, class Target, class GradInput, class Options>
L1LOSS_INLINE constexpr auto compute_gradient(Context const& context, Input const& input, Target const& target,
                                              GradInput& grad_input, Options const& options) {
    using A = accumulator_type<Accumulator, Input, Target, typename Options::weights_type>;
    auto const r = reduction_of<R>(options);
    return with_operands<A>(input, target, options, [&](auto const& ops, auto n, auto const& layout) L1LOSS_INLINE {
        auto const write = [&](auto of_input, auto of_target) L1LOSS_INLINE {
            using Arch = typename Context::arch;
            auto const denominator = compute_denominator(context, ops, n, r == reduction::mean);
            auto const scaled = with_scale<R>(ops, r == reduction::mean, given_or(denominator, context.size_of_all(n)));
            write_count(context, scaled, n, options);
            if constexpr (is_broadcast<Input>) write_reduced_gradient<Arch>(input, target, options, scaled, of_input);
            if constexpr (is_broadcast<Target> && Options::has_grad_target)
                write_reduced_gradient<Arch>(target, input, options, scaled, of_target); // exchanged, which changes the sign
            auto const terms = terms_of<what>(scaled, nothing{}, given_if<!is_broadcast<Input>>(of_input),
                                              given_if<!is_broadcast<Target>>(of_target));
            if constexpr (what.terms)
                return context.sum(terms, n, [r, denominator](A sum, auto of) L1LOSS_INLINE {
                    return finish<A, Options::is_weighted>(r, sum, given_or(denominator, of));
                });
            else context.write(terms, n);
        };
        return with_gradients(input, target, ops, layout, grad_input, options, write);
    });
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
