// The benchmark program: Google Benchmark's own command line, and --table for a short comparison to look at.
#include <cstdio>
#include <string_view>
#include <vector>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "bench.hpp"
#include "table_reporter.hpp"

namespace {

/// Implementations that allocate get memory that was there before, up to 32 MiB, which is as much as the allocator lets be said:
/// pages that the operating system has to find and clear at each call cost more than the loss.
void keep_memory() {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

/// Every pass times each length with one implementation and then, a few ms later, with the other, so that the ratio is of
/// the same moment of a machine whose speed drifts. About 3 s in all.
int print_table(char* program) {
    char filter[] = "--benchmark_filter=^mean/float/aligned/(scalar|l1loss)/(16|64|256|1024|4096|32768|1048576)$";
    char duration[] = "--benchmark_min_time=0.01";
    char* arguments[] = {program, filter, duration, nullptr};
    int count = 3;
    benchmark::Initialize(&count, arguments);
    l1loss_bench::table_reporter reporter("scalar", "l1loss");
    for (int pass = 0; pass < 9; ++pass) benchmark::RunSpecifiedBenchmarks(&reporter);
    return reporter.print() ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    keep_memory();
    l1loss_bench::describe_context();
    l1loss_bench::register_loss();
    l1loss_bench::register_error();
    l1loss_bench::register_none();
    l1loss_bench::register_gradient();
    l1loss_bench::register_named();
    l1loss_bench::register_rows();
    l1loss_bench::register_accumulator();
#if L1LOSS_BENCH_PARALLEL
    l1loss_bench::register_parallel();
#endif
    if (argc == 2 && std::string_view(argv[1]) == "--table") return print_table(argv[0]);

    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    if (benchmark::RunSpecifiedBenchmarks() > 0) return 0;
    std::fputs("no benchmark has such a name\n", stderr);
    return 1;
}
