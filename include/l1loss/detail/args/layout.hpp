// The layout of a call with views: the shape that its arguments share, and the order in which elements are traversed.
#pragma once

#include <algorithm>
#include <array>

#include <l1loss/detail/args/shape.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The order in which the elements of a result are traversed.
///     as_stored    column-major if every argument with a shape is a matrix that is stored by columns, otherwise row-major
///     by_rows      row-major
///     by_input     all elements that share one element of a broadcast input come together, to sum its gradient
enum class traversal { as_stored, by_rows, by_input };

/// The layout of a result with at most Most dimensions.
template <std::size_t Most, traversal Traversal> struct common_layout {
    view<char const, Most> shape;              // only the extents are meaningful
    std::array<std::size_t, Most> permutation; // the dimensions, the slowest first
    std::size_t leading;                       // the first so many of these number the rows, the others lie within a row
    bool is_split = false;                     // rows and columns of one dimension, of which an option gives the rows

    constexpr std::size_t size() const { return shape.size(); }
    constexpr std::size_t rows() const {
        std::size_t n = 1;
        for (std::size_t k = 0; k < leading; ++k) n *= shape.extent[permutation[k]];
        return n;
    }

    /// The view v with its dimensions in traversal order.
    template <class T, std::size_t N> constexpr view<T, N> oriented(view<T, N> const& v) const {
        view<T, N> w{v.data};
        for (std::size_t d = 0; d < v.rank; ++d) w.append(v.extent[permutation[d]], v.stride[permutation[d]]);
        return w;
    }

    /// Fails if an argument without a shape meets column-major matrices, unless both orders are the same.
    constexpr void check_unshaped(char const* name) const {
        if (shape.rank > 1 && permutation[0] > permutation[1] && Traversal == traversal::as_stored && shape.size() != 0 &&
            !std::ranges::any_of(shape.extent, [&](std::size_t e) { return e == shape.size(); })) [[unlikely]]
            fail(name, " has no shape and the others are stored column by column, expected one storage order");
    }

    /// The view v with the extents of the result. If v is broadcast, dimensions that are missing or have an extent of 1 are
    /// repeated.
    template <bool is_broadcast, class T, std::size_t N>
    constexpr view<T, Most> fitted(view<T, N> const& v, char const* name) const {
        view<T, Most> w{v.data};
        bool fits = is_broadcast ? v.rank <= shape.rank : v.rank == shape.rank;
        for (std::size_t d = 0; fits && d < shape.rank; ++d) {
            std::size_t const own = d + v.rank < shape.rank ? 0 : d + v.rank - shape.rank;
            bool const repeats = is_broadcast && (d + v.rank < shape.rank || v.extent[own] == 1);
            fits = repeats || v.extent[own] == shape.extent[d];
            w.append(shape.extent[d], repeats ? 0 : v.stride[own]);
        }
        if (!fits) [[unlikely]] {
            if constexpr (is_broadcast) fail(name, " is ", v, ", which cannot be broadcast to ", shape);
            else shapes_differ(shape, "input", v, name);
        }
        return w;
    }

    /// Checks an argument, and returns its array.
    template <class Arg> constexpr auto array(Arg const& arg, char const* name) const { return array_of(arg, elements(arg, name)); }

    /// Checks an argument, and returns its elements as a pointer where they are contiguous, as one value, or as a view of the
    /// result's shape.
    template <class Arg> constexpr auto elements(Arg const& arg, char const* name) const {
        if constexpr (is_quantized<Arg>) {
            return elements(arg.values, name);
        } else if constexpr (!has_shape<Arg>) {
            check_size(size(), arg, name);
            if constexpr (std::is_arithmetic_v<Arg> || std::is_same_v<Arg, nothing>) {
                return contiguous_array(arg);
            } else if constexpr (Traversal == traversal::by_input) {
                return oriented(row_major_view(contiguous_array(arg), shape));
            } else {
                check_unshaped(name);
                return contiguous_array(arg);
            }
        } else {
            auto const v = shape.rank == 2 ? shape_view<true>(arg) : shape_view(arg);
            if constexpr (Traversal == traversal::by_rows && !is_broadcast<Arg>) {
                using T = std::remove_pointer_t<decltype(v.data)>;
                auto const line = view_of(arg);
                std::ptrdiff_t const stride = line.stride[0], columns = static_cast<std::ptrdiff_t>(shape.extent[1]);
                if (is_split && line.rank == 1 && line.extent[0] == size())
                    return view<T, Most>{v.data, 2, {shape.extent[0], shape.extent[1]}, {stride * columns, stride}};
            }
            return oriented(fitted<is_broadcast<Arg>>(v, name));
        }
    }

    /// Fails unless an output has the shape of the result and contiguous elements in its order. Returns its first element.
    template <class Out> constexpr auto* output(Out& out, char const* name) const {
        if constexpr (has_shape<std::remove_cv_t<Out>>) {
            auto const v = shape.rank == 2 ? shape_view<true>(out) : shape_view(out);
            if (!same_extents(shape, v)) [[unlikely]]
                fail(name, " is ", v, ", expected ", shape);
            if (!oriented(v).is_dense()) [[unlikely]]
                fail(name, " is strided, or in another storage order, expected contiguous elements");
        } else {
            check_size(size(), out, name);
            check_unshaped(name);
        }
        return data_of(out);
    }
};

/// Has a shape and is not a column-major matrix. One such argument makes the whole call row-major.
template <class Arg>
concept row_major = has_shape<object_of<Arg>> && !is_column_major<object_of<Arg>>();

/// One dimension of which an option gives the rows becomes two. Returns whether it does.
template <traversal Traversal, class Shape, class Options>
constexpr bool split_rows([[maybe_unused]] Shape& shape, [[maybe_unused]] Options const& options) {
    if constexpr (Traversal == traversal::by_rows && Options::has_length) {
        auto const length = options.length;
        std::size_t const rows = length > 0 ? static_cast<std::size_t>(length) : 0, n = shape.size();
        if (shape.rank != 1 || rows == 0 || n % rows != 0) return false;
        shape = {nullptr, 2, {rows, n / rows}};
        return true;
    }
    return false;
}

/// Takes the shape of an option where neither input nor target has one. Fails if their numbers of elements differ.
template <std::size_t Most, class Option, class Options>
constexpr void take_shape(view<char const, Most>& shape, Option const& option, char const* name, Options const& options) {
    if constexpr (has_shape<Option> && !is_broadcast<Option>) {
        std::size_t const n = shape.size();
        if (shape.rank == 1) shape = shape_of<Most, false>(option, options);
        if (size_of(option) != n) [[unlikely]]
            sizes_differ(n, name, size_of(option));
    }
}

/// The layout of a call. Its shape is that of input and target. If neither has one, it is that of weights, mask or grad_output.
template <traversal Traversal, class Input, class Target, class Options>
constexpr auto common_layout_of(Input const& input, Target const& target, Options const& options) {
    using W = std::remove_cvref_t<decltype(options.weights)>;
    using M = std::remove_cvref_t<decltype(options.mask)>;
    using S = std::remove_cvref_t<decltype(options.grad_output)>;
    constexpr std::size_t most =
        (std::max)({std::size_t{Traversal == traversal::by_rows ? 2 : 1}, max_dimensions_of<Input>(), max_dimensions_of<Target>(),
                    max_dimensions_of<W>(), max_dimensions_of<M>(), max_dimensions_of<S>()});
    auto shape = shape_of_both<most>(input, target, options);
    bool const is_split = split_rows<Traversal>(shape, options);
    if constexpr (!has_shape<Input> && !has_shape<Target>) {
        take_shape(shape, options.weights, "weights", options);
        take_shape(shape, options.mask, "mask", options);
        take_shape(shape, options.grad_output, "grad_output", options);
    }
    constexpr bool says_rows = row_major<Input> || row_major<Target> || row_major<W> || row_major<M> || row_major<S>;
    check_extents(shape);
    common_layout<most, Traversal> layout{shape, {}, 1, is_split};
    for (std::size_t k = 0; k < shape.rank; ++k)
        layout.permutation[k] = says_rows || Traversal == traversal::by_rows ? k : shape.rank - 1 - k;
    if constexpr (Traversal == traversal::by_input) { // the dimensions that input has of its own come first
        auto const own = shape_of<most, false>(input, options);
        auto const is_own = [&](std::size_t d) {
            return d + own.rank >= shape.rank && own.extent[d + own.rank - shape.rank] == shape.extent[d];
        };
        auto const stored = layout.permutation;
        std::size_t at = 0;
        for (bool const first : {true, false}) {
            for (std::size_t k = 0; k < shape.rank; ++k)
                if (is_own(stored[k]) == first) layout.permutation[at++] = stored[k];
            if (first) layout.leading = at;
        }
    }
    return layout;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
