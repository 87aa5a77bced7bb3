// Eigen with a run-time length.
#include <Eigen/Core>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

struct eigen {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        using array = Eigen::Array<T, Eigen::Dynamic, 1>;
        Eigen::Map<array const> const input(x, Eigen::Index(n));
        Eigen::Map<array const> const target(y, Eigen::Index(n));
        if constexpr (W == work::mean) return (input - target).abs().mean();
        else return (input - target).abs().sum();
    }
};

[[maybe_unused]] bool const entered = enter_implementation<eigen, float, double>("eigen");

} // namespace
} // namespace l1loss_bench
