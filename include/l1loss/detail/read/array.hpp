// An array says how the kernels reach the elements of one argument: contiguous, one value for all, or a strided view.
//
//     T const*          the elements themselves
//     constant<T>       the same value at every index
//     view<T, …>        a matrix whose rows are contiguous, which is only asked for its rows
//     view_reader<…>*   elements in row-major order of a view (view_reader.hpp), a window at a time
#pragma once

#include <l1loss/detail/args/elements.hpp>
#include <l1loss/detail/args/view.hpp>
#include <l1loss/detail/simd/load.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class F, class Array> L1LOSS_INLINE constexpr auto if_given(F const& f, Array array) {
    if constexpr (std::is_same_v<Array, nothing>) return array;
    else return f(array);
}

// ---- One element, as A.

template <class A, class T> L1LOSS_INLINE constexpr A element_at(T const* array, std::size_t i) { return A(array[i]); }
template <class A, class T> L1LOSS_INLINE constexpr A element_at(constant<T> array, std::size_t) { return A(array.value); }

// ---- A register of elements. load.hpp says what is in the lanes that are not asked for.

template <class A, class Arch, class Lanes, class T>
L1LOSS_INLINE inline batch<A, Arch> load_at(T const* array, std::size_t i, Lanes lanes) {
    return load<A, Arch>(array + i, lanes);
}
template <class A, class Arch, class Lanes, class T>
L1LOSS_INLINE inline batch<A, Arch> load_at(constant<T> array, std::size_t, Lanes lanes) {
    batch<A, Arch> const all(A(array.value));
    if constexpr (!are_all<Lanes>) return choose(all, mask_of<A, Arch>(lanes));
    else return all;
}

// ---- A window: contiguous elements from `first` on. It holds at least `least` ≤ window_size of them, and reduces `count` to the
// number that it holds.

/// A stripe of floats.
inline constexpr std::size_t window_size = 64;

template <class Array> inline constexpr bool is_windowed = false;

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
template <class T> L1LOSS_INLINE constexpr constant<T> row_of(constant<T> array, std::size_t, std::size_t) { return array; }

/// A view whose rows are contiguous, with any distance from one row to the next. Rows are numbered by the first dimension.
template <class T, std::size_t Most>
L1LOSS_INLINE constexpr T const* row_of(view<T, Most> const& array, std::size_t row, std::size_t) {
    return array.data + static_cast<std::ptrdiff_t>(row) * array.stride[0];
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
