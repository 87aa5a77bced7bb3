// The variants of the loss (none, gradient, weights, masks, rows, columns, views) beside what they are compared with: what a call
// is given, the loop that it is timed in, and how an implementation enters.
//
// On top of timed_loop.hpp, under implementations/ and the variants' *.bench.cpp.
#pragma once

#include <cstddef>
#include <string>

#include "timed_loop.hpp"

namespace l1loss_bench {

enum class variant { none, gradient, weighted, masked, skip_nan, rows, pitched_rows, pitched, columns, chunks, weighted_chunks };

/// Elements in each array; and all that an accumulator is given in chunks.
inline constexpr std::size_t most_elements = std::size_t{1} << 24, streamed_elements = std::size_t{1} << 20;

/// What a call reads, and where it writes. Every array begins at a cache line.
struct operands {
    float const *input, *target;
    float const* weights;
    unsigned char const* mask; // set for about four elements of five
    float const* with_nans;    // the input, but NaN where the mask is not set
    float* out;                // a loss for each element, row or column, or a gradient
    std::size_t rows, columns; // one row, unless the variant has several
    std::size_t pitch;         // from row to row in a view, in elements
};

/// The time of calls with these operands; gives the last result.
using variant_loop = double (*)(benchmark::State&, operands);

struct variant_candidate {
    variant of;
    char const* implementation;
    answer expected;
    variant_loop loop;
};

/// Into the comparison, in the order of the calls. In variant.cpp.
void enter(variant_candidate const& c);

template <class Implementation>
double time_variant(benchmark::State& state, operands o) {
    float result = 0;
    for (auto _ : state) {
        make_opaque(o.input);
        make_opaque(o.target);
        make_opaque(o.columns);
        result = Implementation::call(o);
        make_opaque(result);
        benchmark::ClobberMemory(); // what was written may be read now
    }
    return double(result);
}

/// Enters an implementation, a struct with a force-inlined `static float call(operands const&)`.
template <class Implementation>
bool enter_variant(variant of, char const* name, answer expected = answer::loss) {
    enter(variant_candidate{of, name, expected, &time_variant<Implementation>});
    return true;
}

// ---- For the variants' *.bench.cpp.

/// How far a result is from the reference, in units of u = 2^-24, and how far it may be. Infinitely far is what is not even
/// meant to be the answer.
struct verdict {
    double error, bound;
};
inline constexpr verdict wrong = {__builtin_inf(), 0};

/// Compares the last result, and what is in o.out, with a reference of its own. o.out held NaN before.
using variant_check = verdict (*)(operands const& o, answer expected, double result);

/// Off by so many u, relative to `exact` > 0.
double error_in_u(double result, long double exact);

/// Enters all candidates for a variant into Google Benchmark, as work/type/setting/implementation/columns.
void register_variant(variant of, std::string const& work_type_setting, std::size_t rows, std::size_t columns, variant_check check);

} // namespace l1loss_bench
