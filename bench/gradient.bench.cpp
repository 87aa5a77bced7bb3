// Benchmarks of l1_loss_with_gradient, against two separate calls, automatic differentiation by libtorch, and the write ceiling.
#include <bit>
#include <cmath>
#include <cstdint>

#include "bench.hpp"
#include "variant.hpp"

namespace l1loss_bench {

namespace {

/// A gradient is right to the bit, or wrong. u is the error of the loss.
verdict check(operands const& o, answer expected, double loss) {
    std::size_t const n = o.columns;
    float const s = 1 / float(n);
    long double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
        float const x = o.input[i], y = o.target[i];
        float const gradient = x > y ? s : x < y ? -s : 0.0f;
        auto const bits = std::bit_cast<std::uint32_t>(x) | std::bit_cast<std::uint32_t>(y);
        if (!(o.out[i] == (expected == answer::bits ? std::bit_cast<float>(bits) : gradient))) return wrong;
        sum += std::abs((long double)x - y);
    }
    if (expected == answer::bits) return {0, 0};
    return {error_in_u(loss, sum / (long double)n), double(n) + 2};
}

} // namespace

/// Three arrays of 1024 floats fit the first level of cache, of 16384 the second, of 2^20 a large third.
void register_gradient() {
    for (std::size_t n : {64, 256, 1024, 4096, 16384, 65536, 1 << 18, 1 << 20})
        register_variant(variant::gradient, "gradient/float/aligned", 1, n, &check);
}

} // namespace l1loss_bench
