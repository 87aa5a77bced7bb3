// This library with weights, with a mask and without NaN, and the plain loss of as many elements.
#include <l1loss/loss.hpp>

#include "../variant.hpp"

namespace l1loss_bench {
namespace {

struct weighted {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        return l1loss::l1_loss(o.input, o.target, o.columns, l1loss::weights(o.weights));
    }
};

struct masked {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        return l1loss::l1_loss(o.input, o.target, o.columns, l1loss::where(o.mask));
    }
};

struct without_nan {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        return l1loss::l1_loss(o.with_nans, o.target, o.columns, l1loss::skip_nan);
    }
};

struct plain {
    L1LOSS_BENCH_INLINE static float call(operands const& o) { return l1loss::l1_loss(o.input, o.target, o.columns); }
};

template <class Implementation> bool enter_beside_plain(variant of) {
    return enter_variant<Implementation>(of, "l1loss") && enter_variant<plain>(of, "plain", answer::plain_loss);
}

[[maybe_unused]] bool const entered = enter_beside_plain<weighted>(variant::weighted) &&
                                      enter_beside_plain<masked>(variant::masked) &&
                                      enter_beside_plain<without_nan>(variant::skip_nan);

} // namespace
} // namespace l1loss_bench
