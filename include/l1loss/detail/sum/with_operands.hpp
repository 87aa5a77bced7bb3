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

/// Makes the reader of a view. Other arrays need none.
template <class Array> constexpr Array make_reader(Array const& array, std::size_t) { return array; }
template <class T, std::size_t Most> constexpr auto make_reader(view<T, Most> const& v, std::size_t leading) {
    return view_reader<std::remove_const_t<T>, Most>(v, leading);
}
template <class C, class S, class Z> constexpr auto make_reader(dequantized_array<C, S, Z> const& array, std::size_t leading) {
    return dequantized_array{make_reader(array.codes, leading), array.scale, array.zero_point};
}
/// The array that reads through a reader.
template <class Array> constexpr Array array_through(Array& array) { return of_any_length(array); }
template <class T, std::size_t Most> constexpr auto* array_through(view_reader<T, Most>& reader) { return &reader; }
template <class C, class S, class Z> constexpr auto array_through(dequantized_array<C, S, Z>& array) {
    return dequantized_array{array_through(array.codes), array.scale, array.zero_point};
}

/// Returns f(operands, n, layout) for arguments that are contiguous elements or numbers. n is an integral_constant where either
/// shape is fixed.
template <class Operands, class Input, class Target, class Options, class F>
L1LOSS_INLINE constexpr decltype(auto) with_contiguous_operands(Input const& input, Target const& target, Options const& options,
                                                                F f) {
    std::size_t const n = length_of(input, options);
    if constexpr (!pointer<Input> || !pointer<Target>) // one length is for both pointers
        if (n != length_of(target, options)) [[unlikely]]
            sizes_differ(n, "target", length_of(target, options));
    check_size(n, options.weights, "weights");
    check_size(n, options.mask, "mask");
    check_size(n, options.grad_output, "grad_output");
    auto const ops = [&]() L1LOSS_INLINE {
        return Operands::make(contiguous_array(input), contiguous_array(target), contiguous_array(options.weights),
                              contiguous_array(options.mask), contiguous_array(options.grad_output));
    };
    if constexpr (fixed_shape<Input> || fixed_shape<Target>) {
        constexpr std::size_t N = fixed_shape<Input> ? fixed_size<Input> : fixed_size<Target>;
        return f(ops(), std::integral_constant<std::size_t, N>{}, flat_layout{N});
    } else {
        return f(ops(), n, flat_layout{n});
    }
}

/// Returns f(operands, n, layout) for the arguments of a call. The layout checks whether an output fits.
template <class A, traversal Traversal = traversal::as_stored, class Input, class Target, class Options, class F>
L1LOSS_INLINE constexpr decltype(auto) with_operands(Input const& input, Target const& target, Options const& options, F f) {
    using ops = operands<A, nothing, nothing, nothing, nothing, nothing, Options::skips_nan>;
    if constexpr (!needs_view<Input> && !needs_view<Target> && !Options::needs_layout) {
        return with_contiguous_operands<ops>(input, target, options, f);
    } else {
        auto const layout = common_layout_of<Traversal>(input, target, options);
        auto const x = layout.array(input, "input"); // checked in this order
        auto const y = layout.array(target, "target");
        auto const w = layout.array(options.weights, "weights");
        auto const m = layout.array(options.mask, "mask");
        auto const s = layout.array(options.grad_output, "grad_output");
        auto const arrays = ops::make(x, y, w, m, s);
        std::size_t const n = layout.size(), leading = layout.leading;
        auto const contiguous_rows = [](auto const& array) L1LOSS_INLINE { return has_dense_rows(array); };
        auto const contiguous = [](auto const& array) L1LOSS_INLINE { return is_dense(array); };
        if constexpr (Traversal == traversal::by_rows)
            if (arrays.all_of(contiguous_rows)) return f(arrays, n, layout);
        if (arrays.all_of(contiguous))
            return f(arrays.map([](auto const& array) L1LOSS_INLINE { return dense_array(array); }), n, layout);
        auto input_reader = make_reader(x, leading);
        auto target_reader = make_reader(y, leading);
        auto weights_reader = make_reader(w, leading);
        auto mask_reader = make_reader(m, leading);
        auto scale_reader = make_reader(s, leading);
        return f(ops::make(array_through(input_reader), array_through(target_reader), array_through(weights_reader),
                           array_through(mask_reader), array_through(scale_reader)),
                 n, layout);
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
