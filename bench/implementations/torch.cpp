// libtorch, forward, and forward and backward. The tensors are there before, and a call has been made. In loops of their own, of
// calls that are not inlined: beside what it takes, a call is nothing.
#include <algorithm>

#include "../timed_loop.hpp"
#include "../variant.hpp"
#include "torch_tensors.hpp"

namespace l1loss_bench {
namespace {

double time_forward(benchmark::State& state, float const* x, float const* y, std::size_t n) {
    torch_tensors tensors(x, y, n);
    tensors.forward();
    for (auto _ : state) tensors.forward(); // the result is there when it returns
    return tensors.loss();
}

double time_both(benchmark::State& state, operands o) {
    torch_tensors tensors(o.input, o.target, o.columns);
    tensors.forward_and_backward();
    for (auto _ : state) tensors.forward_and_backward();
    std::copy_n(tensors.gradient(), o.columns, o.out);
    return tensors.loss();
}

[[maybe_unused]] bool const entered = (enter(candidate<float>{work::mean, "torch", answer::loss, 0, &time_forward, &time_forward}),
                                       enter(variant_candidate{variant::gradient, "torch", answer::loss, &time_both}), true);

} // namespace
} // namespace l1loss_bench
