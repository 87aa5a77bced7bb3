// Benchmarks of weights, masks, missing values and thresholds, against the plain loss of as many elements.
#include <bit>
#include <cmath>
#include <cstdint>

#include "bench.hpp"
#include "variant.hpp"

namespace l1loss_bench {

namespace {

/// Checks the mean over weights(i). A term has up to two roundings in the numerator and one in the denominator.
template <class Weights> verdict check_mean(operands const& o, double mean, Weights weights) {
    long double sum = 0, weight = 0;
    for (std::size_t i = 0; i < o.columns; ++i) {
        sum += (long double)weights(i) * std::abs((long double)o.input[i] - o.target[i]);
        weight += weights(i);
    }
    return {error_in_u(mean, sum / weight), 2 * double(o.columns) + 4};
}

/// Checks the XOR of the bits of all elements, where third(i) comes from the array beside input and target.
template <class Third> verdict check_bits(operands const& o, double result, Third third) {
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
    // Four bytes of the mask make one word of bits.
    if (expected == answer::bits) return check_bits(o, mean, [&](std::size_t i) { return std::uint32_t{o.mask[i]} << i % 4 * 8; });
    return check_mean(o, mean, [&](std::size_t i) { return expected == answer::plain_loss || o.mask[i] ? 1.0f : 0.0f; });
}

template <bool is_early> verdict check_exceeds(operands const& o, answer expected, double result) {
    if (expected != answer::loss) return check_masked(o, expected, result);
    return result == is_early ? verdict{0, 0} : wrong;
}

} // namespace

void register_options() {
    for (std::size_t n : {8192, 65536, 1 << 20}) {
        register_variant(variant::exceeds_early, "exceeds_early/float/aligned", 1, n, &check_exceeds<true>);
        register_variant(variant::exceeds_never, "exceeds_never/float/aligned", 1, n, &check_exceeds<false>);
    }
    for (std::size_t n : {64, 1024, 2048, 4096, 65536, 1 << 22}) {
        register_variant(variant::weighted, "weighted/float/aligned", 1, n, &check_weighted);
        register_variant(variant::masked, "masked/float/aligned", 1, n, &check_masked);
        // The input is NaN where the mask is not set.
        register_variant(variant::skip_nan, "skip_nan/float/aligned", 1, n, &check_masked);
    }
}

} // namespace l1loss_bench
