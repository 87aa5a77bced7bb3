// The rooms of the benchmark program, as main.cpp sees them.
#pragma once

#include <benchmark/benchmark.h>

namespace l1loss_bench {

/// CPU, ISA, compiler, flags and versions, into the context that goes with every result. In context.cpp.
void describe_context();

/// In loss.bench.cpp.
void register_loss();

} // namespace l1loss_bench
