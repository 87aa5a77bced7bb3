// The floor for bytes: a bare loop of the instruction that sums their differences, with one accumulator and with two.
#include "../element.hpp"

#if defined(__AVX2__)
#include <immintrin.h>

namespace l1loss_bench {
namespace {

template <std::size_t accumulators> struct sad_loop {
    template <work> L1LOSS_BENCH_INLINE static double loss(std::uint8_t const* x, std::uint8_t const* y, std::size_t n) {
        auto const load = [](std::uint8_t const* p) { return _mm256_loadu_si256(reinterpret_cast<__m256i const*>(p)); };
        __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
        std::size_t i = 0;
        for (; i + 32 * accumulators <= n; i += 32 * accumulators)
            for (std::size_t k = 0; k < accumulators; ++k)
                sums[k] = _mm256_add_epi64(sums[k], _mm256_sad_epu8(load(x + i + 32 * k), load(y + i + 32 * k)));
        std::uint64_t words[4], sum = 0;
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(words), _mm256_add_epi64(sums[0], sums[1]));
        for (std::uint64_t word : words) sum += word;
        for (; i < n; ++i) sum += std::uint64_t(x[i] < y[i] ? y[i] - x[i] : x[i] - y[i]);
        return double(sum) / double(n);
    }
};

[[maybe_unused]] bool const entered = enter_elements<sad_loop<1>, std::uint8_t>(elements::u8, "sad_loop") &&
                                      enter_elements<sad_loop<2>, std::uint8_t>(elements::u8, "sad_loop2");

} // namespace
} // namespace l1loss_bench
#endif
