// What a time depends on besides the code, for the head of every output.
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

} // namespace

void describe_context() {
    benchmark::AddCustomContext("cpu", cpu_model());
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
    benchmark::AddCustomContext("benchmark", L1LOSS_BENCH_BENCHMARK);
}

} // namespace l1loss_bench
