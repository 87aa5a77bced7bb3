// The obvious loop for bytes, left to the compiler, with a sum of 32 bits and with one of 64.
#include <cstdint>
#include <cstdlib>

#include "../element.hpp"

namespace l1loss_bench {
namespace {

template <class Sum> struct integer_loop {
    template <work, class T> L1LOSS_BENCH_INLINE static double loss(T const* x, T const* y, std::size_t n) {
        Sum sum = 0;
        for (std::size_t i = 0; i < n; ++i) sum += Sum(std::abs(x[i] - y[i]));
        return double(sum) / double(n);
    }
};

[[maybe_unused]] bool const entered = enter_elements<integer_loop<std::uint32_t>, std::uint8_t>(elements::u8, "loop_O3_32") &&
                                      enter_elements<integer_loop<std::uint64_t>, std::uint8_t>(elements::u8, "loop_O3_64");

} // namespace
} // namespace l1loss_bench
