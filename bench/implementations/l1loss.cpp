// This library with a run-time length: pointers, spans, and pointers with sums in double.
#include <span>

#include <l1loss/loss.hpp>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

template <work W>
inline constexpr l1loss::reduction reduction_of = W == work::mean ? l1loss::reduction::mean : l1loss::reduction::sum;

struct of_pointers {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        return l1loss::l1_loss<reduction_of<W>>(x, y, n);
    }
};

struct of_spans {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        return l1loss::l1_loss<reduction_of<W>>(std::span(x, n), std::span(y, n));
    }
};

struct in_double {
    template <work W, class T> L1LOSS_BENCH_INLINE static double loss(T const* x, T const* y, std::size_t n) {
        return l1loss::l1_loss<reduction_of<W>, double>(x, y, n);
    }
};

[[maybe_unused]] bool const entered = enter_implementation<of_pointers, float, double>("l1loss") &&
                                      enter_implementation<of_spans, float, double>("l1loss_span") &&
                                      enter_implementation<in_double, float>("l1loss_double");

} // namespace
} // namespace l1loss_bench
