// What is summed of one element, or of a register of them.
#pragma once

#include <type_traits>

namespace l1loss::detail {

/// Stands where there is no argument, no output, or nothing to sum.
struct nothing {
    constexpr nothing& operator+=(nothing) { return *this; }
};

/// Returns x, or what stands for it where it is not given.
template <class X, class Y> constexpr auto given_or(X x, Y otherwise) {
    if constexpr (std::is_same_v<X, nothing>) return otherwise;
    else return x;
}

/// Returns a sum as it is.
struct unchanged {
    template <class Sum, class Size> constexpr Sum operator()(Sum sum, Size) const { return sum; }
};

/// The numerator of a mean, and what its denominator takes: the weights, and how many elements count. What a call does not need is
/// `nothing`.
template <class Numerator, class Weight, class Count> struct totals {
    [[no_unique_address]] Numerator numerator;
    [[no_unique_address]] Weight weight;
    [[no_unique_address]] Count count;

    constexpr totals& operator+=(totals const& other) {
        numerator += other.numerator;
        weight += other.weight;
        count += other.count;
        return *this;
    }
};
template <class Numerator, class Weight, class Count> totals(Numerator, Weight, Count) -> totals<Numerator, Weight, Count>;
static_assert(sizeof(totals<float, float, nothing>) == 2 * sizeof(float)); // one `nothing` takes no memory, two would

} // namespace l1loss::detail
