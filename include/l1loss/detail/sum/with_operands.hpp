// Checks the arguments of a call and makes an array of each.
#pragma once

#include <l1loss/detail/args/layout.hpp>
#include <l1loss/detail/read/view_reader.hpp>
#include <l1loss/detail/sum/combined_terms.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class Array> constexpr bool is_dense(Array const& array) {
    if constexpr (requires { array.is_dense(); }) return array.is_dense();
    else return true;
}
/// Hides the object behind an array from g++ 12, which otherwise emits false -Warray-bounds warnings.
template <class Array> L1LOSS_INLINE constexpr Array of_any_length(Array array) {
    if constexpr (std::is_pointer_v<Array>)
        if (!std::is_constant_evaluated()) barrier(array);
    return array;
}

template <class Array> L1LOSS_INLINE constexpr auto dense_array(Array const& array) {
    if constexpr (requires { array.is_dense(); }) {
        std::remove_pointer_t<decltype(array.data)> const* const p = array.data;
        return of_any_length(p);
    } else {
        return of_any_length(array);
    }
}

/// Whether each row of a matrix is contiguous.
template <class Array> constexpr bool has_dense_rows(Array const& array) {
    if constexpr (requires { array.is_dense(); }) return array.rank > 0 && (array.extent[0] == 0 || array.row(0, 1).is_dense());
    else return true;
}
template <class Array> L1LOSS_INLINE constexpr auto rows_array(Array const& array) {
    if constexpr (requires { array.is_dense(); }) {
        std::size_t const rows = array.extent[0];
        return pitched<std::remove_const_t<std::remove_pointer_t<decltype(array.data)>>>{array.data, array.stride[0], rows,
                                                                                         rows == 0 ? 0 : array.size() / rows};
    } else {
        return of_any_length(array);
    }
}

/// Holds the reader of a view, or the array itself.
template <class Array> struct readable {
    Array array;
    constexpr readable(Array const& a, std::size_t) : array(a) {}
    constexpr Array get() { return of_any_length(array); }
};
template <class T, std::size_t Most> struct readable<view<T, Most>> {
    view_reader<std::remove_const_t<T>, Most> reader;
    constexpr readable(view<T, Most> const& v, std::size_t leading) : reader(v, leading) {}
    constexpr auto* get() { return &reader; }
};

/// Returns f(operands, n, layout) for the arguments of a call. n is an integral_constant where either shape is fixed. The layout
/// checks whether an output fits.
template <class A, traversal Order = traversal::as_stored, class Input, class Target, class Options, class F>
L1LOSS_INLINE constexpr decltype(auto) with_operands(Input const& input, Target const& target, Options const& options, F f) {
    auto const& w = options.weights;
    auto const& m = options.mask;
    auto const& s = options.grad_output;
    using W = std::remove_cvref_t<decltype(w)>;
    using M = std::remove_cvref_t<decltype(m)>;
    using S = std::remove_cvref_t<decltype(s)>;
    auto const call = [&](auto n, auto const& layout, auto x, auto y, auto weights, auto mask, auto scale)
                          L1LOSS_INLINE -> decltype(auto) {
        using ops = operands<A, decltype(x), decltype(y), decltype(weights), decltype(mask), decltype(scale), Options::skips_nan>;
        return f(ops{x, y, weights, mask, scale}, n, layout);
    };

    if constexpr (!needs_view<Input> && !needs_view<Target> && !needs_view<W> && !needs_view<M> && !needs_view<S>) {
        std::size_t const n = length_of(input, options);
        if (n != length_of(target, options)) [[unlikely]]
            sizes_differ(n, "target", length_of(target, options));
        check_size(n, w, "weights");
        check_size(n, m, "mask");
        check_size(n, s, "grad_output");
        if constexpr (fixed_shape<Input> || fixed_shape<Target>) {
            constexpr std::size_t N = fixed_shape<Input> ? fixed_size<Input> : fixed_size<Target>;
            return call(std::integral_constant<std::size_t, N>{}, flat_layout{N}, plain_array(input), plain_array(target),
                        plain_array(w), plain_array(m), plain_array(s));
        } else {
            return call(n, flat_layout{n}, plain_array(input), plain_array(target), plain_array(w), plain_array(m), plain_array(s));
        }
    } else {
        auto const layout = common_layout_of<Order>(input, target, options);
        auto const x = layout.array(input, "input");
        auto const y = layout.array(target, "target");
        auto const weights = layout.array(w, "weights");
        auto const mask = layout.array(m, "mask");
        auto const scale = layout.array(s, "grad_output");
        if constexpr (Order == traversal::by_rows)
            if (has_dense_rows(x) && has_dense_rows(y) && has_dense_rows(weights) && has_dense_rows(mask) && has_dense_rows(scale))
                return call(layout.size(), layout, rows_array(x), rows_array(y), rows_array(weights), rows_array(mask),
                            rows_array(scale));
        if (is_dense(x) && is_dense(y) && is_dense(weights) && is_dense(mask) && is_dense(scale))
            return call(layout.size(), layout, dense_array(x), dense_array(y), dense_array(weights), dense_array(mask),
                        dense_array(scale));
        std::size_t const leading = layout.leading;
        readable input_reader(x, leading);
        readable target_reader(y, leading);
        readable weights_reader(weights, leading);
        readable mask_reader(mask, leading);
        readable scale_reader(scale, leading);
        return call(layout.size(), layout, input_reader.get(), target_reader.get(), weights_reader.get(), mask_reader.get(),
                    scale_reader.get());
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
