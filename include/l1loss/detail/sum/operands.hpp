// The arrays of one call.
#pragma once

#include <cstddef>
#include <type_traits>

#include <l1loss/detail/read/array.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The arrays of one call. Weights, the mask and the scale of a gradient are `nothing` where they are not given.
template <class Accumulator, class Input, class Target, class Weights = nothing, class Mask = nothing, class Scale = nothing,
          bool skip_nan = false>
struct operands {
    using A = Accumulator;
    static constexpr bool is_weighted = !std::is_same_v<Weights, nothing>;
    static constexpr bool is_masked = !std::is_same_v<Mask, nothing>;
    using input_value = array_value<Input>;
    using target_value = array_value<Target>;
    static constexpr bool is_of_integers = integer_element<input_value> && integer_element<target_value>;
    /// Whether the sum of the terms is that of integers, which has no rounding.
    static constexpr bool is_exact = is_of_integers && !is_weighted;
    static constexpr bool skips_nan = skip_nan && !is_of_integers;
    static constexpr bool skips_elements = is_masked || skips_nan;
    /// Whether the bytes of a contiguous mask alone tell which elements count.
    static constexpr bool are_selected_by_bytes = std::is_pointer_v<Mask> && !is_windowed<Mask> && !skips_nan;
    static constexpr bool needs_windows =
        is_windowed<Input> || is_windowed<Target> || is_windowed<Weights> || is_windowed<Mask> || is_windowed<Scale>;

    Input input;
    Target target;
    Weights weights;
    Mask mask;
    Scale scale;

    /// The same call on the arrays f(array).
    template <class F> L1LOSS_INLINE constexpr auto map(F const& f) const {
        return make(if_given(f, input), if_given(f, target), if_given(f, weights), if_given(f, mask), if_given(f, scale));
    }
    /// Whether f(array) is true for all arrays, as they are in memory.
    template <class F> L1LOSS_INLINE constexpr bool all_of(F const& f) const {
        return f(in_memory(input)) && f(in_memory(target)) && f(in_memory(weights)) && f(in_memory(mask)) && f(in_memory(scale));
    }
    L1LOSS_INLINE constexpr auto row(std::size_t row, std::size_t columns) const {
        return make(row_of(input, row, columns), row_of(target, row, columns), row_of(weights, row, columns),
                    row_of(mask, row, columns), row_of(scale, row, columns));
    }
    template <class S> L1LOSS_INLINE constexpr auto scaled_by(S s) const { return make(input, target, weights, mask, s); }

    template <class X, class Y, class W, class M, class S> L1LOSS_INLINE static constexpr auto make(X x, Y y, W w, M m, S s) {
        return operands<A, X, Y, W, M, S, skip_nan>{x, y, w, m, s};
    }
};

} // namespace l1loss::detail::inline L1LOSS_FLAGS
