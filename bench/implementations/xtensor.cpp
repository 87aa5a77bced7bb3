// xtensor with the expressions of its documentation, on adapted memory.
#define XTENSOR_USE_XSIMD // xtensor vectorises with xsimd
#include <array>

#include <xtensor/xadapt.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>

#include "../timed_loop.hpp"
#include "../variant.hpp"

namespace l1loss_bench {
namespace {

template <class T> L1LOSS_BENCH_INLINE auto adapted(T* p, std::size_t n) {
    return xt::adapt(p, n, xt::no_ownership(), std::array<std::size_t, 1>{n});
}

struct xtensor {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        auto const input = adapted(x, n), target = adapted(y, n);
        if constexpr (W == work::mean) return xt::mean<T>(xt::abs(input - target), xt::evaluation_strategy::immediate)();
        else return xt::sum<T>(xt::abs(input - target), xt::evaluation_strategy::immediate)();
    }
};

struct xtensor_none {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        auto const input = adapted(o.input, o.columns), target = adapted(o.target, o.columns);
        auto out = adapted(o.out, o.columns);
        xt::noalias(out) = xt::abs(input - target);
        return 0;
    }
};

[[maybe_unused]] bool const entered =
    enter_implementation<xtensor, float, double>("xtensor") && enter_variant<xtensor_none>(variant::none, "xtensor");

} // namespace
} // namespace l1loss_bench
