// libtorch with forward alone, and with forward and backward.
//
// Tensors are made and a first call is done before the loops are timed. Calls are not inlined here, because a call costs nothing
// against what libtorch takes.
#include <algorithm>

#include "../element.hpp"
#include "../parallel.hpp"
#include "../timed_loop.hpp"
#include "../variant.hpp"
#include "torch_tensors.hpp"

namespace l1loss_bench {
namespace {

template <int threads, torch_type type = torch_type::float32, class T = float>
double time_forward(benchmark::State& state, T const* x, T const* y, std::size_t n) {
    torch_tensors tensors(x, y, n, threads, type);
    tensors.forward();
    for (auto _ : state) tensors.forward(); // the result is complete when it returns
    return tensors.loss();
}

double time_both(benchmark::State& state, operands o) {
    torch_tensors tensors(o.input, o.target, o.columns);
    tensors.forward_and_backward();
    for (auto _ : state) tensors.forward_and_backward();
    std::copy_n(tensors.gradient(), o.columns, o.out);
    return tensors.loss();
}

[[maybe_unused]] bool const entered =
    (candidates<float>().push_back({work::mean, "torch", answer::loss, 0, {&time_forward<1>, &time_forward<1>}}),
     enter(variant_candidate{variant::gradient, "torch", answer::loss, &time_both}), true);
template <torch_type type> bool enter_rounded(elements of) { // to the type of the elements, after the sum and after the division
    return enter(element_candidate{of, "torch", answer::rounded_loss, false, &time_forward<1, type, void>}), true;
}
[[maybe_unused]] bool const entered_elements =
    enter_rounded<torch_type::half>(elements::half) && enter_rounded<torch_type::bfloat16>(elements::bfloat16);
#if L1LOSS_BENCH_PARALLEL
[[maybe_unused]] bool const entered_threads = (enter(parallel_candidate{"torch", answer::loss, &time_forward<2>}),
                                               enter(parallel_candidate{"torch_one_thread", answer::loss, &time_forward<1>}), true);
#endif

} // namespace
} // namespace l1loss_bench
