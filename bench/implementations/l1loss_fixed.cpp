// This library with a fixed length.
#include <array>

#include <l1loss/loss.hpp>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

template <work W>
inline constexpr l1loss::reduction reduction_of = W == work::mean ? l1loss::reduction::mean : l1loss::reduction::sum;

template <std::size_t N> struct of_arrays {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t) {
        auto const& input = *reinterpret_cast<std::array<T, N> const*>(x);
        auto const& target = *reinterpret_cast<std::array<T, N> const*>(y);
        return l1loss::l1_loss<reduction_of<W>>(input, target);
    }
};

[[maybe_unused]] bool const entered = enter_fixed<of_arrays, float, double>("l1loss");

} // namespace
} // namespace l1loss_bench
