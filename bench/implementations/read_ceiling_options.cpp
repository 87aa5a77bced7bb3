// The read ceiling with weights or a mask: reads all three arrays, and XORs the bits.
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <xsimd/xsimd.hpp>

#include "../variant.hpp"

namespace l1loss_bench {
namespace {

/// `third` is the array that is read beside input and target. An iteration has up to twelve loads, each with its own accumulator.
template <class Third, Third const* operands::* third> struct ceiling_of_three {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        using floats = xsimd::batch<float>;
        using thirds = xsimd::batch<Third>;
        constexpr std::size_t lanes = floats::size, step = 4 * lanes, times = step / thirds::size;
        float const *x = o.input, *y = o.target;
        Third const* z = o.*third;
        std::size_t i = 0;
        floats a[4] = {0.f, 0.f, 0.f, 0.f}, b[4] = {0.f, 0.f, 0.f, 0.f};
        thirds c[4] = {thirds(Third(0)), thirds(Third(0)), thirds(Third(0)), thirds(Third(0))};
        for (; i + step <= o.columns; i += step) {
#pragma GCC unroll 4
            for (std::size_t k = 0; k < 4; ++k) {
                a[k] = a[k] ^ floats::load_unaligned(x + i + k * lanes);
                b[k] = b[k] ^ floats::load_unaligned(y + i + k * lanes);
                if (k < times) c[k] = c[k] ^ thirds::load_unaligned(z + i + k * thirds::size);
            }
        }
        std::uint32_t any = 0;
        auto const add = [&](auto const& of) __attribute__((always_inline)) {
            std::uint32_t words[sizeof of / 4];
            std::memcpy(words, &of, sizeof of);
            for (std::uint32_t word : words) any ^= word;
        };
        add((a[0] ^ a[1]) ^ (a[2] ^ a[3]));
        add((b[0] ^ b[1]) ^ (b[2] ^ b[3]));
        add((c[0] ^ c[1]) ^ (c[2] ^ c[3]));
        for (; i < o.columns; ++i) {
            any ^= std::bit_cast<std::uint32_t>(x[i]) ^ std::bit_cast<std::uint32_t>(y[i]);
            if constexpr (sizeof(Third) == 4) any ^= std::bit_cast<std::uint32_t>(z[i]);
            else any ^= std::uint32_t{z[i]} << i % 4 * 8;
        }
        return std::bit_cast<float>(any & below_two<std::uint32_t>);
    }
};

[[maybe_unused]] bool const entered =
    enter_variant<ceiling_of_three<float, &operands::weights>>(variant::weighted, "ceiling", answer::bits) &&
    enter_variant<ceiling_of_three<unsigned char, &operands::mask>>(variant::masked, "ceiling", answer::bits);

} // namespace
} // namespace l1loss_bench
