// A fixed set of calls whose instructions Valgrind counts, because counts are repeatable where times are not.
//
// instructions.py runs it and compares the counts with instructions.txt.
#include <cstdio>
#include <span>
#include <tuple>
#include <vector>

#include <valgrind/callgrind.h>

#include <l1loss/l1loss.hpp>

#include "timed_loop.hpp"
#include "workload.hpp"

namespace {

using l1loss::l1_loss;
using l1loss::reduction;
using l1loss_bench::make_opaque;

constexpr std::size_t longest = 1 << 17;

float const *input, *target, *weights;
unsigned char const* mask;
l1loss::float16_t const *half_input, *half_target;
float* out;
l1loss_bench::workload<float> floats, others;
l1loss_bench::workload<double> doubles;

struct kernel {
    char const* name;
    double (*call)(std::size_t n);
    std::vector<std::size_t> lengths;
};

template <std::size_t N> double fixed(std::size_t) {
    return l1_loss(std::span<float const, N>(input, N), std::span<float const, N>(target, N));
}

template <std::size_t columns> double by_row(std::size_t n) {
    l1loss::l1_loss_rows(std::span(input, n), std::span(target, n), n / columns, std::span(out, n / columns));
    return 0;
}
template <std::size_t columns> double by_column(std::size_t n) {
    l1loss::l1_loss_columns(std::span(input, n), std::span(target, n), n / columns, std::span(out, columns));
    return 0;
}

/// Rows with a gap after each, with the interface of std::mdspan.
struct padded {
    float const* data;
    std::size_t rows, columns;

    static constexpr std::size_t rank() { return 2; }
    float const* data_handle() const { return data; }
    std::size_t extent(std::size_t r) const { return r == 0 ? rows : columns; }
    std::size_t stride(std::size_t r) const { return r == 0 ? columns + 8 : 1; }
};
template <std::size_t columns> double of_padded(std::size_t n) {
    return l1_loss(padded{input, n / columns, columns}, padded{target, n / columns, columns});
}

kernel const kernels[] = {
    {"mean_float",
     [](std::size_t n) -> double { return l1_loss(input, target, n); },
     {1, 3, 8, 15, 64, 100, 784, 2048, 4096, longest}},
    {"mean_double",
     [](std::size_t n) {
         auto const [x, y] = doubles.arrays(0, n);
         return l1_loss(x, y, n);
     },
     {1, 15, 784, 4096}},
    {"mean_float_in_double", [](std::size_t n) { return l1_loss<reduction::mean, double>(input, target, n); }, {15, 784, 4096}},
    {"mean_u8", // of the bytes of the floats
     [](std::size_t n) -> double {
         return l1_loss(reinterpret_cast<unsigned char const*>(input), reinterpret_cast<unsigned char const*>(target), n);
     },
     {64, 4096}},
    {"mean_half", [](std::size_t n) -> double { return l1_loss(half_input, half_target, n); }, {64, 4096}},
    {"mean_fixed_15", &fixed<15>, {15}},
    {"mean_fixed_512", &fixed<512>, {512}},
    {"none", [](std::size_t n) { return l1_loss<reduction::none>(input, target, n, out), 0.0; }, {15, 4096}},
    {"backward", [](std::size_t n) { return l1loss::l1_loss_backward(input, target, out, n), 0.0; }, {15, 4096}},
    {"with_gradient",
     [](std::size_t n) -> double { return l1loss::l1_loss_with_gradient(input, target, out, n); },
     {15, 64, 4096, longest}},
    {"weighted", [](std::size_t n) -> double { return l1_loss(input, target, n, l1loss::weights(weights)); }, {15, 4096}},
    {"masked", [](std::size_t n) -> double { return l1_loss(input, target, n, l1loss::where(mask)); }, {15, 4096}},
    {"skip_nan", [](std::size_t n) -> double { return l1_loss(input, target, n, l1loss::skip_nan); }, {15, 4096}},
    {"rows_of_15", &by_row<15>, {1500}},
    {"rows_of_64", &by_row<64>, {6400}},
    {"columns_of_64", &by_column<64>, {6400}},
    {"padded_rows_of_100", &of_padded<100>, {10000}},
    {"padded_rows_of_1000", &of_padded<1000>, {10000}},
    {"chunks_of_100",
     [](std::size_t n) -> double {
         l1loss::l1_accumulator<float> loss;
         for (std::size_t i = 0; i < n; i += 100) loss.update(input + i, target + i, 100);
         return loss.mean();
     },
     {10000}},
};

} // namespace

int main(int argc, char**) {
    if (argc > 1) return std::puts(L1LOSS_BENCH_BUILT_WITH) < 0;
    std::tie(input, target) = floats.arrays(0, longest);
    weights = others.arrays(16, longest).second;
    (void)doubles.arrays(0, longest);
    std::vector<unsigned char> bytes(longest);
    for (std::size_t i = 0; i < longest; ++i) bytes[i] = weights[i] < 0.8f;
    mask = bytes.data();
    std::vector<l1loss::float16_t> const halves(input, input + longest), other_halves(target, target + longest);
    half_input = halves.data();
    half_target = other_halves.data();
    std::vector<float> results(longest);
    out = results.data();

    for (kernel const& k : kernels)
        for (std::size_t n : k.lengths) {
            auto call = k.call;
            make_opaque(call);
            call(n); // a first call, so that symbols are resolved
            CALLGRIND_TOGGLE_COLLECT;
            double result = call(n);
            CALLGRIND_TOGGLE_COLLECT;
            make_opaque(result);
            char name[64];
            std::snprintf(name, sizeof name, "%s/%zu", k.name, n);
            CALLGRIND_DUMP_STATS_AT(name);
        }
}
