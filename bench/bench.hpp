// The functions that the parts of the benchmark program provide to main.cpp.
#pragma once

#include <string>

#include <benchmark/benchmark.h>

namespace l1loss_bench {

/// Adds CPU, ISA, compiler, flags and versions to the context of every result. In context.cpp.
void describe_context();

/// CPU, compiler and flags in one line. In context.cpp.
std::string machine();

/// Register the benchmarks of a family. Each is in its *.bench.cpp.
void register_loss();
void register_error();
void register_none();
void register_gradient();
void register_options();
void register_rows();
void register_accumulator();
void register_element();
#if L1LOSS_BENCH_PARALLEL
void register_parallel();
#endif

} // namespace l1loss_bench
