// The bound on the rounding error of a loss that the summation order guarantees.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <limits>

#include <l1loss/detail/flags.hpp>
#include <l1loss/detail/order.hpp>
#include <l1loss/reduction.hpp>

namespace l1loss::inline L1LOSS_FLAGS {

/// Returns a bound on the relative error, |computed - exact| / exact, of the L1 loss of n elements with sums in T:
///
///     γ(k) = k·u / (1 - k·u),   u = 2^-24 (float), 2^-53 (double)      Higham, Accuracy and Stability, 2nd ed., lemma 3.1
///
/// k is the number of roundings on the longest path from an element to the result. It is the sum of these:
///
///     the subtraction                                         1
///     mean and sum: the depth of the tree                     7 + 2 + ⌈log2 ⌈n/block⌉⌉ + log2 (lanes of a line)
///     mean: the division                                      1
///     weighted: the product                                   1
///     weighted mean: the depth again, for the sum of weights  the same depth (lemma 3.3)
///
/// No term is negative, so no addition cancels, and the relative error of a term is not amplified. For n = 0 the bound is 0.
///
/// The bound holds while nothing overflows. For the mean, the result must be a normal number. Weights must be ≥ 0, since weights
/// of both signs have no such bound. Each product with a weight must be a normal number or exactly 0. A mask or skip_nan only
/// removes roundings, so the bound for all n elements holds.
template <class T>
    requires std::same_as<T, float> || std::same_as<T, double>
constexpr T relative_error_bound(std::size_t n, reduction r, bool is_weighted = false) {
    using order = detail::order<T>;
    if (n == 0) return T(0);
    std::size_t const blocks = (n - 1) / order::block + 1;
    std::size_t const depth = order::stripes_per_block - 1 + static_cast<std::size_t>(std::bit_width(order::lines_per_stripe) - 1) +
                              static_cast<std::size_t>(std::bit_width(blocks - 1)) + // ⌈log2 blocks⌉
                              static_cast<std::size_t>(std::bit_width(order::line) - 1);
    std::size_t roundings = is_weighted ? 2 : 1;
    if (r != reduction::none) roundings += depth;
    if (r == reduction::mean) roundings += is_weighted ? depth + 1 : 1;
    T const ku = static_cast<T>(roundings) * (std::numeric_limits<T>::epsilon() / 2);
    return ku / (1 - ku);
}

} // namespace l1loss::inline L1LOSS_FLAGS
