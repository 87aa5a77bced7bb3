// A view as an array (array.hpp): its elements in row-major order, a window of neighbours at a time. A window is read in place
// where its elements are neighbours in memory, and else copied.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <l1loss/detail/args/view.hpp>
#include <l1loss/detail/read/array.hpp>

namespace l1loss::detail {

/// A view as an array. It remembers the row that it was asked for last, since the next question is most often about the same row or
/// the next. Elements that are no neighbours in memory are copied to `buffer`, some of them at a time.
template <class T, std::size_t Most>
class view_reader {
public:
    using value_type = T;

    constexpr view_reader(view<T const, Most> const& of, std::size_t dimensions_to_a_row)
        : whole(of), leading(dimensions_to_a_row) {
        set(of);
    }
    view_reader(view_reader const&) = delete; // `piece` may be in `buffer`

    constexpr T element(std::size_t i) const {
        std::ptrdiff_t at = 0;
        for (std::size_t d = v.rank; d-- > 0; i /= v.extent[d]) at += static_cast<std::ptrdiff_t>(i % v.extent[d]) * v.stride[d];
        return v.data[at];
    }

    /// Neighbouring elements from `first` on: at least `least`, and no more than `count` becomes.
    template <class Arch>
    L1LOSS_INLINE inline T const* window(std::size_t first, std::size_t least, std::size_t& count) {
        if (!has(first, least)) seek<Arch>(first, least, count);
        count = std::min(count, piece_size - (first - piece_first));
        return piece + (first - piece_first);
    }

    L1LOSS_INLINE constexpr void select_row(std::size_t r) { set(whole.row(r, leading)); }

    std::pair<std::uintptr_t, std::uintptr_t> memory() const { return whole.memory(); }
    L1LOSS_INLINE constexpr bool is_dense() const { return whole.is_dense(); }

private:
    /// Elements that are copied at a time: a block of the order. In a row of long_row elements, only as many as are asked for.
    static constexpr std::size_t max_copied = 2048 / sizeof(T), long_row = 4 * window_size;

    L1LOSS_INLINE constexpr void set(view<T const, Most> const& to) {
        v = to.simplified();
        row = 0;
        row_first = 0;
        index = {};
        is_dense_row = v.stride[v.rank - 1] == 1;
        use_row();
        if (!is_dense_row) piece_size = 0;
    }
    constexpr std::size_t columns() const { return v.extent[v.rank - 1]; }

    L1LOSS_INLINE constexpr void use_row() {
        piece = v.data + row;
        piece_first = row_first;
        piece_size = columns();
    }

    /// Whether the elements [first, first + count) lie in the piece.
    L1LOSS_INLINE bool has(std::size_t first, std::size_t count) const {
        std::size_t const i = first - piece_first;
        return i <= piece_size && piece_size - i >= count;
    }

    /// Makes a piece of the elements from `first` on, at least `least` and, if they are copied, no more than `most`.
    template <class Arch>
    [[gnu::noinline]] void seek(std::size_t first, std::size_t least, std::size_t most) {
        if (first < row_first || first - row_first >= 4 * columns())
            locate<Arch>(first / columns()); // divides: not for the next row
        while (first - row_first >= columns()) next_row<Arch>();
        std::size_t column = first - row_first;
        if (is_dense_row && columns() - column >= least) return use_row();
        std::size_t const count = is_dense_row && columns() >= long_row ? least : std::min(most, max_copied);
        piece = buffer, piece_first = first, piece_size = count;
        for (std::size_t left = count;;) {
            std::size_t const n = std::min(left, columns() - column);
            copy<Arch>(v.data + row + static_cast<std::ptrdiff_t>(column) * v.stride[v.rank - 1], n, buffer + (count - left));
            left -= n;
            if (left == 0) return;
            next_row<Arch>();
            column = 0;
        }
    }

    /// Row r, counted in row-major order of all dimensions but the last.
    template <class Arch>
    L1LOSS_INLINE void locate(std::size_t r) {
        row = 0;
        row_first = r * columns();
        for (std::size_t d = v.rank - 1; d-- > 0; r /= v.extent[d]) {
            index[d] = r % v.extent[d];
            row += static_cast<std::ptrdiff_t>(index[d]) * v.stride[d];
        }
    }
    template <class Arch>
    L1LOSS_INLINE void next_row() {
        row_first += columns();
        for (std::size_t d = v.rank - 1; d-- > 0;) { // with carry
            row += v.stride[d];
            if (++index[d] < v.extent[d]) break;
            row -= static_cast<std::ptrdiff_t>(v.extent[d]) * v.stride[d];
            index[d] = 0;
        }
    }

    /// By registers as wide as those that it is read with, the last overlapping the one before. A load of what two stores wrote
    /// would wait for both, and calling memcpy for some ten elements takes longer.
    template <class Arch>
    L1LOSS_INLINE void copy(T const* from, std::size_t n, T* to) const {
        constexpr std::size_t chunk = bytes_of_register<Arch> / sizeof(T);
        std::ptrdiff_t const step = v.stride[v.rank - 1];
        if (step == 1 && n >= chunk) {
            for (std::size_t i = 0; i < n - chunk; i += chunk) __builtin_memcpy(to + i, from + i, bytes_of_register<Arch>);
            __builtin_memcpy(to + n - chunk, from + n - chunk, bytes_of_register<Arch>);
        } else {
            for (std::size_t i = 0; i < n; ++i) to[i] = from[static_cast<std::ptrdiff_t>(i) * step];
        }
    }

    view<T const, Most> whole, v; // what was given, and what is read: the whole or a row of it, in as few dimensions as can be
    std::size_t leading;
    std::ptrdiff_t row = 0; // the elements [row_first, row_first + columns) begin here, in elements from v.data
    std::size_t row_first = 0;
    std::array<std::size_t, Most> index{}; // of that row
    bool is_dense_row = false;
    // The elements [piece_first, piece_first + piece_size): that row, or a copy.
    T const* piece = nullptr;
    std::size_t piece_first = 0, piece_size = 0;
    T buffer[max_copied];
};

template <class T, std::size_t Most>
inline constexpr bool is_view<view_reader<T, Most>*> = true;

template <class A, class T, std::size_t Most>
constexpr A element_at(view_reader<T, Most>* array, std::size_t i) {
    return A(array->element(i));
}
template <class Arch, class T, std::size_t Most>
L1LOSS_INLINE inline T const* window_of(view_reader<T, Most>* array, std::size_t first, std::size_t least, std::size_t& count) {
    return array->template window<Arch>(first, least, count);
}
template <class T, std::size_t Most>
L1LOSS_INLINE constexpr view_reader<T, Most>* row_of(view_reader<T, Most>* array, std::size_t row, std::size_t) {
    array->select_row(row);
    return array;
}

} // namespace l1loss::detail
