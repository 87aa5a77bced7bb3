// Benchmarks of l1_loss<reduction::none>, against others that write |x - y| and against the write ceiling.
#include <bit>
#include <cmath>
#include <cstdint>

#include "bench.hpp"
#include "variant.hpp"

namespace l1loss_bench {

namespace {

/// Each element is right to the bit, or wrong.
verdict check(operands const& o, answer expected, double) {
    for (std::size_t i = 0; i < o.columns; ++i) {
        float const x = o.input[i], y = o.target[i];
        auto const bits = std::bit_cast<std::uint32_t>(x) | std::bit_cast<std::uint32_t>(y);
        if (!(o.out[i] == (expected == answer::bits ? std::bit_cast<float>(bits) : std::abs(x - y)))) return wrong;
    }
    return {0, 0};
}

} // namespace

/// Three arrays of 2048 floats fit the first level of cache, of 32768 the second, of 2^20 a large third. Those of 2^24 are in
/// memory.
void register_none() {
    for (std::size_t n : {16, 64, 256, 1024, 2048, 4096, 32768, 1 << 20, 1 << 24})
        register_variant(variant::none, "none/float/aligned", 1, n, &check);
}

} // namespace l1loss_bench
