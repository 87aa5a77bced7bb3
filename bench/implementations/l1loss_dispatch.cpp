// The compiled library, through its C interface.
//
// It shows what a call costs against the headers, if L1LOSS_ISA names the instruction set that these are compiled for.
#include <type_traits>

#include <l1loss/l1loss.h>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

struct dispatched {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        if constexpr (std::is_same_v<T, float>) return W == work::mean ? l1loss_mean_f32(x, y, n) : l1loss_sum_f32(x, y, n);
        else return W == work::mean ? l1loss_mean_f64(x, y, n) : l1loss_sum_f64(x, y, n);
    }
};

[[maybe_unused]] bool const entered = enter_implementation<dispatched, float, double>("l1loss_dispatch");

} // namespace
} // namespace l1loss_bench
