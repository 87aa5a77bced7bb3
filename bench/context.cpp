// Describes what a time depends on besides the code, for the head of every output.
#include <unistd.h>

#include <fstream>
#include <string>

#include <xsimd/xsimd.hpp>

#if defined(L1LOSS_BENCH_DISPATCH)
#include <l1loss/l1loss.h>
#endif

#include "bench.hpp"

namespace l1loss_bench {

namespace {

std::string cpu_model() {
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name")) return line.substr(line.find(": ") + 2);
    return "unknown";
}

/// The sizes of the data caches in bytes, from the first level on. Google Benchmark reads them from a file system that a virtual
/// machine may lack.
std::string data_caches() {
    std::string sizes;
#if defined(_SC_LEVEL1_DCACHE_SIZE)
    for (int level : {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE})
        if (long const size = sysconf(level); size > 0) sizes += (sizes.empty() ? "" : " ") + std::to_string(size);
#endif
    return sizes;
}

} // namespace

std::string machine() { return cpu_model() + ", " + L1LOSS_BENCH_COMPILER + ", " + L1LOSS_BENCH_FLAGS; }

void describe_context() {
    benchmark::AddCustomContext("cpu", cpu_model());
    benchmark::AddCustomContext("data_caches", data_caches());
    benchmark::AddCustomContext("isa", xsimd::default_arch::name());
#if defined(L1LOSS_BENCH_DISPATCH)
    benchmark::AddCustomContext("dispatch", l1loss_active_isa());
#endif
    benchmark::AddCustomContext("compiler", L1LOSS_BENCH_COMPILER);
    benchmark::AddCustomContext("flags", L1LOSS_BENCH_FLAGS);
    benchmark::AddCustomContext("l1loss", L1LOSS_BENCH_VERSION);
    benchmark::AddCustomContext("xsimd", std::to_string(XSIMD_VERSION_MAJOR) + '.' + std::to_string(XSIMD_VERSION_MINOR) + '.' +
                                             std::to_string(XSIMD_VERSION_PATCH));
    benchmark::AddCustomContext("eigen", L1LOSS_BENCH_EIGEN);
    benchmark::AddCustomContext("torch", L1LOSS_BENCH_TORCH);
    benchmark::AddCustomContext("tbb", L1LOSS_BENCH_TBB);
    benchmark::AddCustomContext("xtensor", L1LOSS_BENCH_XTENSOR);
    benchmark::AddCustomContext("opencv", L1LOSS_BENCH_OPENCV);
    benchmark::AddCustomContext("openblas", L1LOSS_BENCH_OPENBLAS);
    benchmark::AddCustomContext("faiss", L1LOSS_BENCH_FAISS);
    benchmark::AddCustomContext("benchmark", L1LOSS_BENCH_BENCHMARK);
}

} // namespace l1loss_bench
