// Prints a short table of the scalar loop and this library.
//
// run.py measures the figures that are published.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "bench.hpp"

namespace {

double median(std::vector<double> x) {
    auto const middle = x.begin() + long(x.size() / 2);
    std::nth_element(x.begin(), middle, x.end());
    return *middle;
}

/// Collects times and errors by length and implementation.
class table : public benchmark::BenchmarkReporter {
public:
    bool ReportContext(Context const&) override { return true; } // the line under the title has what matters

    void ReportRuns(std::vector<Run> const& runs) override {
        for (Run const& run : runs) {
            std::string const& name = run.run_name.function_name; // work/type/setting/implementation
            cell& at = rows_[std::stol(run.run_name.args)][name.substr(name.rfind('/') + 1)];
            if (!run.counters.contains("u") || run.iterations == 0) continue; // the result was wrong
            at.nanoseconds.push_back(run.GetAdjustedCPUTime());
            at.error = run.counters.at("u");
        }
    }

    /// Prints medians over all passes. Returns false if a result was wrong or nothing ran.
    bool print() const {
        std::printf("%9s %23s %23s %10s\n", "n", "scalar loop", "l1loss", "faster");
        for (auto const& [n, row] : rows_) {
            cell const &scalar = row.at("scalar"), &ours = row.at("l1loss");
            std::size_t const passes = scalar.nanoseconds.size();
            if (passes == 0 || ours.nanoseconds.size() != passes) return std::printf("%9ld a result was wrong\n", n), false;
            std::vector<double> faster(passes);
            for (std::size_t i = 0; i < passes; ++i) faster[i] = scalar.nanoseconds[i] / ours.nanoseconds[i];
            std::printf("%9ld %11.1f ns %7.2f u %11.1f ns %7.2f u %8.1f x\n", n, median(scalar.nanoseconds), scalar.error,
                        median(ours.nanoseconds), ours.error, median(faster));
        }
        return !rows_.empty();
    }

private:
    struct cell {
        std::vector<double> nanoseconds; // one per pass
        double error = 0;
    };
    std::map<long, std::map<std::string, cell>> rows_;
};

} // namespace

int main(int, char** argv) {
    l1loss_bench::register_loss();
    std::printf("The mean absolute error of n floats: median time of a call, and its error in units of u = 2^-24\n(%s)\n\n",
                l1loss_bench::machine().c_str());
    std::fflush(stdout);
    // A pass times each length with one implementation and, some milliseconds later, with the other. So a ratio belongs to one
    // moment of a machine whose speed drifts. All passes take about 3 s.
    char filter[] = "--benchmark_filter=^mean/float/aligned/(scalar|l1loss)/(16|64|256|1024|4096|32768|1048576)$";
    char duration[] = "--benchmark_min_time=0.01";
    char* arguments[] = {argv[0], filter, duration, nullptr};
    int count = 3;
    benchmark::Initialize(&count, arguments);
    table results;
    for (int pass = 0; pass < 9; ++pass) benchmark::RunSpecifiedBenchmarks(&results);
    return results.print() ? 0 : 1;
}
