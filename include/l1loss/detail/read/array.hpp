// An array says how the kernels reach the elements of one argument: contiguous, one value for all, or a strided view.
//
//     T const*          the elements themselves
//     constant<T>       the same value at every index
//     dequantized_array integers that stand for real numbers, reached by any of these
//     view<T, …>        a matrix whose rows are contiguous, which is only asked for its rows
//     view_reader<…>*   elements in row-major order of a view (view_reader.hpp), a window at a time
//
// operands has the arrays of one call.
#pragma once

#include <l1loss/detail/args/view.hpp>
#include <l1loss/detail/elements.hpp>
#include <l1loss/detail/simd/load.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The type of the elements of an array, or void.
void value_in(auto const&);
template <class T> T value_in(T const* const&);
template <class T> T value_in(constant<T> const&);
template <class T, std::size_t Most> std::remove_const_t<T> value_in(view<T, Most> const&);
template <class Array> using array_value = decltype(value_in(std::declval<Array const&>()));

template <class Array> inline constexpr bool is_dequantized = false;
template <class C, class S, class Z> inline constexpr bool is_dequantized<dequantized_array<C, S, Z>> = true;

/// What an array has in memory.
template <class Array> L1LOSS_INLINE constexpr auto const& in_memory(Array const& array) {
    if constexpr (is_dequantized<Array>) return array.codes;
    else return array;
}
/// The same array, with f applied to what it has in memory. `nothing` stays so.
template <class F, class Array> L1LOSS_INLINE constexpr auto if_given(F const& f, Array array) {
    if constexpr (std::is_same_v<Array, nothing>) return array;
    else if constexpr (is_dequantized<Array>) return dequantized_array{f(array.codes), array.scale, array.zero_point};
    else return f(array);
}

// ---- One element, as A.

template <class A, class T> L1LOSS_INLINE constexpr A element_at(T const* array, std::size_t i) {
    return to_accumulator<A>(array[i]);
}
template <class A, accumulator T> L1LOSS_INLINE constexpr A element_at(T const* array, std::size_t i) {
    return A(array[i]); // one call fewer, because Clang limits the steps of a constant
}
template <class A, class T> L1LOSS_INLINE constexpr A element_at(constant<T> array, std::size_t) {
    return to_accumulator<A>(array.value);
}

template <class A, class C, class S, class Z>
L1LOSS_INLINE constexpr A element_at(dequantized_array<C, S, Z> array, std::size_t i) {
    return product(A(element_at<std::int32_t>(array.codes, i) - std::int32_t(array.zero_point)), A(array.scale));
}

// ---- A register of elements. load.hpp says what is in the lanes that are not asked for.

template <class A, class Arch, class Lanes, class T>
L1LOSS_INLINE inline batch<A, Arch> load_at(T const* array, std::size_t i, Lanes lanes) {
    return load<A, Arch>(array + i, lanes);
}
template <class A, class Arch, class Lanes, class T>
L1LOSS_INLINE inline batch<A, Arch> load_at(constant<T> array, std::size_t, Lanes lanes) {
    batch<A, Arch> const repeated(to_accumulator<A>(array.value));
    if constexpr (!are_all<Lanes>) return choose(repeated, mask_of<A, Arch>(lanes));
    else return repeated;
}

template <class A, class Arch, class Lanes, class C, class S, class Z>
L1LOSS_INLINE inline batch<A, Arch> load_at(dequantized_array<C, S, Z> array, std::size_t i, Lanes lanes) {
    auto difference = load_at<A, Arch>(array.codes, i, lanes) - batch<A, Arch>(A(array.zero_point));
    barrier(difference); // otherwise -ffast-math distributes the product
    auto const scaled = product(difference, batch<A, Arch>(A(array.scale)));
    if constexpr (!are_all<Lanes>) return choose(scaled, mask_of<A, Arch>(lanes));
    else return scaled;
}

// ---- A window: contiguous elements from `first` on. It holds at least `least` ≤ window_size of them, and reduces `count` to the
// number that it holds.

/// A stripe of floats.
inline constexpr std::size_t window_size = 64;

template <class Array> inline constexpr bool is_windowed = false;
template <class C, class S, class Z> inline constexpr bool is_windowed<dequantized_array<C, S, Z>> = is_windowed<C>;

template <class Arch, class T> L1LOSS_INLINE inline T* window_of(T* array, std::size_t first, std::size_t, std::size_t&) {
    return array + first;
}
template <class Arch, class T>
L1LOSS_INLINE inline constant<T> window_of(constant<T> array, std::size_t, std::size_t, std::size_t&) {
    return array;
}

// ---- Row `row` of a matrix with `columns` columns.

template <class T> L1LOSS_INLINE constexpr T const* row_of(T const* array, std::size_t row, std::size_t columns) {
    return array + row * columns;
}
L1LOSS_INLINE constexpr nothing row_of(nothing, std::size_t, std::size_t) { return {}; }
template <class T> L1LOSS_INLINE constexpr constant<T> row_of(constant<T> array, std::size_t, std::size_t) { return array; }

/// A view whose rows are contiguous, with any distance from one row to the next. Rows are numbered by the first dimension.
template <class T, std::size_t Most>
L1LOSS_INLINE constexpr T const* row_of(view<T, Most> const& array, std::size_t row, std::size_t) {
    return array.data + static_cast<std::ptrdiff_t>(row) * array.stride[0];
}

/// One number, or the number of a row.
template <class Number> L1LOSS_INLINE constexpr auto number_of_row(Number numbers, std::size_t row) {
    if constexpr (std::is_pointer_v<Number>) return numbers[row];
    else return numbers;
}
template <class C, class S, class Z>
L1LOSS_INLINE constexpr auto row_of(dequantized_array<C, S, Z> const& array, std::size_t row, std::size_t columns) {
    return dequantized_array{row_of(array.codes, row, columns), number_of_row(array.scale, row),
                             number_of_row(array.zero_point, row)};
}

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
