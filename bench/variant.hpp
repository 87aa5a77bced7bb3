// What the benchmarks of variants share: the operands of a call, the timed loop, and how an implementation enters.
//
// Variants are none, gradients, weights, masks, rows, columns and views.
#pragma once

#include <cstddef>
#include <string>

#include "timed_loop.hpp"

namespace l1loss_bench {

enum class variant {
    none,
    gradient,
    weighted,
    masked,
    skip_nan,
    rows,
    pitched_rows,
    pitched,
    columns,
    chunks,
    weighted_chunks,
    exceeds_early,
    exceeds_never
};

/// Elements in each array, and the number that an accumulator is given in chunks.
inline constexpr std::size_t most_elements = std::size_t{1} << 24, streamed_elements = std::size_t{1} << 20;

/// What a call reads, and where it writes. Every array begins at a cache line.
struct operands {
    float const *input, *target;
    float const* weights;
    unsigned char const* mask; // set for about four elements of five
    float const* with_nans;    // the input, with NaN where the mask is not set
    float* out;                // a loss for each element, row or column, or a gradient
    std::size_t rows, columns; // one row, unless the variant has several
    std::size_t pitch;         // from row to row in a view, in elements
};

/// Times calls with these operands. Returns the last result.
using variant_loop = double (*)(benchmark::State&, operands);

struct variant_candidate {
    variant of;
    char const* implementation;
    answer expected;
    variant_loop loop;
};

/// Adds an implementation to the comparison, in the order of the calls. In variant.cpp.
void enter(variant_candidate const& c);

template <class Implementation> double time_variant(benchmark::State& state, operands o) {
    float result = 0;
    for (auto _ : state) {
        make_opaque(o.input);
        make_opaque(o.target);
        make_opaque(o.columns);
        result = Implementation::call(o);
        make_opaque(result);
        benchmark::ClobberMemory(); // the output counts as read
    }
    return double(result);
}

/// Enters an implementation: a struct with a force-inlined `static float call(operands const&)`.
template <class Implementation> bool enter_variant(variant of, char const* name, answer expected = answer::loss) {
    enter(variant_candidate{of, name, expected, &time_variant<Implementation>});
    return true;
}

// ---- For the *.bench.cpp of variants.

/// The error of a result in units of u = 2^-24, and the bound on it. The error is infinite where the result is not close to the
/// answer.
struct verdict {
    double error, bound;
};
inline constexpr verdict wrong = {__builtin_inf(), 0};

/// Compares the last result, and the output in o.out, with its own reference. o.out held NaN before the call.
using variant_check = verdict (*)(operands const& o, answer expected, double result);

/// The error in u, relative to `exact` > 0.
double error_in_u(double result, long double exact);

/// Registers all implementations of a variant with Google Benchmark, as work/type/setting/implementation/columns.
void register_variant(variant of, std::string const& work_type_setting, std::size_t rows, std::size_t columns, variant_check check);

} // namespace l1loss_bench
