// Benchmarks of elements that come in chunks, against one call on all of them.
//
// In a name, n is the length of a chunk.
#include <cmath>

#include "bench.hpp"
#include "variant.hpp"

namespace l1loss_bench {

namespace {

/// Checks the mean over weights(i). A term has up to two roundings in the numerator and one in the denominator.
template <class Weights> verdict check_mean(operands const& o, double mean, Weights weights) {
    long double sum = 0, weight = 0;
    std::size_t const n = streamed_elements / o.columns * o.columns;
    for (std::size_t i = 0; i < n; ++i) {
        sum += (long double)weights(i) * std::abs((long double)o.input[i] - o.target[i]);
        weight += weights(i);
    }
    return {error_in_u(mean, sum / weight), 2 * double(n) + 4};
}
verdict check_plain(operands const& o, answer, double mean) {
    return check_mean(o, mean, [](std::size_t) { return 1.0f; });
}
verdict check_weighted(operands const& o, answer, double mean) {
    return check_mean(o, mean, [&](std::size_t i) { return o.weights[i]; });
}

} // namespace

/// Each benchmark takes the whole chunks that fit in 2^20 elements.
void register_accumulator() {
    for (std::size_t n : {15, 64, 100, 512, 1000, 4096, 65536}) {
        register_variant(variant::chunks, "chunks/float/1048576_elements", 1, n, &check_plain);
        register_variant(variant::weighted_chunks, "weighted_chunks/float/1048576_elements", 1, n, &check_weighted);
    }
}

} // namespace l1loss_bench
