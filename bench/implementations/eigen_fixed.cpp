// Eigen with a fixed length.
#include <Eigen/Core>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

template <std::size_t N> struct eigen_fixed {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t) {
        using array = Eigen::Array<T, int(N), 1>;
        Eigen::Map<array const> const input(x);
        Eigen::Map<array const> const target(y);
        if constexpr (W == work::mean) return (input - target).abs().mean();
        else return (input - target).abs().sum();
    }
};

[[maybe_unused]] bool const entered = enter_fixed<eigen_fixed, float, double>("eigen");

} // namespace
} // namespace l1loss_bench
