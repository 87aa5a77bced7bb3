// The standard library's algorithm, which may sum in any order.
#include <cmath>
#include <functional>
#include <numeric>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

struct transform_reduce {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        T const sum = std::transform_reduce(x, x + n, y, T(0), std::plus<>(), [](T a, T b) { return std::abs(a - b); });
        return W == work::mean ? sum / T(n) : sum;
    }
};

[[maybe_unused]] bool const entered = enter_implementation<transform_reduce, float, double>("transform_reduce");

} // namespace
} // namespace l1loss_bench
