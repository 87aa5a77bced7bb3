// Weights, masks and missing values beside the plain loss of as many elements: lengths, and how the means are checked.
//
// On top of variant.hpp, under main.cpp; the implementations enter themselves.
#include <cmath>

#include "bench.hpp"
#include "variant.hpp"

namespace l1loss_bench {

namespace {

/// The mean over weights(i). In the numerator there may be two roundings a term, in the denominator one.
template <class Weights>
verdict check_mean(operands const& o, double mean, Weights weights) {
    long double sum = 0, weight = 0;
    for (std::size_t i = 0; i < o.columns; ++i) {
        sum += (long double)weights(i) * std::abs((long double)o.input[i] - o.target[i]);
        weight += weights(i);
    }
    return {error_in_u(mean, sum / weight), 2 * double(o.columns) + 4};
}

verdict check_weighted(operands const& o, answer expected, double mean) {
    return check_mean(o, mean, [&](std::size_t i) { return expected == answer::plain_loss ? 1.0f : o.weights[i]; });
}
verdict check_masked(operands const& o, answer expected, double mean) {
    return check_mean(o, mean, [&](std::size_t i) { return expected == answer::plain_loss || o.mask[i] ? 1.0f : 0.0f; });
}

} // namespace

void register_named() {
    for (std::size_t n : {64, 1024, 2048, 4096, 65536, 1 << 22}) {
        register_variant(variant::weighted, "weighted/float/aligned", 1, n, &check_weighted);
        register_variant(variant::masked, "masked/float/aligned", 1, n, &check_masked);
        register_variant(variant::skip_nan, "skip_nan/float/aligned", 1, n, &check_masked); // NaN where the mask is not set
    }
}

} // namespace l1loss_bench
