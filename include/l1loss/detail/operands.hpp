// What a call reads, checked: each argument as an array (array.hpp), and the term sources that they make. All sizes, shapes and
// overlaps are checked here, before anything is computed or written.
//
// On top of arguments.hpp and terms.hpp, under the public functions.
#pragma once

#include <algorithm>

#include <l1loss/detail/arguments.hpp>
#include <l1loss/detail/terms.hpp>

namespace l1loss::detail {

/// The arrays of one call. Weights, mask and what a gradient is scaled by are `nothing` where they are not given.
template <class A, class Input, class Target, class Weights, class Mask, class Scale, bool skips_nan>
struct operands {
    static constexpr bool is_weighted = !std::is_same_v<Weights, nothing>;
    static constexpr bool is_selective = skips_nan || !std::is_same_v<Mask, nothing>;

    Input input;
    Target target;
    Weights weights;
    Mask mask;
    Scale scale;

    L1LOSS_INLINE constexpr auto selection() const {
        using numbers = where_numbers<A, Input, Target>;
        if constexpr (!skips_nan) return where_set<Mask>{mask};
        else if constexpr (std::is_same_v<Mask, nothing>) return numbers{input, target};
        else return where_both<where_set<Mask>, numbers>{{mask}, {input, target}};
    }
    template <class Terms>
    L1LOSS_INLINE constexpr auto where_selected(Terms const& terms) const {
        if constexpr (is_selective) return selected<Terms, decltype(selection())>{terms, selection()};
        else return terms;
    }
    template <class Terms>
    L1LOSS_INLINE constexpr auto times_weights(Terms const& terms) const {
        if constexpr (is_weighted) return weighted<Terms, Weights>{terms, weights};
        else return terms;
    }

    /// What is summed: w·|d| where selected.
    L1LOSS_INLINE constexpr auto terms() const {
        return where_selected(times_weights(abs_difference<A, Input, Target>{input, target}));
    }

    /// What the mean is over: the weights, or ones, where selected.
    L1LOSS_INLINE constexpr auto ones() const { return counted<A, decltype(selection())>{selection()}; }
    L1LOSS_INLINE constexpr auto denominators() const {
        if constexpr (is_weighted) return where_selected(elements<A, Weights>{weights});
        else return ones();
    }

    /// The gradient with respect to input, where ∂loss/∂none_i is s_i.
    template <class S>
    L1LOSS_INLINE constexpr auto gradient_terms(S s) const {
        auto const scaled = times_weights(elements<A, S>{s});
        return where_selected(gradient<Input, Target, std::remove_const_t<decltype(scaled)>>{input, target, scaled});
    }

    /// The same call with input and target exchanged.
    L1LOSS_INLINE constexpr auto exchanged() const {
        return operands<A, Target, Input, Weights, Mask, Scale, skips_nan>{target, input, weights, mask, scale};
    }

    /// Row `row` of all arrays.
    L1LOSS_INLINE constexpr auto row(std::size_t row, std::size_t columns) const {
        auto const of = [&](auto array) L1LOSS_INLINE {
            if constexpr (std::is_same_v<decltype(array), nothing>) return array;
            else return row_of(array, row, columns);
        };
        return operands<A, decltype(of(input)), decltype(of(target)), decltype(of(weights)), decltype(of(mask)),
                        decltype(of(scale)), skips_nan>{of(input), of(target), of(weights), of(mask), of(scale)};
    }
};

// ---- Errors.

[[noreturn, gnu::cold, gnu::noinline]] inline void sizes_differ(std::size_t n, char const* name, std::size_t size) {
    fail("l1loss: input has " + std::to_string(n) + " elements, " + name + " has " + std::to_string(size));
}

template <class V, class W>
[[noreturn, gnu::cold, gnu::noinline]] void shapes_differ(V const& result, char const* result_name, W const& v, char const* name) {
    fail(std::string("l1loss: ") + result_name + " is " + shape_text(result) + ", " + name + " is " + shape_text(v) +
         ", expected one shape, or l1loss::broadcast");
}

template <class W, class V>
[[noreturn, gnu::cold, gnu::noinline]] void cannot_broadcast(W const& v, char const* name, V const& result) {
    fail(std::string("l1loss: ") + name + " is " + shape_text(v) + ", which cannot be broadcast to " + shape_text(result));
}

/// The size of an argument that knows it must be n.
template <class Arg>
constexpr void check_size(std::size_t n, Arg const& arg, char const* name) {
    if constexpr (!pointer<Arg> && !std::is_arithmetic_v<Arg> && !std::is_same_v<Arg, nothing> && !is_per_row<Arg>)
        if (size_of(arg) != n) [[unlikely]]
            sizes_differ(n, name, size_of(arg));
}

/// How many elements an argument has, or is said to have if it is a pointer.
template <class Arg, class... Options>
constexpr std::size_t length_of(Arg const& arg, Options&... options) {
    if constexpr (pointer<Arg>) {
        auto const length = option<is_length>(options...);
        if (std::cmp_less(length, 0)) [[unlikely]]
            fail("l1loss: length is " + std::to_string(length) + ", expected 0 or more");
        return static_cast<std::size_t>(length);
    } else {
        return size_of(arg);
    }
}

// ---- Arguments that are nothing but elements side by side, or one number.

template <class Arg>
L1LOSS_INLINE constexpr auto plain_array(Arg const& arg) {
    if constexpr (std::is_same_v<Arg, nothing>) {
        return arg;
    } else if constexpr (std::is_arithmetic_v<Arg>) {
        return constant<Arg>{arg};
    } else if constexpr (is_per_row<Arg>) {
        return arg;
    } else {
        element_of<Arg const> const* p = data_of(arg);
        return p;
    }
}

/// The result of a call whose arguments are all such: only its size is known.
struct plain_result {
    std::size_t n;

    /// Where an output begins, once it is known to fit.
    template <class Out>
    constexpr auto* output(Out& out, char const* name) const {
        check_size(n, out, name);
        if constexpr (viewable<std::remove_cv_t<Out>>)
            if (!view_of(out).is_dense()) [[unlikely]]
                fail(std::string("l1loss: ") + name + " is strided, expected contiguous elements");
        return data_of(out);
    }
};

// ---- Arguments among which there are views.

/// Has a shape: an object with strides, a tensor, or anything that is broadcast.
template <class Arg>
concept has_shape = needs_view<Arg> || is_tensor_type<Arg>;

template <class Arg>
constexpr auto shape_view(Arg const& arg) {
    if constexpr (is_broadcast<Arg>) return view_of(arg.values);
    else return view_of(arg);
}

template <class Arg>
inline constexpr std::size_t most_of = 1;
template <class T, std::size_t Most>
inline constexpr std::size_t most_of<view<T, Most>> = Most;
template <class Arg>
constexpr std::size_t most_dimensions_of() {
    if constexpr (has_shape<Arg>) return most_of<decltype(shape_view(std::declval<Arg const&>()))>;
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

/// The shape of a result, its extents alone.
template <std::size_t Most>
struct shaped_result {
    view<char const, Most> shape;
    bool is_transposed; // all are stored column by column, and walked so

    constexpr std::size_t size() const { return shape.size(); }

    template <class T, std::size_t N>
    constexpr bool has_shape_of(view<T, N> const& v) const {
        return same_extents(shape, v);
    }

    /// v in the order in which the result is walked.
    template <class T, std::size_t N>
    constexpr view<T, N> oriented(view<T, N> const& v) const {
        return is_transposed ? v.transposed() : v;
    }

    /// Fails for elements without a shape where their order could be taken for another.
    constexpr void check_unshaped(char const* name) const {
        if (is_transposed && shape.size() != 0 &&
            !std::ranges::any_of(shape.extent, [&](std::size_t e) { return e == shape.size(); })) [[unlikely]]
            fail(std::string("l1loss: ") + name +
                 " has no shape and the others are stored column by column, expected one storage order");
    }

    /// An argument as elements side by side, or as a view in the shape of the result.
    template <class Arg>
    constexpr auto array(Arg const& arg, char const* name) const {
        if constexpr (!has_shape<Arg>) {
            check_size(size(), arg, name);
            if constexpr (!std::is_arithmetic_v<Arg> && !std::is_same_v<Arg, nothing> && !is_per_row<Arg>) check_unshaped(name);
            return plain_array(arg);
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
            auto const v = shape_view(arg);
            if (!has_shape_of(v)) [[unlikely]]
                shapes_differ(shape, "input", v, name);
            return oriented(v);
        }
    }

    template <class Out>
    constexpr auto* output(Out& out, char const* name) const {
        if constexpr (has_shape<std::remove_cv_t<Out>>) {
            auto const v = view_of(out);
            if (!has_shape_of(v)) [[unlikely]]
                shapes_differ(shape, "input", v, name);
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
template <bool by_rows, class Input, class Target, class... Others, class... Options>
constexpr auto result_of(Input const& input, Target const& target, std::tuple<Others const&...> others, Options&... options) {
    constexpr std::size_t most =
        std::max({most_dimensions_of<Input>(), most_dimensions_of<Target>(), most_dimensions_of<Others>()...});
    constexpr bool transposed =
        !by_rows && !says_row_major<Input>() && !says_row_major<Target>() && !(says_row_major<Others>() || ...);
    auto const shape = [&](auto const& arg) {
        view<char const, most> s{};
        if constexpr (has_shape<std::remove_cvref_t<decltype(arg)>>) {
            auto const v = shape_view(arg);
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
    } else if constexpr (is_broadcast<Input> || !has_shape<Input>) {
        if constexpr (has_shape<Target> || is_broadcast<Input>) of_input = of_target;
    }
    if constexpr (!has_shape<Input> && has_shape<Target> && !is_broadcast<Target>)
        if (length_of(input, options...) != of_input.size()) [[unlikely]]
            sizes_differ(length_of(input, options...), "target", of_input.size());
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
        [&]<std::size_t... k>(std::index_sequence<k...>) { (take(std::get<k>(others), names[k]), ...); }
        (std::index_sequence_for<Others...>{});
    }
    return shaped_result<most>{of_input, transposed};
}

template <class Array>
constexpr bool is_dense(Array const& array) {
    if constexpr (requires { array.is_dense(); }) return array.is_dense();
    else return true;
}
template <class Array>
L1LOSS_INLINE constexpr auto dense_array(Array const& array) {
    if constexpr (requires { array.is_dense(); })
        return static_cast<std::remove_pointer_t<decltype(array.data)> const*>(array.data);
    else return array;
}

/// Keeps a reader of a view, or the array itself.
template <class Array>
struct readable {
    Array array;
    constexpr explicit readable(Array const& a) : array(a) {}
    constexpr Array get() { return array; }
};
template <class T, std::size_t Most>
struct readable<view<T, Most>> {
    view_reader<std::remove_const_t<T>, Most> reader;
    constexpr explicit readable(view<T, Most> const& v) : reader(v) {}
    constexpr auto* get() { return &reader; }
};

// ---- The call.

/// f(operands, n, result) of the arguments: n is an integral_constant where either shape is fixed, and result knows whether an
/// output fits. By rows, a matrix that is stored by columns is walked by rows all the same.
template <class A, bool by_rows = false, class Input, class Target, class F, class... Options>
L1LOSS_INLINE constexpr decltype(auto) with_operands(Input const& input, Target const& target, F f, Options&... options) {
    constexpr bool skips_nan = given<is_skip_nan, Options...>;
    auto const& w = values_of<is_weights>(options...);
    auto const& m = values_of<is_where>(options...);
    auto const& s = values_of<is_grad_output>(options...);
    using W = std::remove_cvref_t<decltype(w)>;
    using M = std::remove_cvref_t<decltype(m)>;
    using S = std::remove_cvref_t<decltype(s)>;
    auto const call = [&](auto n, auto const& result, auto x, auto y, auto weights, auto mask, auto scale)
                          L1LOSS_INLINE -> decltype(auto) {
        using ops = operands<A, decltype(x), decltype(y), decltype(weights), decltype(mask), decltype(scale), skips_nan>;
        return f(ops{x, y, weights, mask, scale}, n, result);
    };

    if constexpr (!needs_view<Input> && !needs_view<Target> && !needs_view<W> && !needs_view<M> && !needs_view<S>) {
        std::size_t const n = length_of(input, options...);
        if (n != length_of(target, options...)) [[unlikely]]
            sizes_differ(n, "target", length_of(target, options...));
        check_size(n, w, "weights");
        check_size(n, m, "mask");
        check_size(n, s, "grad_output");
        if constexpr (fixed_shape<Input> || fixed_shape<Target>) {
            constexpr std::size_t N = fixed_shape<Input> ? fixed_size<Input> : fixed_size<Target>;
            return call(std::integral_constant<std::size_t, N>{}, plain_result{N}, plain_array(input), plain_array(target),
                        plain_array(w), plain_array(m), plain_array(s));
        } else {
            return call(n, plain_result{n}, plain_array(input), plain_array(target), plain_array(w), plain_array(m),
                        plain_array(s));
        }
    } else {
        auto const result = result_of<by_rows>(input, target, std::tuple<W const&, M const&, S const&>(w, m, s), options...);
        auto const x = result.array(input, "input");
        auto const y = result.array(target, "target");
        auto const weights = result.array(w, "weights");
        auto const mask = result.array(m, "mask");
        auto const scale = result.array(s, "grad_output");
        if (is_dense(x) && is_dense(y) && is_dense(weights) && is_dense(mask) && is_dense(scale))
            return call(result.size(), result, dense_array(x), dense_array(y), dense_array(weights), dense_array(mask),
                        dense_array(scale));
        readable input_reader(x), target_reader(y), weights_reader(weights), mask_reader(mask), scale_reader(scale);
        return call(result.size(), result, input_reader.get(), target_reader.get(), weights_reader.get(), mask_reader.get(),
                    scale_reader.get());
    }
}

// ---- Overlaps.

[[noreturn, gnu::cold, gnu::noinline]] inline void overlaps(char const* out, char const* in) {
    fail(std::string("l1loss: ") + out + " overlaps " + in + " in part, expected the same memory and type, or none of it");
}

/// Fails unless the elements at `out` are exactly the n of the array or apart from them.
template <class Out, class Array>
L1LOSS_INLINE inline void refuse_overlap(Out* out, std::size_t out_size, char const* out_name, Array array, std::size_t n,
                                         char const* name) {
    if constexpr (std::is_pointer_v<Array>) {
        auto const out_begin = reinterpret_cast<std::uintptr_t>(out), out_end = out_begin + out_size * sizeof *out;
        std::uintptr_t begin, end;
        bool same;
        if constexpr (is_view<Array>) {
            std::tie(begin, end) = array->memory();
            same = array->is_dense() && std::is_same_v<Out, typename std::remove_pointer_t<Array>::value_type>;
        } else {
            begin = reinterpret_cast<std::uintptr_t>(array);
            end = begin + n * sizeof *array;
            same = std::is_same_v<Out const, std::remove_pointer_t<Array>>;
        }
        same = same && out_begin == begin && out_end == end;
        if (!same && out_begin < end && begin < out_end) [[unlikely]]
            overlaps(out_name, name);
    }
}

/// The same for all arrays of a call. In constant evaluation addresses cannot be compared.
template <class Out, class Operands>
L1LOSS_INLINE constexpr void refuse_overlaps(Out* out, std::size_t out_size, std::size_t n, char const* name, Operands const& ops) {
    if (std::is_constant_evaluated()) return;
    refuse_overlap(out, out_size, name, ops.input, n, "input");
    refuse_overlap(out, out_size, name, ops.target, n, "target");
    refuse_overlap(out, out_size, name, ops.weights, n, "weights");
    refuse_overlap(out, out_size, name, ops.mask, n, "mask");
    refuse_overlap(out, out_size, name, ops.scale, n, "grad_output");
}

/// Two outputs of n elements each have nothing in common.
template <class X, class Y>
L1LOSS_INLINE constexpr void refuse_shared(X* x, char const* x_name, Y* y, char const* y_name, std::size_t n) {
    if (std::is_constant_evaluated()) return;
    auto const first = reinterpret_cast<std::uintptr_t>(x), second = reinterpret_cast<std::uintptr_t>(y);
    if (first < second + n * sizeof *y && second < first + n * sizeof *x) [[unlikely]]
        fail(std::string("l1loss: ") + x_name + " overlaps " + y_name + ", expected different memory");
}

} // namespace l1loss::detail
