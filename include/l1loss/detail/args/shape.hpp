// The sizes and shapes of arguments, the layout of a call without shapes, and the one shape of arguments that are broadcast.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include <l1loss/detail/args/options.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Fails unless the size of an argument is n. A pointer, a number and `nothing` have no size.
template <class Arg> constexpr void check_size(std::size_t n, Arg const& arg, char const* name) {
    if constexpr (!pointer<Arg> && !std::is_arithmetic_v<Arg> && !std::is_same_v<Arg, nothing>)
        if (size_of(arg) != n) [[unlikely]]
            sizes_differ(n, name, size_of(arg));
}

/// The number of elements of an argument. For a pointer it is the length that the caller gave.
template <class Arg, class Options> constexpr std::size_t length_of(Arg const& arg, Options const& options) {
    if constexpr (pointer<Arg>) {
        auto const length = options.length;
        if (std::cmp_less(length, 0) || !std::in_range<std::ptrdiff_t>(length)) [[unlikely]]
            fail("length is ", length, std::cmp_less(length, 0) ? ", expected 0 or more" : ", which is too large to be addressed");
        return static_cast<std::size_t>(length);
    } else {
        return size_of(arg);
    }
}

/// Fails unless the elements of an argument are contiguous.
template <class Arg> constexpr void check_dense([[maybe_unused]] Arg& arg, [[maybe_unused]] char const* name) {
    if constexpr (viewable<std::remove_cv_t<Arg>>)
        if (!view_of(arg).is_dense()) [[unlikely]]
            fail(name, " is strided, expected contiguous elements");
}

// ---- Arguments that are contiguous elements or one number.

/// An argument as a pointer to its elements, as one value for all indexes, or as `nothing`.
template <class Arg> L1LOSS_INLINE constexpr auto contiguous_array(Arg const& arg) {
    if constexpr (std::is_same_v<Arg, nothing>) {
        return arg;
    } else if constexpr (is_quantized<Arg>) {
        return array_of(arg, contiguous_array(arg.values));
    } else if constexpr (std::is_arithmetic_v<Arg>) {
        return constant<Arg>{arg};
    } else {
        element_of<Arg const> const* p = data_of(arg);
        return p;
    }
}

/// The layout of a call whose arguments are all such. It has a size and no shape.
struct flat_layout {
    std::size_t n;

    constexpr std::size_t size() const { return n; }
    /// Fails unless an output has n contiguous elements. Returns its first element.
    template <class Out> constexpr auto* output(Out& out, char const* name) const {
        check_size(n, out, name);
        check_dense(out, name);
        return data_of(out);
    }
};

template <class V, class W>
[[noreturn, gnu::cold, gnu::noinline]] void shapes_differ(V const& result, char const* result_name, W const& v, char const* name) {
    fail(result_name, " is ", result, ", ", name, " is ", v, ", expected one shape, or l1loss::broadcast");
}

/// A tensor, an object with strides, or any argument that is broadcast.
template <class Arg>
concept has_shape = needs_view<Arg> || is_tensor_type<Arg>;

/// An argument as a view of its shape. A vector of Eigen or Armadillo has two dimensions if it is broadcast or is_matrix is set,
/// otherwise one.
template <bool is_matrix = false, class Arg> constexpr auto shape_view(Arg const& arg) {
    if constexpr (is_broadcast<Arg>) return shape_view<true>(arg.values);
    else if constexpr (is_quantized<Arg>) return shape_view<is_matrix>(arg.values);
    else if constexpr (is_matrix && vector_object<Arg>) return matrix_view_of(arg);
    else return view_of(arg);
}

template <class Arg> inline constexpr std::size_t max_rank_of = 1;
template <class T, std::size_t Most> inline constexpr std::size_t max_rank_of<view<T, Most>> = Most;
template <class Arg> constexpr std::size_t max_dimensions_of() {
    if constexpr (has_shape<Arg>) return max_rank_of<decltype(shape_view(std::declval<Arg const&>()))>;
    else return 1;
}

/// The shape of an argument. Its strides are not meaningful. An argument without a shape has one dimension.
template <std::size_t Most, bool is_matrix, class Arg, class Options>
constexpr view<char const, Most> shape_of(Arg const& arg, Options const& options) {
    view<char const, Most> shape{};
    if constexpr (!has_shape<Arg>) {
        shape.append(length_of(arg, options), 0);
    } else {
        auto const v = shape_view<is_matrix>(arg);
        for (std::size_t d = 0; d < v.rank; ++d) shape.append(v.extent[d], 0);
    }
    return shape;
}

/// Contiguous elements as a view of a shape, in row-major order.
template <class T, class U, std::size_t N> constexpr view<T, N> row_major_view(T* data, view<U, N> const& shape) {
    view<T, N> v{data};
    std::size_t stride = shape.size();
    for (std::size_t d = 0; d < shape.rank; ++d)
        v.append(shape.extent[d], static_cast<std::ptrdiff_t>(stride /= std::max<std::size_t>(shape.extent[d], 1)));
    return v;
}

/// Broadcasts `shape` and `other` to a common shape, stored in `shape`. Returns false if two extents differ and neither is 1.
template <class Shape> constexpr bool join_shapes(Shape& shape, Shape const& other) {
    Shape joined{};
    std::size_t const rank = (std::max)(shape.rank, other.rank);
    for (std::size_t d = 0; d < rank; ++d) {
        std::size_t const x = d + shape.rank < rank ? 1 : shape.extent[d + shape.rank - rank];
        std::size_t const y = d + other.rank < rank ? 1 : other.extent[d + other.rank - rank];
        if (x != y && x != 1 && y != 1) return false;
        joined.append(x == 1 ? y : x, 0);
    }
    shape = joined;
    return true;
}

template <class Arg>
concept matrix_argument = !is_broadcast<Arg> && matrix_object<object_of<Arg>>;

/// The shape of a call without that of its options.
template <std::size_t Most, class Input, class Target, class Options>
constexpr view<char const, Most> shape_of_both(Input const& input, Target const& target, Options const& options) {
    constexpr bool is_matrix = matrix_argument<Input> || matrix_argument<Target>;
    auto shape = shape_of<Most, is_matrix>(input, options), of_target = shape_of<Most, is_matrix>(target, options);
    if constexpr (is_broadcast<Input> && is_broadcast<Target>) {
        if (!join_shapes(shape, of_target)) [[unlikely]]
            shapes_differ(shape, "input", of_target, "target");
    } else if constexpr (is_broadcast<Input>) {
        shape = of_target;
    } else if constexpr (!has_shape<Input> && has_shape<Target> && !is_broadcast<Target>) {
        if (shape.size() != of_target.size()) [[unlikely]]
            sizes_differ(shape.size(), "target", of_target.size());
        shape = of_target;
    }
    return shape;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
