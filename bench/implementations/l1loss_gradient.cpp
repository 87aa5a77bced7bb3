// This library with loss and gradient, in one pass and by two calls.
#include <l1loss/gradient.hpp>

#include "../variant.hpp"

namespace l1loss_bench {
namespace {

struct one_pass {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        return l1loss::l1_loss_with_gradient(o.input, o.target, o.out, o.columns);
    }
};

struct two_calls {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        float const loss = l1loss::l1_loss(o.input, o.target, o.columns);
        l1loss::l1_loss_backward(o.input, o.target, o.out, o.columns);
        return loss;
    }
};

[[maybe_unused]] bool const entered =
    enter_variant<one_pass>(variant::gradient, "l1loss") && enter_variant<two_calls>(variant::gradient, "two_calls");

} // namespace
} // namespace l1loss_bench
