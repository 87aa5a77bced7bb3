// Weights, masks and missing values beside the plain loss of as many elements: lengths, and how the means are checked.
//
// On top of variant.hpp, under main.cpp; the implementations enter themselves.
#include <bit>
#include <cmath>
#include <cstdint>

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

/// The bits of all elements XORed, third(i) being beside input and target.
template <class Third>
verdict check_bits(operands const& o, double result, Third third) {
    std::uint32_t any = 0;
    for (std::size_t i = 0; i < o.columns; ++i)
        any ^= std::bit_cast<std::uint32_t>(o.input[i]) ^ std::bit_cast<std::uint32_t>(o.target[i]) ^ third(i);
    return result == double(std::bit_cast<float>(any & below_two<std::uint32_t>)) ? verdict{0, 0} : wrong;
}

verdict check_weighted(operands const& o, answer expected, double mean) {
    if (expected == answer::bits)
        return check_bits(o, mean, [&](std::size_t i) { return std::bit_cast<std::uint32_t>(o.weights[i]); });
    return check_mean(o, mean, [&](std::size_t i) { return expected == answer::plain_loss ? 1.0f : o.weights[i]; });
}
verdict check_masked(operands const& o, answer expected, double mean) {
    // Four bytes of the mask are one word of bits.
    if (expected == answer::bits) return check_bits(o, mean, [&](std::size_t i) { return std::uint32_t{o.mask[i]} << i % 4 * 8; });
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
