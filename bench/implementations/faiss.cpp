// Faiss with its L1 distance of two vectors.
#include <faiss/utils/distances.h>

#include "../timed_loop.hpp"

namespace l1loss_bench {
namespace {

struct faiss_L1 {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        T const sum = faiss::fvec_L1(x, y, n);
        return W == work::mean ? sum / T(n) : sum;
    }
};

[[maybe_unused]] bool const entered = enter_implementation<faiss_L1, float>("faiss");

} // namespace
} // namespace l1loss_bench
