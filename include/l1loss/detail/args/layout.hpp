// The layout of a call with views: the shape that its arguments share, and the order in which elements are traversed.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>

#include <l1loss/detail/args/size.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class V, class W>
[[noreturn, gnu::cold, gnu::noinline]] void shapes_differ(V const& result, char const* result_name, W const& v, char const* name) {
    fail(std::string("l1loss: ") + result_name + " is " + shape_text(result) + ", " + name + " is " + shape_text(v) +
         ", expected one shape, or l1loss::broadcast");
}

template <class W, class V>
[[noreturn, gnu::cold, gnu::noinline]] void cannot_broadcast(W const& v, char const* name, V const& result) {
    fail(std::string("l1loss: ") + name + " is " + shape_text(v) + ", which cannot be broadcast to " + shape_text(result));
}

/// A tensor, an object with strides, or any argument that is broadcast.
template <class Arg>
concept has_shape = needs_view<Arg> || is_tensor_type<Arg>;

/// An argument as a view of its shape. An Eigen vector has two dimensions if it is broadcast or is_matrix is set, otherwise one.
template <bool is_matrix = false, class Arg> constexpr auto shape_view(Arg const& arg) {
    if constexpr (is_broadcast<Arg>) return shape_view<true>(arg.values);
    else if constexpr (is_matrix && eigen_vector<Arg>) return matrix_view_of(arg);
    else return view_of(arg);
}

template <class Arg> inline constexpr std::size_t max_rank_of = 1;
template <class T, std::size_t Most> inline constexpr std::size_t max_rank_of<view<T, Most>> = Most;
template <class Arg> constexpr std::size_t max_dimensions_of() {
    if constexpr (has_shape<Arg>) return max_rank_of<decltype(shape_view(std::declval<Arg const&>()))>;
    else return 1;
}

/// Broadcasts `shape` and `other` to a common shape, stored in `shape`. Returns false if two extents differ and neither is 1.
template <class Shape> constexpr bool join_shapes(Shape& shape, Shape const& other) {
    Shape joined{};
    std::size_t const rank = std::max(shape.rank, other.rank);
    for (std::size_t d = 0; d < rank; ++d) {
        std::size_t const x = d + shape.rank < rank ? 1 : shape.extent[d + shape.rank - rank];
        std::size_t const y = d + other.rank < rank ? 1 : other.extent[d + other.rank - rank];
        if (x != y && x != 1 && y != 1) return false;
        joined.append(x == 1 ? y : x, 0);
    }
    shape = joined;
    return true;
}

/// The order in which the elements of a result are traversed.
///     as_stored    column-major if every argument with a shape is a column-major matrix of Eigen, otherwise row-major
///     by_rows      row-major
///     by_input     all elements that share one element of a broadcast input come together, to sum its gradient
enum class traversal { as_stored, by_rows, by_input };

/// The layout of a result with at most Most dimensions.
template <std::size_t Most, traversal Order> struct common_layout {
    view<char const, Most> shape;              // only the extents are meaningful
    std::array<std::size_t, Most> permutation; // the dimensions, the slowest first
    std::size_t leading;                       // the first so many of these number the rows, the others lie within a row

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
        if (shape.rank > 1 && permutation[0] > permutation[1] && Order == traversal::as_stored && shape.size() != 0 &&
            !std::ranges::any_of(shape.extent, [&](std::size_t e) { return e == shape.size(); })) [[unlikely]]
            fail(std::string("l1loss: ") + name +
                 " has no shape and the others are stored column by column, expected one storage order");
    }

    /// Checks an argument, and returns it as a pointer to contiguous elements, as one value, or as a view of the result's shape.
    template <class Arg> constexpr auto array(Arg const& arg, char const* name) const {
        if constexpr (!has_shape<Arg>) {
            check_size(size(), arg, name);
            if constexpr (std::is_arithmetic_v<Arg> || std::is_same_v<Arg, nothing>) {
                return plain_array(arg);
            } else if constexpr (Order == traversal::as_stored || Order == traversal::by_rows) {
                check_unshaped(name);
                return plain_array(arg);
            } else {
                view<std::remove_pointer_t<decltype(plain_array(arg))>, Most> v{plain_array(arg)};
                std::size_t stride = size();
                for (std::size_t d = 0; d < shape.rank; ++d)
                    v.append(shape.extent[d], static_cast<std::ptrdiff_t>(stride /= std::max<std::size_t>(shape.extent[d], 1)));
                return oriented(v);
            }
        } else if constexpr (is_broadcast<Arg>) {
            auto const v = shape_view(arg);
            using T = std::remove_pointer_t<decltype(v.data)>;
            view<T, Most> wide{v.data};
            if (v.rank > shape.rank) [[unlikely]]
                cannot_broadcast(v, name, shape);
            for (std::size_t d = 0; d < shape.rank; ++d) {
                std::size_t const own = d + v.rank < shape.rank ? Most : d + v.rank - shape.rank;
                if (own == Most || v.extent[own] == 1) wide.append(shape.extent[d], 0);
                else if (v.extent[own] == shape.extent[d]) wide.append(shape.extent[d], v.stride[own]);
                else [[unlikely]] cannot_broadcast(v, name, shape);
            }
            return oriented(wide);
        } else {
            auto const v = shape.rank == 2 ? shape_view<true>(arg) : shape_view(arg);
            if constexpr (Order == traversal::by_rows) {
                using T = std::remove_pointer_t<decltype(v.data)>;
                view<T, Most> rows{v.data};
                if (auto const line = view_of(arg); line.rank == 1 && shape.rank == 2 && line.extent[0] == size()) {
                    rows.append(shape.extent[0], line.stride[0] * static_cast<std::ptrdiff_t>(shape.extent[1]));
                    rows.append(shape.extent[1], line.stride[0]);
                    return rows;
                }
                if (!same_extents(shape, v)) [[unlikely]]
                    shapes_differ(shape, "input", v, name);
                for (std::size_t d = 0; d < v.rank; ++d) rows.append(v.extent[d], v.stride[d]);
                return rows;
            } else {
                if (!same_extents(shape, v)) [[unlikely]]
                    shapes_differ(shape, "input", v, name);
                return oriented(v);
            }
        }
    }

    /// Fails unless an output has the shape of the result and contiguous elements in its order. Returns its first element.
    template <class Out> constexpr auto* output(Out& out, char const* name) const {
        if constexpr (has_shape<std::remove_cv_t<Out>>) {
            auto const v = shape.rank == 2 ? shape_view<true>(out) : shape_view(out);
            if (!same_extents(shape, v)) [[unlikely]]
                fail(std::string("l1loss: ") + name + " is " + shape_text(v) + ", expected " + shape_text(shape));
            if (!oriented(v).is_dense()) [[unlikely]]
                fail(std::string("l1loss: ") + name + " is strided, or in another storage order, expected contiguous elements");
        } else {
            check_size(size(), out, name);
            check_unshaped(name);
        }
        return data_of(out);
    }
};

/// Whether an argument has a shape and is not a column-major matrix. One such argument makes the whole call row-major.
template <class Arg> constexpr bool says_row_major() {
    if constexpr (is_broadcast<Arg>) return says_row_major<std::remove_cvref_t<decltype(std::declval<Arg>().values)>>();
    else return has_shape<Arg> && !is_column_major<Arg>();
}

/// The layout of a call. Its shape is that of input and target. If neither has one, it is that of weights, mask or grad_output.
template <traversal Order, class Input, class Target, class... Others, class Options>
constexpr auto common_layout_of(Input const& input, Target const& target, std::tuple<Others const&...> others,
                                Options const& options) {
    constexpr std::size_t most = std::max({std::size_t{Order == traversal::by_rows ? 2 : 1}, max_dimensions_of<Input>(),
                                           max_dimensions_of<Target>(), max_dimensions_of<Others>()...});
    constexpr bool transposed =
        Order != traversal::by_rows && !says_row_major<Input>() && !says_row_major<Target>() && !(says_row_major<Others>() || ...);
    auto const shape = [&](auto const& arg) {
        view<char const, most> s{};
        if constexpr (has_shape<std::remove_cvref_t<decltype(arg)>>) {
            constexpr bool is_matrix = eigen_matrix<Input> || eigen_matrix<Target>;
            auto const v = shape_view<is_matrix>(arg);
            for (std::size_t d = 0; d < v.rank; ++d) s.append(v.extent[d], 0);
        } else {
            s.append(length_of(arg, options), 0);
        }
        return s;
    };
    view<char const, most> of_input = shape(input), of_target = shape(target);
    if constexpr (is_broadcast<Input> && is_broadcast<Target>) {
        if (!join_shapes(of_input, of_target)) [[unlikely]]
            shapes_differ(of_input, "input", of_target, "target");
    } else if constexpr (is_broadcast<Input> || (!has_shape<Input> && has_shape<Target> && !is_broadcast<Target>)) {
        of_input = of_target;
    }
    if constexpr (!has_shape<Input> && has_shape<Target> && !is_broadcast<Target>)
        if (length_of(input, options) != of_input.size()) [[unlikely]]
            sizes_differ(length_of(input, options), "target", of_input.size());
    if constexpr (Order == traversal::by_rows && Options::has_length) { // one dimension: the option gives the rows
        auto const length = options.length;
        auto const rows = length > 0 ? static_cast<std::size_t>(length) : 0, n = of_input.size();
        if (of_input.rank == 1 && rows > 0 && n % rows == 0) {
            of_input.rank = 0;
            of_input.append(rows, 0);
            of_input.append(n / rows, 0);
        }
    }
    if constexpr (!has_shape<Input> && !has_shape<Target>) {
        auto const n = of_input.size();
        auto const take = [&](auto const& other, char const* name) {
            using Other = std::remove_cvref_t<decltype(other)>;
            if constexpr (has_shape<Other> && !is_broadcast<Other>) {
                if (of_input.rank == 1 && of_input.extent[0] == n) of_input = shape(other);
                if (size_of(other) != n) [[unlikely]]
                    sizes_differ(n, name, size_of(other));
            }
        };
        constexpr char const* names[] = {"weights", "mask", "grad_output"};
        [&]<std::size_t... k>(std::index_sequence<k...>) {
            (take(std::get<k>(others), names[k]), ...);
        }(std::index_sequence_for<Others...>{});
    }

    common_layout<most, Order> layout{of_input, {}, 1};
    std::size_t const rank = of_input.rank;
    if constexpr (Order == traversal::by_input) {
        auto const own = shape(input);
        auto const is_own = [&](std::size_t d) {
            return d + own.rank >= rank && own.extent[d + own.rank - rank] == of_input.extent[d];
        };
        std::size_t at = 0;
        for (bool const first : {true, false}) {
            for (std::size_t k = 0; k < rank; ++k)
                if (std::size_t const d = transposed ? rank - 1 - k : k; is_own(d) == first) layout.permutation[at++] = d;
            if (first) layout.leading = at;
        }
    } else {
        for (std::size_t k = 0; k < rank; ++k) layout.permutation[k] = transposed ? rank - 1 - k : k;
    }
    return layout;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
