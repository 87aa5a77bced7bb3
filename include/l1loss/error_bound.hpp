// What the summation order guarantees of the error, as a number to compare with.
//
// On top of order.hpp and reduction.hpp alone: it knows the shape of the tree, and nothing of how it is walked.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <limits>

#include <l1loss/detail/order.hpp>
#include <l1loss/reduction.hpp>

namespace l1loss {

/// A bound on |computed - exact| / exact for the L1 loss of n elements with sums in T, as long as nothing overflows and, for
/// the mean, the result is a normal number:
///
///     γ(k) = k·u / (1 - k·u),   u = 2^-24 (float), 2^-53 (double)      Higham, Accuracy and Stability, 2nd ed., lemma 3.1
///
/// where k counts the roundings on the longest way from an element to the result: one subtraction, and for mean and sum the
/// depth of the tree, 7 + 2 + ⌈log2 ⌈n/block⌉⌉ + log2 (lanes of a line); for the mean, the division. All terms are ≥ 0, so
/// that the relative error of the sum is that of its terms. n = 0: 0.
///
/// With weights ≥ 0, a product more; and for the mean, over the sum of the weights, the depth of the tree once more (lemma
/// 3.3). With weights of both signs there is no such bound. A mask or skip_nan only leaves roundings out.
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

} // namespace l1loss
