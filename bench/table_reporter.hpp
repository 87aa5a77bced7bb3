// A short table of two implementations: time, error and ratio by length. For the eye; compare.py is for figures.
//
// Under main.cpp.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

namespace l1loss_bench {

class table_reporter : public benchmark::BenchmarkReporter {
public:
    table_reporter(std::string baseline, std::string candidate)
        : baseline_(std::move(baseline)), candidate_(std::move(candidate)) {}

    bool ReportContext(Context const& context) override;
    void ReportRuns(std::vector<Run> const& runs) override;

    /// Medians over all passes; false if a result was wrong, or nothing ran.
    bool print() const;

private:
    struct cell {
        std::vector<double> nanoseconds; // one a pass
        double error = 0;
    };

    std::string baseline_, candidate_;
    std::map<long, std::map<std::string, cell>> rows_; // by length, then by implementation
    bool has_context_ = false;
};

} // namespace l1loss_bench
