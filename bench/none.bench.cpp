// l1_loss<reduction::none> beside others that write |x - y|, and beside what memory allows: lengths, and how each element is
// checked.
//
// On top of variant.hpp, under main.cpp; the implementations enter themselves.
#include <bit>
#include <cmath>
#include <cstdint>

#include "bench.hpp"
#include "variant.hpp"

namespace l1loss_bench {

namespace {

/// Right to the bit, or wrong.
verdict check(operands const& o, answer expected, double) {
    for (std::size_t i = 0; i < o.columns; ++i) {
        float const x = o.input[i], y = o.target[i];
        auto const bits = std::bit_cast<std::uint32_t>(x) | std::bit_cast<std::uint32_t>(y);
        if (!(o.out[i] == (expected == answer::bits ? std::bit_cast<float>(bits) : std::abs(x - y)))) return wrong;
    }
    return {0, 0};
}

} // namespace

/// Three arrays of 2048 floats are in the first level of cache, of 32768 in the second, of 2^20 in the third if it is large, of
/// 2^24 in memory.
void register_none() {
    for (std::size_t n : {16, 64, 256, 1024, 2048, 4096, 32768, 1 << 20, 1 << 24})
        register_variant(variant::none, "none/float/aligned", 1, n, &check);
}

} // namespace l1loss_bench
