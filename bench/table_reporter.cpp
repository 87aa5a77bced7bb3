// On top of table_reporter.hpp.
#include "table_reporter.hpp"

#include <algorithm>
#include <cstdio>

namespace l1loss_bench {

namespace {

double median(std::vector<double> x) {
    auto const middle = x.begin() + long(x.size() / 2);
    std::nth_element(x.begin(), middle, x.end());
    return *middle;
}

} // namespace

bool table_reporter::ReportContext(Context const& context) {
    if (!std::exchange(has_context_, true)) PrintBasicContext(&GetErrorStream(), context);
    return true;
}

void table_reporter::ReportRuns(std::vector<Run> const& runs) {
    for (Run const& run : runs) {
        std::string const& name = run.run_name.function_name; // work/type/setting/implementation
        cell& at = rows_[std::stol(run.run_name.args)][name.substr(name.rfind('/') + 1)];
        if (!run.counters.contains("u") || run.iterations == 0) continue; // wrong
        at.nanoseconds.push_back(run.GetAdjustedCPUTime());
        at.error = run.counters.at("u");
    }
}

bool table_reporter::print() const {
    std::printf("\nThe mean absolute error of n floats: median time of a call, and its error in units of u = 2^-24\n\n");
    std::printf("%9s %23s %23s %10s\n", "n", baseline_.c_str(), candidate_.c_str(), "faster");
    for (auto const& [n, row] : rows_) {
        cell const &baseline = row.at(baseline_), &candidate = row.at(candidate_);
        std::size_t const passes = baseline.nanoseconds.size();
        if (passes == 0 || candidate.nanoseconds.size() != passes) return std::printf("%9ld a result was wrong\n", n), false;
        std::vector<double> faster(passes);
        for (std::size_t i = 0; i < passes; ++i) faster[i] = baseline.nanoseconds[i] / candidate.nanoseconds[i];
        std::printf("%9ld %11.1f ns %7.2f u %11.1f ns %7.2f u %8.1f x\n", n, median(baseline.nanoseconds), baseline.error,
                    median(candidate.nanoseconds), candidate.error, median(faster));
    }
    return !rows_.empty();
}

} // namespace l1loss_bench
