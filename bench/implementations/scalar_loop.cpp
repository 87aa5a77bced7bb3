// The obvious loop, compiled three times with a name and flags from bench/CMakeLists.txt.
#include <cmath>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

struct scalar_loop {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        T sum = 0;
        for (std::size_t i = 0; i < n; ++i) sum += std::abs(x[i] - y[i]);
        return W == work::mean ? sum / T(n) : sum;
    }
};

[[maybe_unused]] bool const entered = enter_implementation<scalar_loop, float, double>(L1LOSS_BENCH_NAME);

} // namespace
} // namespace l1loss_bench
