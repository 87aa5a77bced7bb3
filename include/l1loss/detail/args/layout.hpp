// The shape that arguments of a call have in common, where there are views among them. Each is made an array of the result's
// elements here, in the order in which they are walked, or an error that says what does not fit.
//
// On top of size.hpp, under operands.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>

#include <l1loss/detail/args/size.hpp>

namespace l1loss::detail {

template <class V, class W>
[[noreturn, gnu::cold, gnu::noinline]] void shapes_differ(V const& result, char const* result_name, W const& v, char const* name) {
    fail(std::string("l1loss: ") + result_name + " is " + shape_text(result) + ", " + name + " is " + shape_text(v) +
         ", expected one shape, or l1loss::broadcast");
}

template <class W, class V>
[[noreturn, gnu::cold, gnu::noinline]] void cannot_broadcast(W const& v, char const* name, V const& result) {
    fail(std::string("l1loss: ") + name + " is " + shape_text(v) + ", which cannot be broadcast to " + shape_text(result));
}

/// Has a shape: an object with strides, a tensor, or anything that is broadcast.
template <class Arg>
concept has_shape = needs_view<Arg> || is_tensor_type<Arg>;

/// An argument in its shape. Eigen's vectors have one dimension, but next to matrices and where they are extended they are the
/// rows or columns that Eigen takes them for.
template <bool is_matrix = false, class Arg>
constexpr auto shape_view(Arg const& arg) {
    if constexpr (is_broadcast<Arg>) return shape_view<true>(arg.values);
    else if constexpr (is_matrix && eigen_vector<Arg>) return matrix_view_of(arg);
    else return view_of(arg);
}

template <class Arg>
inline constexpr std::size_t max_rank_of = 1;
template <class T, std::size_t Most>
inline constexpr std::size_t max_rank_of<view<T, Most>> = Most;
template <class Arg>
constexpr std::size_t max_dimensions_of() {
    if constexpr (has_shape<Arg>) return max_rank_of<decltype(shape_view(std::declval<Arg const&>()))>;
    else return 1;
}

/// Two shapes made one: extents of 1, and those that are missing in front, are repeated. Nothing where that cannot be.
template <class Shape>
constexpr bool join_shapes(Shape& shape, Shape const& other) {
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

/// How the elements of a result follow one another: in row-major order, but for two arguments that are both stored column by
/// column in theirs; by rows in any case; or so that those which an extended argument's one element meets come together.
enum class traversal { as_stored, by_rows, by_input, by_target };

/// The shape of a result, its extents alone, and how it is walked.
template <std::size_t Most, traversal Order>
struct common_layout {
    view<char const, Most> shape;
    std::array<std::size_t, Most> permutation; // dimensions, the slowest first
    std::size_t leading;                       // of which so many make a row

    constexpr std::size_t size() const { return shape.size(); }
    constexpr std::size_t rows() const {
        std::size_t n = 1;
        for (std::size_t k = 0; k < leading; ++k) n *= shape.extent[permutation[k]];
        return n;
    }

    /// v in the order in which the result is walked.
    template <class T, std::size_t N>
    constexpr view<T, N> oriented(view<T, N> const& v) const {
        view<T, N> w{v.data};
        for (std::size_t d = 0; d < v.rank; ++d) w.append(v.extent[permutation[d]], v.stride[permutation[d]]);
        return w;
    }

    /// Fails for elements without a shape where their order could be taken for another.
    constexpr void check_unshaped(char const* name) const {
        if (shape.rank > 1 && permutation[0] > permutation[1] && Order == traversal::as_stored && shape.size() != 0 &&
            !std::ranges::any_of(shape.extent, [&](std::size_t e) { return e == shape.size(); })) [[unlikely]]
            fail(std::string("l1loss: ") + name +
                 " has no shape and the others are stored column by column, expected one storage order");
    }

    /// An argument as elements side by side, or as a view in the shape of the result.
    template <class Arg>
    constexpr auto array(Arg const& arg, char const* name) const {
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

    template <class Out>
    constexpr auto* output(Out& out, char const* name) const {
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

template <class Arg>
constexpr bool says_row_major() {
    if constexpr (is_broadcast<Arg>) return says_row_major<std::remove_cvref_t<decltype(std::declval<Arg>().values)>>();
    else return has_shape<Arg> && !is_column_major<Arg>();
}

/// The shape of the result: that of input and target; of weights or a mask, where those have none.
template <traversal Order, class Input, class Target, class... Others, class... Options>
constexpr auto common_layout_of(Input const& input, Target const& target, std::tuple<Others const&...> others,
                                Options&... options) {
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
            s.append(length_of(arg, options...), 0);
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
        if (length_of(input, options...) != of_input.size()) [[unlikely]]
            sizes_differ(length_of(input, options...), "target", of_input.size());
    if constexpr (Order == traversal::by_rows && given<is_length, Options...>) { // elements in one dimension: the rows are as said
        auto const length = option<is_length>(options...);
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
    if constexpr (Order == traversal::by_input || Order == traversal::by_target) {
        auto const own = [&] {
            if constexpr (Order == traversal::by_input) return shape(input);
            else return shape(target);
        }();
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

} // namespace l1loss::detail
