// This library with weights, with a mask, without NaN and with a threshold, and the plain loss of as many elements.
#include <limits>

#include <l1loss/exceeds.hpp>
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

/// The first elements exceed a threshold of 0, and none exceed infinity.
template <bool is_early> struct exceeds {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        return l1loss::l1_exceeds(o.input, o.target, is_early ? 0.f : std::numeric_limits<float>::infinity(), o.columns);
    }
};

struct plain {
    L1LOSS_BENCH_INLINE static float call(operands const& o) { return l1loss::l1_loss(o.input, o.target, o.columns); }
};

template <class Implementation> bool enter_beside_plain(variant of) {
    return enter_variant<Implementation>(of, "l1loss") && enter_variant<plain>(of, "plain", answer::plain_loss);
}

[[maybe_unused]] bool const entered =
    enter_beside_plain<weighted>(variant::weighted) && enter_beside_plain<masked>(variant::masked) &&
    enter_beside_plain<without_nan>(variant::skip_nan) && enter_beside_plain<exceeds<true>>(variant::exceeds_early) &&
    enter_beside_plain<exceeds<false>>(variant::exceeds_never);

} // namespace
} // namespace l1loss_bench
