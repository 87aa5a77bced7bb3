// This library with a loss for each element.
#include <l1loss/loss.hpp>

#include "../variant.hpp"

namespace l1loss_bench {
namespace {

struct each_element {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        l1loss::l1_loss<l1loss::reduction::none>(o.input, o.target, o.columns, o.out);
        return 0;
    }
};

[[maybe_unused]] bool const entered = enter_variant<each_element>(variant::none, "l1loss");

} // namespace
} // namespace l1loss_bench
