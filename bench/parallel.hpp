// How an implementation on several threads enters the comparison.
#pragma once

#include "timed_loop.hpp"

namespace l1loss_bench {

struct parallel_candidate {
    char const* implementation;
    answer expected;
    timed_loop<float> loop;
};

/// Adds an implementation to the comparison, in the order of the calls. In parallel.bench.cpp.
void enter(parallel_candidate const& c);

/// Enters a struct as for enter_implementation, with the mean of floats.
template <class Implementation> bool enter_parallel(char const* name, answer expected = answer::loss) {
    enter(parallel_candidate{name, expected, &time_calls<Implementation, work::mean, pace::throughput, float>});
    return true;
}

} // namespace l1loss_bench
