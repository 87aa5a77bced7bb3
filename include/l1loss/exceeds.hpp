// Whether the L1 loss of two arguments exceeds a threshold, found out as early as possible.
#pragma once

#include <l1loss/detail/call/exceeds.hpp>
#include <l1loss/loss.hpp>

namespace l1loss::inline L1LOSS_FLAGS {

/// Returns !(l1_loss(input, target) <= threshold): whether the loss exceeds the threshold, or is NaN. It reads in steps of 8192
/// elements, and returns after the first step that makes the answer certain.
///
///     if (l1_exceeds(input, output, 0.1f)) alarm();
///     l1_exceeds<reduction::sum>(x, y, 50)                        the sum against 50
///     l1_exceeds(x, y, 0.1f, where(mask), skip_nan)               of the elements that count
///     l1_exceeds(p, q, 0.1f, n)                                   of two pointers with a length
///
/// The answer is exact, also for a threshold that is the loss or the number next to it. The partial sums of the fixed order are
/// lower bounds of the whole. No term is below +0, and rounding is monotonic. So leaving out terms makes no node of the tree of
/// additions greater, and dividing by the number of elements keeps the order. A NaN stays in the sum. With a mask or skip_nan the
/// number of elements that count is not known before the end. Until then, all that follow are taken to count.
///
/// The mean of no elements is NaN, so the answer is true. It is also true if the threshold is NaN. An answer of false takes the
/// time of l1_loss, since all elements must be read.
///
/// R is mean or sum. `threshold` is any number. It is compared as the operator compares it with the loss: a double threshold with a
/// float loss is compared in double. Accumulator is float, double or void. Arch, arguments, elements, constant evaluation and
/// errors are those of l1_loss. The options are where, skip_nan and a length. Weights are refused, since they may be negative.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class Threshold, class... Options>
    requires detail::exceeds_arguments<R, Accumulator, Input, Target, Threshold, Options...>
L1LOSS_INLINE constexpr bool l1_exceeds(Input const& input, Target const& target, Threshold threshold,
                                        Options&&... options) noexcept(detail::cannot_fail<Input, Target, Options...>) {
    return detail::compute_exceeds<R, Accumulator, Arch>(input, target, threshold, detail::parse(options...));
}

} // namespace l1loss::inline L1LOSS_FLAGS
