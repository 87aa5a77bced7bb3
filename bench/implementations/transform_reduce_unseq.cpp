// The standard library's algorithm, with permission to use vector instructions.
#include <cmath>
#include <execution>
#include <functional>
#include <numeric>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

struct transform_reduce_unseq {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        T const sum = std::transform_reduce(std::execution::unseq, x, x + n, y, T(0), std::plus<>(),
                                            [](T a, T b) { return std::abs(a - b); });
        return W == work::mean ? sum / T(n) : sum;
    }
};

[[maybe_unused]] bool const entered = enter_implementation<transform_reduce_unseq, float, double>("transform_reduce_unseq");

} // namespace
} // namespace l1loss_bench
