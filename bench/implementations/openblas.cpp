// OpenBLAS, which has no such loss.
//
// It is a copy, y - x by axpy, and the sum of magnitudes by asum. The memory of the copy is kept from call to call.
#include <cblas.h>

#include <type_traits>
#include <vector>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

struct openblas {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        static std::vector<T> copy;
        if (copy.size() < n) copy.resize(n);
        T* const d = copy.data();
        auto const length = static_cast<int>(n);
        T sum;
        if constexpr (std::is_same_v<T, float>) {
            cblas_scopy(length, x, 1, d, 1);
            cblas_saxpy(length, -1, y, 1, d, 1);
            sum = cblas_sasum(length, d, 1);
        } else {
            cblas_dcopy(length, x, 1, d, 1);
            cblas_daxpy(length, -1, y, 1, d, 1);
            sum = cblas_dasum(length, d, 1);
        }
        return W == work::mean ? sum / T(n) : sum;
    }
};

[[maybe_unused]] bool const entered = (openblas_set_num_threads(1), enter_implementation<openblas, float, double>("openblas"));

} // namespace
} // namespace l1loss_bench
