// Benchmarks of l1_loss against other ways to the same number.
//
// Names are work/type/setting/implementation/n, as in mean/float/aligned/eigen/784.
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bench.hpp"
#include "timed_loop.hpp"
#include "workload.hpp"

namespace l1loss_bench {

namespace {

struct setting {
    char const* name;
    pace at;
    std::size_t offset; // of both arrays from a cache line, in elements
    bool fixed;
    std::size_t longest;
};

constexpr std::size_t any_length = std::size_t(-1);
constexpr std::size_t short_enough_to_wait_for = 4096; // beyond, latency is the same as throughput

constexpr setting settings[] = {
    {"aligned", pace::throughput, 0, false, any_length},
    {"misaligned", pace::throughput, 1, false, any_length},
    {"latency", pace::latency, 0, false, short_enough_to_wait_for},
    {"cold", pace::cold, 0, false, 1 << 20}, // beyond, every setting is cold
    {"random", pace::random, 0, false, any_length},
    {"fixed", pace::throughput, 0, true, any_length},
    {"fixed_latency", pace::latency, 0, true, any_length},
};

/// Every length up to a stripe of floats, the fixed lengths, then odd and even ones up to a block and beyond.
///
///     floats × 2   where both arrays lie
///     2048         in the first level of cache
///     4096         fill a first level of 32 KiB
///     32768        in the second level
///     2^20         in the third level, if it is large
///     2^25         in memory
///
/// Random lengths have 1 … n.
std::vector<std::size_t> lengths(setting const& s) {
    if (s.at == pace::random) return {16, 64, 128, 512, 2048};
    std::vector<std::size_t> n(64);
    for (std::size_t i = 0; i < 64; ++i) n[i] = i + 1;
    for (std::size_t more :
         {100, 127, 128, 256, 512, 784, 1000, 1024, 2048, 4096, 5000, 32768, 1 << 17, 1 << 20, 1 << 22, 1 << 24, 1 << 25, 1 << 26})
        n.push_back(more);
    return n;
}

/// The relative error in units of u: 2^-24 for float, 2^-53 for double.
template <class T> double error_in_u(candidate<T> const& c, workload<T>& data, std::size_t offset, std::size_t n, double result) {
    if (c.expected == answer::bits) return result == data.exact_bits(offset, n) ? 0 : INFINITY;
    long double const sum = data.exact_sum(offset, n);
    long double const exact = c.of == work::mean ? sum / (long double)n : sum;
    return double(std::abs(result - exact) / exact / workload<T>::unit);
}

template <class T> void run(benchmark::State& state, candidate<T> const& c, setting const& s) {
    static workload<T> data;
    auto const n = std::size_t(state.range(0));
    bool const cold = s.at == pace::cold, random = s.at == pace::random;
    std::size_t const last = cold ? cold_places<T>(n).last() : s.offset; // where the last call reads
    auto const [x, y] = data.arrays(s.offset, cold ? cold_places<T>(n).end() : n);
    double const result = c.at[int(s.at)](state, x, y, n);

    // The timed loop itself is checked. It runs once before a time is taken, and the benchmark ends here if the result was wrong.
    // The bound is that of the worst order: n additions in a row, one subtraction and one division, each off by u.
    double const error = error_in_u(c, data, last, random ? random_lengths(n).back() : n, result);
    if (!(error <= double(n) + 2)) state.SkipWithError("the result is not the loss");
    state.counters["u"] = error;
    state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t((random ? n + 1 : 2 * n) * sizeof(T)));
}

/// Implementations are the inner loop, so that those that are compared run one after the other even without shuffling.
template <class T> void register_type(work w, char const* work_name, char const* type) {
    for (setting const& s : settings)
        for (std::size_t n : lengths(s))
            for (candidate<T> const& c : candidates<T>()) {
                if (c.of != w || n > s.longest || c.fixed_length != (s.fixed ? n : 0)) continue;
                if (!c.at[int(s.at)]) continue;
                std::string const name = std::string(work_name) + '/' + type + '/' + s.name + '/' + c.implementation;
                auto* const b = benchmark::RegisterBenchmark(name.c_str(), [&c, &s](benchmark::State& state) { run(state, c, s); });
                b->Arg(std::int64_t(n));
                if (s.at == pace::cold) b->UseManualTime()->Iterations(cold_passes);
            }
}

} // namespace

std::vector<std::uint16_t> const& random_lengths(std::size_t longest) {
    static std::map<std::size_t, std::vector<std::uint16_t>> all;
    auto& lengths = all[longest];
    for (std::size_t i = lengths.size(); i < 1 << 16; ++i) lengths.push_back(std::uint16_t(1 + split_mix(i) % longest));
    return lengths;
}

template <class T> std::vector<candidate<T>>& candidates() {
    static std::vector<candidate<T>> all;
    return all;
}
template std::vector<candidate<float>>& candidates();
template std::vector<candidate<double>>& candidates();

void register_loss() {
    register_type<float>(work::mean, "mean", "float");
    register_type<double>(work::mean, "mean", "double");
    register_type<float>(work::sum, "sum", "float");
    register_type<double>(work::sum, "sum", "double");
}

} // namespace l1loss_bench
