// OpenCV with the L1 norm of a difference, and with |x - y| of each element.
#include <cstdint>
#include <type_traits>

#include <opencv2/core.hpp>

#include "../element.hpp"
#include "../timed_loop.hpp"
#include "../variant.hpp"

namespace l1loss_bench {
namespace {

/// A row of n elements in the caller's memory.
template <class T> L1LOSS_BENCH_INLINE cv::Mat row(T const* p, std::size_t n) {
    return {1, static_cast<int>(n), cv::DataType<T>::type, const_cast<T*>(p)};
}

struct opencv {
    template <work W, class T> L1LOSS_BENCH_INLINE static auto loss(T const* x, T const* y, std::size_t n) {
        double const sum = cv::norm(row(x, n), row(y, n), cv::NORM_L1);
        return std::conditional_t<std::is_integral_v<T>, double, T>(W == work::mean ? sum / double(n) : sum);
    }
};

struct opencv_absdiff {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        cv::Mat out = row<float>(o.out, o.columns); // already of the right size and type, so that it is written in place
        cv::absdiff(row(o.input, o.columns), row(o.target, o.columns), out);
        return 0;
    }
};

[[maybe_unused]] bool const entered = (cv::setNumThreads(1), enter_implementation<opencv, float, double>("opencv")) &&
                                      enter_variant<opencv_absdiff>(variant::none, "opencv") &&
                                      enter_elements<opencv, std::uint8_t>(elements::u8, "opencv");

} // namespace
} // namespace l1loss_bench
