// The L1 loss, its gradient and its rows on several threads.
#pragma once

#include <l1loss/detail/sum/threads.hpp>
#include <l1loss/gradient.hpp>
#include <l1loss/loss.hpp>
#include <l1loss/rows.hpp>

namespace l1loss::inline L1LOSS_FLAGS {

/// Runs l1_loss, l1_loss_backward, l1_loss_with_gradient or l1_loss_rows on several threads. The first argument is an execution
/// policy or an executor. The bits are those of the function without it, for any number of threads and any schedule.
///
///     l1_loss(std::execution::par, x, y)                     on the threads of the standard library
///     l1_loss(pool, x, y, weights(w), where(mask))           on the caller's own
///
/// A policy is any of std::execution. Include <execution>, and link what the standard library needs for it. For libstdc++ that is
/// oneTBB, which find_package(TBB) finds. Its target is TBB::tbb. Nothing in l1loss itself needs it. l1loss.hpp does not include
/// this header.
///
/// An executor is a callable `pool(n, task)` that calls task(i) once for each i in 0 … n-1, on any threads and in any order. It
/// returns when all calls are done, so that each of them happens before the return. `task` is an indexed_task. n is at most 64,
/// so at most 64 threads have work.
///
///     auto const pool = [&](std::size_t n, l1loss::indexed_task task) { my_pool.for_each_index(n, task); };
///
/// Template arguments, arguments, options, results and errors are those of the function without threads. All arguments are
/// checked before a task begins, and no task throws. An exception of the executor reaches the caller. The executor must throw
/// only when no task runs any more. Outputs may then be written in part.
///
/// The calling thread does all the work where more threads do not pay. These are the cases:
/// * The input is short: fewer than 2^17 elements computed in float, or 2^16 in double. Exact sums of integers: less than 1 MiB of
///   input and target.
/// * A view, or the extension of a broadcast argument, is not contiguous. For l1_loss_rows, contiguous rows suffice.
/// * The gradient is that of a broadcast argument.
///
/// l1loss itself neither allocates nor locks, and uses up to 32 KiB of the stack. The policy or the executor may allocate and
/// lock.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, detail::execution Execution,
          class Input, class Target, class... Options>
    requires detail::loss_arguments<R, Accumulator, Input, Target, Options...>
auto l1_loss(Execution&& execution, Input const& input, Target const& target, Options&&... options) {
    return detail::with_threads<Arch>(execution, [&](auto const& context) {
        return detail::compute_loss<R, Accumulator>(context, input, target, detail::parse(options...));
    });
}

template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, detail::execution Execution,
          class Input, class Target, class GradInput, class... Options>
    requires detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>
void l1_loss_backward(Execution&& execution, Input const& input, Target const& target, GradInput&& grad_input,
                      Options&&... options) {
    detail::with_threads<Arch>(execution, [&](auto const& context) {
        detail::compute_gradient<detail::no_sum, R, Accumulator>(context, input, target, grad_input, detail::parse(options...));
    });
}

template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, detail::execution Execution,
          class Input, class Target, class GradInput, class... Options>
    requires(R != reduction::none && detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>)
auto l1_loss_with_gradient(Execution&& execution, Input const& input, Target const& target, GradInput&& grad_input,
                           Options&&... options) {
    return detail::with_threads<Arch>(execution, [&](auto const& context) {
        return detail::compute_gradient<detail::sum_of_terms, R, Accumulator>(context, input, target, grad_input,
                                                                              detail::parse(options...));
    });
}

template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, detail::execution Execution,
          class Input, class Target, class... Options>
    requires detail::matrix_arguments<R, Accumulator, Input, Target, Options...>
void l1_loss_rows(Execution&& execution, Input const& input, Target const& target, Options&&... options) {
    detail::with_threads<Arch>(execution, [&](auto const& context) {
        detail::compute_matrix<R, Accumulator, false>(context, input, target, detail::parse(options...));
    });
}

} // namespace l1loss::inline L1LOSS_FLAGS
