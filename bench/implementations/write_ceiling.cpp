// The write ceiling: reads both arrays, and writes the OR of their bits to a third.
#include <bit>
#include <cstdint>

#include <xsimd/xsimd.hpp>

#if XSIMD_WITH_AVX
#include <immintrin.h>
#endif

#include "../variant.hpp"

namespace l1loss_bench {
namespace {

#if XSIMD_WITH_AVX
L1LOSS_BENCH_INLINE void stream(float* p, __m256 x) { _mm256_stream_ps(p, x); }
#endif
#if XSIMD_WITH_AVX512F
L1LOSS_BENCH_INLINE void stream(float* p, __m512 x) { _mm512_stream_ps(p, x); }
#endif

/// Writes past the caches or not. Past them is faster where they do not hold all three arrays.
template <bool past_caches> struct write_ceiling {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        using batch = xsimd::batch<float>;
        constexpr std::size_t lanes = batch::size;
        constexpr std::size_t step = 4 * lanes; // 4 cycles at two loads and a store per cycle, which hide the rest of the loop
        float const *x = o.input, *y = o.target;
        float* out = o.out;
        float* const end = out + o.columns;
        auto const pass = [&](std::size_t at) __attribute__((always_inline)) {
            batch const any = batch::load_unaligned(x + at) | batch::load_unaligned(y + at);
#if XSIMD_WITH_AVX
            if constexpr (past_caches) return stream(out + at, any);
#endif
            any.store_unaligned(out + at);
        };
        for (float* const last = out + o.columns / step * step; out != last; x += step, y += step, out += step) {
            pass(0);
            pass(lanes);
            pass(2 * lanes);
            pass(3 * lanes);
        }
        for (; std::size_t(end - out) >= lanes; x += lanes, y += lanes, out += lanes) pass(0);
        for (; out != end; ++x, ++y, ++out)
            *out = std::bit_cast<float>(std::bit_cast<std::uint32_t>(*x) | std::bit_cast<std::uint32_t>(*y));
#if XSIMD_WITH_AVX
        if constexpr (past_caches) _mm_sfence();
#endif
        return 0;
    }
};

[[maybe_unused]] bool const entered = enter_variant<write_ceiling<false>>(variant::none, "ceiling", answer::bits) &&
                                      enter_variant<write_ceiling<false>>(variant::gradient, "ceiling", answer::bits);
#if XSIMD_WITH_AVX
[[maybe_unused]] bool const entered_past_caches =
    enter_variant<write_ceiling<true>>(variant::none, "ceiling_past_caches", answer::bits);
#endif

} // namespace
} // namespace l1loss_bench
