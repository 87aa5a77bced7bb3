// The L1 loss, its gradient and its rows on several threads: the contract, then the functions. Not part of l1loss.hpp.
//
// On top of gradient.hpp and rows.hpp, which say what each function does, and detail/sum/threads.hpp.
#pragma once

#include <l1loss/detail/sum/threads.hpp>
#include <l1loss/gradient.hpp>
#include <l1loss/loss.hpp>
#include <l1loss/rows.hpp>

namespace l1loss {

/// The functions of loss.hpp, gradient.hpp and rows.hpp (not l1_loss_columns), with what runs them in front; the bits are those
/// of the function without it, whatever the number of threads and whatever they do when:
///
///     l1_loss(std::execution::par, x, y)                     on the threads of the standard library
///     l1_loss(pool, x, y, weights(w), where(mask))           on the caller's own
///
/// A policy is any of std::execution. Include <execution>, and link what the standard library needs for it: oneTBB for
/// libstdc++ (find_package(TBB), TBB::tbb); this header does not need it, nor does anything else here.
///
/// An executor is a callable `pool(n, task)` that calls task(i) once for each i in 0 … n-1, on whatever threads and in whatever
/// order, and returns when all are done: these calls happen before it returns. `task` is an indexed_task, and n is at most 64,
/// which is as many threads as have something to do.
///
///     auto const pool = [&](std::size_t n, l1loss::indexed_task task) { my_pool.for_each_index(n, task); };
///
/// Arguments, named arguments, accumulators, results and errors are those of the function without threads. All arguments are
/// checked before a task begins, and no task throws. What the executor throws goes to the caller; it throws only when no task
/// runs any more, and outputs may then have been written in part.
///
/// One thread, the one that calls, does all where more would not pay: short inputs (below 2^17 elements computed in float, or 2^16
/// in double); views that are neither dense nor, for rows, have dense rows; and the gradient of what is broadcast. Nothing of this
/// library allocates or locks; up to 16 KiB of the stack are used. (What the policy or the executor does is its own affair.)
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Execution, class Input,
          class Target, class... Options>
    requires(detail::execution<Execution> && detail::loss_arguments<R, Accumulator, Input, Target, Options...>)
auto l1_loss(Execution&& execution, Input const& input, Target const& target, Options&&... options) {
    return detail::with_threads<Arch>(
        execution, [&](auto const& context) { return detail::compute_loss<R, Accumulator>(context, input, target, options...); });
}

template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Execution, class Input,
          class Target, class GradInput, class... Options>
    requires(detail::execution<Execution> && detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>)
void l1_loss_backward(Execution&& execution, Input const& input, Target const& target, GradInput&& grad_input,
                      Options&&... options) {
    detail::with_threads<Arch>(execution, [&](auto const& context) {
        detail::compute_gradient<R, Accumulator>(context, input, target, grad_input, options...);
    });
}

template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Execution, class Input,
          class Target, class GradInput, class... Options>
    requires(R != reduction::none && detail::execution<Execution> &&
             detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>)
auto l1_loss_with_gradient(Execution&& execution, Input const& input, Target const& target, GradInput&& grad_input,
                           Options&&... options) {
    return detail::with_threads<Arch>(execution, [&](auto const& context) {
        return detail::compute_loss_and_gradient<R, Accumulator>(context, input, target, grad_input, options...);
    });
}

template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Execution, class Input,
          class Target, class... Options>
    requires(detail::execution<Execution> && detail::matrix_arguments<R, Accumulator, Input, Target, Options...>)
void l1_loss_rows(Execution&& execution, Input const& input, Target const& target, Options&&... options) {
    detail::with_threads<Arch>(
        execution, [&](auto const& context) { detail::compute_rows<R, Accumulator>(context, input, target, options...); });
}

} // namespace l1loss
