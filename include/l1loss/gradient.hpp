// The gradient of the L1 loss, alone or in one pass with the loss.
#pragma once

#include <l1loss/detail/call/gradient.hpp>
#include <l1loss/loss.hpp>

namespace l1loss::inline L1LOSS_FLAGS {

/// Writes the gradient of the L1 loss with respect to `input` to `grad_input`:
///
///     grad_input_i = s·w_i where input_i > target_i, -s·w_i where input_i < target_i, +0 where neither (NaN included)
///
///     reduction::none   s = g_i, of grad_output(g) with one number per element or for all
///     reduction::sum    s = g, one number; 1 if it is not given
///     reduction::mean   s = A(double(g) / double(N)) with N the number of elements, or with weights their sum
///
/// w_i is the weight, or 1 without weights. For a finite g, the values are those of PyTorch's l1_loss on a CPU, except for the
/// sign of a zero.
///
/// The gradient with respect to `target` is the negative of this. The option grad_target(out) writes it too. The options
/// weights(w), where(mask) and skip_nan are those of l1_loss. The gradient of an element that does not count is +0, and the mean
/// is over the elements that count.
///
///     l1_loss_backward(x, y, grad)                           of the mean
///     l1_loss_backward<reduction::sum>(x, y, grad, grad_output(0.5f), grad_target(other))
///     l1_loss_backward<reduction::none>(x, y, grad, grad_output(g))
///     l1_loss_backward(x, y, grad, r)                        mean or sum, chosen at run time
///     l1_loss_backward(x, y, grad, n)                        of pointers with a length
///
/// R is mean, sum or none. Accumulator, Arch, arguments, errors and constant evaluation are those of l1_loss.
///
/// Two arguments of integers have no gradient, so such a call does not compile. Convert one, or use dequantized(…).
///
/// `grad_input` has the size of `input`, and the floating-point element type of `input`, rounded once, or Accumulator. It is
/// exactly the memory of one array that the call reads, of the same element type, or disjoint from all.
///
/// The gradient of a broadcast argument has the argument's own shape. Each of its elements is the canonical sum, in row-major
/// order, of the gradients at all indexes to which the element was repeated. Its memory is disjoint from all arguments, and it
/// must know its size, so it is not a pointer.
///
/// The g of grad_output(g) is one number of any arithmetic type, which is converted to Accumulator. With one number per element,
/// their type is not wider than Accumulator.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class GradInput, class... Options>
    requires detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>
L1LOSS_INLINE constexpr void l1_loss_backward(Input const& input, Target const& target, GradInput&& grad_input,
                                              Options&&... options) {
    detail::compute_gradient<detail::no_sum, R, Accumulator>(detail::on_this_thread<Arch>{}, input, target, grad_input,
                                                             detail::parse(options...));
}

/// Writes the gradients as l1_loss_backward does, and returns the loss with the bits of l1_loss. R is mean or sum.
///
/// Both take one pass over input and target. A mean with weights, a mask or skip_nan first takes a pass over what its denominator
/// depends on.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class GradInput, class... Options>
    requires(R != reduction::none && detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>)
L1LOSS_INLINE constexpr auto l1_loss_with_gradient(Input const& input, Target const& target, GradInput&& grad_input,
                                                   Options&&... options) {
    return detail::compute_gradient<detail::sum_of_terms, R, Accumulator>(detail::on_this_thread<Arch>{}, input, target, grad_input,
                                                                          detail::parse(options...));
}

} // namespace l1loss::inline L1LOSS_FLAGS
