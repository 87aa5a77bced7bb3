// The functions of parallel.hpp under the names that they have without threads, for kernels.cpp.
//
// The environment variable L1LOSS_DIGEST_THREADS says how many threads they use.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <utility>

#include <l1loss/parallel.hpp>

#include "../support/threads.hpp"

// Chunks of one block, so that the digest's short inputs are cut into several. parallel.test.cpp tests the chunks that users have.
template <> inline constexpr std::size_t l1loss::detail::min_chunk<float> = order<float>::block;
template <> inline constexpr std::size_t l1loss::detail::min_chunk<double> = order<double>::block;
static_assert(4 * l1loss::detail::min_chunk<float> <= 2048 && 4 * l1loss::detail::min_chunk<double> <= 2048); // longer ones are cut

namespace by {

inline test::threads const executor{[] {
    char const* const threads = std::getenv("L1LOSS_DIGEST_THREADS");
    return std::max(1ul, threads ? std::strtoul(threads, nullptr, 10) : 2ul);
}()};

template <l1loss::reduction R = l1loss::reduction::mean, class Accumulator = void, class... Arguments>
auto l1_loss(Arguments&&... arguments) {
    return l1loss::l1_loss<R, Accumulator>(executor, std::forward<Arguments>(arguments)...);
}

template <l1loss::reduction R = l1loss::reduction::mean, class Accumulator = void, class... Arguments>
void l1_loss_backward(Arguments&&... arguments) {
    l1loss::l1_loss_backward<R, Accumulator>(executor, std::forward<Arguments>(arguments)...);
}

template <l1loss::reduction R = l1loss::reduction::mean, class... Arguments> auto l1_loss_with_gradient(Arguments&&... arguments) {
    return l1loss::l1_loss_with_gradient<R>(executor, std::forward<Arguments>(arguments)...);
}

template <l1loss::reduction R = l1loss::reduction::mean, class... Arguments> void l1_loss_rows(Arguments&&... arguments) {
    l1loss::l1_loss_rows<R>(executor, std::forward<Arguments>(arguments)...);
}

} // namespace by
