// libtorch, forward and backward. The tensors are there before. In a loop of its own, of calls that are not inlined: beside what
// it takes, a call is nothing.
#include <algorithm>

#include "../variant.hpp"
#include "torch_tensors.hpp"

namespace l1loss_bench {
namespace {

double time_torch(benchmark::State& state, operands o) {
    torch_tensors tensors(o.input, o.target, o.columns);
    for (auto _ : state) tensors.forward_and_backward();
    std::copy_n(tensors.gradient(), o.columns, o.out);
    return tensors.loss();
}

[[maybe_unused]] bool const entered = (enter({variant::gradient, "torch", answer::loss, &time_torch}), true);

} // namespace
} // namespace l1loss_bench
