// Measures the error of the mean of each implementation, by length, on benign and on adversarial data.
//
// Each is called once and not timed. Names are error/type/data/implementation/n.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "bench.hpp"
#include "timed_loop.hpp"
#include "workload.hpp"

namespace l1loss_bench {

namespace {

constexpr std::size_t longest = std::size_t{1} << 24;
constexpr float u = 0x1p-24f;

float random_unit(std::uint64_t i) { return float(split_mix(i) >> 40) * u; }
float zero(std::size_t) { return 0; }

/// The i-th of n inputs and targets. Their differences are exact multiples of 2^-48. numpy_peer.py has the same data.
struct data {
    char const* name;
    float (*input)(std::size_t i, std::size_t n);
    float (*target)(std::size_t i) = &zero;
};
constexpr data all_data[] = {
    // The data that is also timed, of workload.hpp.
    {"uniform", [](std::size_t i, std::size_t) { return random_unit(2 * i); },
     [](std::size_t i) { return random_unit(2 * i + 1); }},
    // Every term has the same rounding error, in the same direction.
    {"constant", [](std::size_t, std::size_t) { return 0.1f; }},
    // The last terms are small relative to the sum before them.
    {"decreasing", [](std::size_t i, std::size_t n) { return float(n - i); }},
    // A term that is added to the first alone is lost.
    {"large_first", [](std::size_t i, std::size_t) { return i == 0 ? 1 : 0.75f * u; }},
    // The same for 8, 16 or 32 accumulators: a stripe of large terms, then seven stripes of small ones.
    {"large_rows", [](std::size_t i, std::size_t) { return i % 512 < 64 ? 1 : 0.75f * u; }},
    // Random significands, and exponents over seven decades.
    {"decades",
     [](std::size_t i, std::size_t) {
         std::uint64_t const bits = split_mix(i);
         return std::ldexp(float((bits >> 41) + (1 << 23)), -24 - int(bits % 24));
     }},
};

/// Keeps the last data and length, because every implementation gets the same in turn.
struct memory {
    std::vector<float> input = std::vector<float>(longest), target = std::vector<float>(longest);
    data const* of = nullptr;
    std::size_t n = 0;
    long double mean = 0;

    void fill(data const& d, std::size_t length) {
        if (&d == of && length == n) return;
        of = &d, n = length;
        unsigned __int128 sum = 0; // in units of 2^-48
        for (std::size_t i = 0; i < n; ++i) {
            input[i] = d.input(i, n), target[i] = d.target(i);
            sum += static_cast<unsigned __int128>(std::abs((long double)input[i] - target[i]) * 0x1p48L);
        }
        mean = (long double)sum * 0x1p-48L / (long double)n;
    }
};

void run(benchmark::State& state, candidate<float> const& c, data const& d) {
    static memory all;
    auto const n = std::size_t(state.range(0));
    all.fill(d, n);
    double const result = c.at[int(pace::throughput)](state, all.input.data(), all.target.data(), n);
    double const error = double(std::abs(result - all.mean) / all.mean) / u;
    if (!(error <= double(n) + 2)) state.SkipWithError("the result is not the loss");
    state.counters["u"] = error;
}

} // namespace

void register_error() {
    for (data const& d : all_data)
        for (std::size_t n = 16; n <= longest; n *= 4)
            for (candidate<float> const& c : candidates<float>()) {
                if (c.of != work::mean || c.expected != answer::loss || c.fixed_length != 0) continue;
                benchmark::RegisterBenchmark((std::string("error/float/") + d.name + '/' + c.implementation).c_str(),
                                             [&c, &d](benchmark::State& state) { run(state, c, d); })
                    ->Arg(std::int64_t(n))
                    ->Iterations(1);
            }
}

} // namespace l1loss_bench
