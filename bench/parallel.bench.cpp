// Benchmarks of l1_loss on two threads, against one thread and against what two threads can read.
//
// Times are wall-clock times, of two cores that have nothing else to do, without taskset. Names are
// mean/float/threads/implementation/n/real_time. The program has these benchmarks where TBB was found.
#include <cmath>
#include <string>
#include <vector>

#include "bench.hpp"
#include "parallel.hpp"
#include "workload.hpp"

namespace l1loss_bench {

namespace {

std::vector<parallel_candidate>& candidates() {
    static std::vector<parallel_candidate> all;
    return all;
}

void run(benchmark::State& state, parallel_candidate const& c) {
    static workload<float> data;
    auto const n = std::size_t(state.range(0));
    auto const [x, y] = data.arrays(0, n);
    double const result = c.loop(state, x, y, n);
    long double const exact = data.exact_sum(0, n) / (long double)n;
    double const error = c.expected == answer::bits ? (result == data.exact_bits(0, n) ? 0 : INFINITY)
                                                    : double(std::abs(result - exact) / exact / workload<float>::unit);
    if (!(error <= double(n) + 2)) state.SkipWithError("the result is not what it is meant to be");
    state.counters["u"] = error;
    state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t(2 * n * sizeof(float)));
}

} // namespace

void enter(parallel_candidate const& c) { candidates().push_back(c); }

/// At 2^14 a second thread does not pay. Two arrays of 2^17 are in the second level of cache, of 2^20 in a large third, of 2^25 in
/// memory.
void register_parallel() {
    for (int log : {14, 16, 17, 18, 20, 22, 25})
        for (parallel_candidate const& c : candidates())
            benchmark::RegisterBenchmark((std::string("mean/float/threads/") + c.implementation).c_str(),
                                         [&c](benchmark::State& state) { run(state, c); })
                ->Arg(std::int64_t{1} << log)
                ->UseRealTime();
}

} // namespace l1loss_bench
