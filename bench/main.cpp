// The benchmark program, with Google Benchmark's command line.
#include <cstdio>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "bench.hpp"

namespace {

/// Makes the allocator keep memory, so that implementations that allocate get pages that already exist. To find and clear pages at
/// each call costs more than the loss. 32 MiB is the largest threshold that the allocator accepts.
void keep_memory() {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

} // namespace

int main(int argc, char** argv) {
    keep_memory();
    l1loss_bench::describe_context();
    l1loss_bench::register_loss();
    l1loss_bench::register_error();
    l1loss_bench::register_none();
    l1loss_bench::register_gradient();
    l1loss_bench::register_options();
    l1loss_bench::register_rows();
    l1loss_bench::register_accumulator();
    l1loss_bench::register_element();
#if L1LOSS_BENCH_PARALLEL
    l1loss_bench::register_parallel();
#endif

    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    if (benchmark::RunSpecifiedBenchmarks() > 0) return 0;
    std::fputs("no benchmark has such a name\n", stderr);
    return 1;
}
