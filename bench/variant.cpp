// Runs the variants of the loss, and gives them their memory.
#include "variant.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <vector>

#include "workload.hpp"

namespace l1loss_bench {

namespace {

constexpr std::size_t pitch_beyond_columns = 8; // rows do not touch, and the gaps hardly count in a cache

std::vector<variant_candidate>& candidates() {
    static std::vector<variant_candidate> all;
    return all;
}

struct release {
    void operator()(void* p) const { std::free(p); }
};
template <class T> std::unique_ptr<T[], release> allocate() {
    std::unique_ptr<T[], release> p(static_cast<T*>(std::aligned_alloc(64, most_elements * sizeof(T))));
    if (!p) throw std::bad_alloc();
    return p;
}

/// The memory that every implementation and every length gets.
struct memory {
    workload<float> pair, others;
    std::unique_ptr<unsigned char[], release> mask = allocate<unsigned char>();
    std::unique_ptr<float[], release> with_nans = allocate<float>(), out = allocate<float>();

    memory() {
        operands const o = arrays();
        for (std::size_t i = 0; i < most_elements; ++i) {
            mask[i] = o.weights[i] < 0.8f;
            with_nans[i] = mask[i] ? o.input[i] : std::numeric_limits<float>::quiet_NaN();
        }
    }
    operands arrays() {
        auto const [input, target] = pair.arrays(0, most_elements);
        float const* const weights = others.arrays(16, most_elements).second; // 16: not the numbers of the target
        return {input, target, weights, mask.get(), with_nans.get(), out.get(), 0, 0, 0};
    }
};

void run(benchmark::State& state, variant_candidate const& c, std::size_t rows, variant_check check) {
    static memory all;
    operands o = all.arrays();
    o.rows = rows;
    o.columns = std::size_t(state.range(0));
    o.pitch = o.columns + pitch_beyond_columns;
    if (rows * (rows == 1 ? o.columns : o.pitch) > most_elements) throw std::length_error("a shape beyond most_elements");
    std::fill_n(o.out, rows * o.columns, std::numeric_limits<float>::quiet_NaN()); // so that no old output passes the check

    auto const [error, bound] = check(o, c.expected, c.loop(state, o));
    if (!(error <= bound)) state.SkipWithError("the result is not what it is meant to be");
    state.counters["u"] = error;
}

} // namespace

void enter(variant_candidate const& c) { candidates().push_back(c); }

double error_in_u(double result, long double exact) { return double(std::abs(result - exact) / exact / workload<float>::unit); }

void register_variant(variant of, std::string const& work_type_setting, std::size_t rows, std::size_t columns,
                      variant_check check) {
    for (variant_candidate const& c : candidates())
        if (c.of == of)
            benchmark::RegisterBenchmark((work_type_setting + '/' + c.implementation).c_str(), [&c, rows,
                                                                                                check](benchmark::State& state) {
                run(state, c, rows, check);
            })->Arg(std::int64_t(columns));
}

} // namespace l1loss_bench
