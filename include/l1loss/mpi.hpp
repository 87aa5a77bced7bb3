// The L1 loss and its gradient of elements that the ranks of an MPI communicator hold.
#pragma once

#include <l1loss/accumulator.hpp>
#include <l1loss/detail/call/ranks.hpp>
#include <l1loss/gradient.hpp>

namespace l1loss::inline L1LOSS_FLAGS {

/// Returns the loss of the elements of all ranks, on all ranks. It has the bits of one call of l1_loss on the concatenation of
/// their elements in the order of ranks, for any number of ranks and any split. A rank may have no elements.
///
///     l1_loss(MPI_COMM_WORLD, x, y)
///     l1_loss<reduction::sum, double>(comm, x, y, weights(w), where(mask), skip_nan, count(n))
///     l1_loss(comm, pool, x, y)                             each rank on the threads of an executor or a policy (parallel.hpp)
///
/// The call is collective: every rank of `comm` makes it, with the same template arguments, types and options, and its own
/// elements. count(n) tells each rank how many elements of all ranks count. Arguments, elements and options are those of l1_loss,
/// and R is mean or sum. A broadcast is that of one rank's argument.
///
/// Each rank sends one state of at most 15 KB, in O(log P) steps: MPI_Allreduce with an operation that is not commutative. Before
/// that, MPI_Exscan adds the lengths in 64 bits, and an MPI_Allreduce of 16 bytes tells whether all arguments fit. Exact sums of
/// integers send 16 bytes.
///
/// Errors. If the arguments of a rank do not fit, all ranks throw std::invalid_argument before anything is written. The text is
/// that of the first such rank, and names it. An executor must not throw. MPI itself must be initialised, and its errors are those
/// of the communicator's error handler. This header needs exceptions, and links with an MPI library, as the target l1loss::mpi
/// does.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class... Options>
    requires(R != reduction::none && detail::loss_arguments<R, Accumulator, Input, Target, Options...>)
auto l1_loss(MPI_Comm comm, Input const& input, Target const& target, Options&&... options) {
    return detail::on_all_ranks(comm, detail::on_this_thread<Arch>{}, [&](auto const& context) {
        return detail::compute_loss<R, Accumulator>(context, input, target, detail::parse(options...));
    });
}
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, detail::execution Execution,
          class Input, class Target, class... Options>
    requires(R != reduction::none && detail::loss_arguments<R, Accumulator, Input, Target, Options...>)
auto l1_loss(MPI_Comm comm, Execution&& execution, Input const& input, Target const& target, Options&&... options) {
    return detail::with_threads<Arch>(execution, [&](auto const& threads) {
        return detail::on_all_ranks(comm, threads, [&](auto const& context) {
            return detail::compute_loss<R, Accumulator>(context, input, target, detail::parse(options...));
        });
    });
}

/// Writes the gradient with respect to the elements of this rank, and returns the loss of all ranks. Both have the bits of one call
/// of l1_loss_with_gradient on the concatenation. The gradient of a mean is divided by the number of elements of all ranks, or by
/// the sum of all weights. The rest is as for l1_loss on ranks. No argument is broadcast.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class GradInput, class... Options>
    requires(R != reduction::none && !detail::is_broadcast<Input> && !detail::is_broadcast<Target> &&
             detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>)
auto l1_loss_with_gradient(MPI_Comm comm, Input const& input, Target const& target, GradInput&& grad_input, Options&&... options) {
    return detail::on_all_ranks(comm, detail::on_this_thread<Arch>{}, [&](auto const& context) {
        return detail::compute_gradient<detail::sum_of_terms, R, Accumulator>(context, input, target, grad_input,
                                                                              detail::parse(options...));
    });
}
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, detail::execution Execution,
          class Input, class Target, class GradInput, class... Options>
    requires(R != reduction::none && !detail::is_broadcast<Input> && !detail::is_broadcast<Target> &&
             detail::gradient_arguments<R, Accumulator, Input, Target, GradInput, Options...>)
auto l1_loss_with_gradient(MPI_Comm comm, Execution&& execution, Input const& input, Target const& target, GradInput&& grad_input,
                           Options&&... options) {
    return detail::with_threads<Arch>(execution, [&](auto const& threads) {
        return detail::on_all_ranks(comm, threads, [&](auto const& context) {
            return detail::compute_gradient<detail::sum_of_terms, R, Accumulator>(context, input, target, grad_input,
                                                                                  detail::parse(options...));
        });
    });
}

/// Returns the accumulator of the elements of all ranks, on all ranks. Each rank has a part that begins where that of the rank
/// before it ends. The call is collective, sends what l1_loss on ranks sends, and throws on all ranks if the parts do not meet or
/// only some have weights.
///
///     l1_accumulator<float> part(first_index);     // of this rank's elements in the whole
///     while (more) part.update(x, y);
///     reduce(comm, part).mean()
template <class T> l1_accumulator<T> reduce(MPI_Comm comm, l1_accumulator<T> const& part) {
    detail::runs<T> s;
    std::byte bytes[detail::max_bytes<T>];
    detail::read_bytes(s, std::span<std::byte const>(bytes, part.to_bytes(bytes)));
    bool const is_first = detail::sum_before(comm, 1) == 0;
    std::uint64_t const mine = part.last_index() - (is_first ? 0 : part.first_index()), before = detail::sum_before(comm, mine);
    detail::error_text error;
    if (!is_first && part.first_index() != before)
        error.append("the accumulator begins at element "), error.append(part.first_index()),
            error.append(", and the one before ends at "), error.append(before);
    using weighting = detail::runs<T>::weighting;
    std::uint64_t sums[] = {mine, s.kind == weighting::unweighted, s.kind == weighting::weighted};
    detail::agree(comm, error.size > 8 ? error.chars : nullptr, sums);
    if (sums[1] != 0 && sums[2] != 0) detail::fail("weights are given on some ranks and not on others, expected all or none");
    detail::merge_over_ranks<xsimd::default_arch>(comm, s, sums[2] != 0 ? 2 : 1, std::size_t(sums[0]));
    return l1_accumulator<T>::from_bytes(std::span<std::byte const>(bytes, detail::write_bytes(s, bytes)));
}
/// The same for exact sums of integers. Throws on all ranks if the sum does not fit 64 bits.
inline l1_accumulator<std::uint64_t> reduce(MPI_Comm comm, l1_accumulator<std::uint64_t> const& part) {
    std::uint64_t sums[] = {part.sum() & 0xffffffff, part.sum() >> 32, part.count()};
    detail::sum_over_ranks(comm, sums);
    std::uint64_t const high = sums[1] + (sums[0] >> 32);
    if (high >> 32 != 0) detail::fail("the sum of ", sums[2], " elements of all ranks does not fit 64 bits");
    std::byte bytes[detail::bytes_of_exact_sum];
    detail::write_bytes(high << 32 | (sums[0] & 0xffffffff), sums[2], bytes);
    return l1_accumulator<std::uint64_t>::from_bytes(bytes);
}

} // namespace l1loss::inline L1LOSS_FLAGS
