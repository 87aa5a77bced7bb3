// Reads the elements of a view in row-major order, a window at a time.
//
// A window is read in place where its elements are contiguous in memory, and copied otherwise.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <l1loss/detail/args/view.hpp>
#include <l1loss/detail/read/array.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// A view as an array. It remembers the row that it read last, because the next window is most often in that row or the one after.
/// Elements that are not contiguous in memory are copied to `buffer`, a part of them at a time.
template <class T, std::size_t Most> class view_reader {
public:
    using value_type = T;

    constexpr view_reader(view<T const, Most> const& of, std::size_t dimensions_to_a_row)
        : whole(of), leading(dimensions_to_a_row) {
        set(of);
    }
    view_reader(view_reader const&) = delete; // `piece` may point into `buffer`

    constexpr T element(std::size_t i) const {
        std::ptrdiff_t at = 0;
        for (std::size_t d = v.rank; d-- > 0; i /= v.extent[d]) at += static_cast<std::ptrdiff_t>(i % v.extent[d]) * v.stride[d];
        return v.data[at];
    }

    /// Returns contiguous elements from `first` on, at least `least` of them. Reduces `count` to their number.
    template <class Arch> L1LOSS_INLINE inline T const* window(std::size_t first, std::size_t least, std::size_t& count) {
        if (!has(first, least)) seek<Arch>(first, least, count);
        count = (std::min)(count, piece_size - (first - piece_first));
        return piece + (first - piece_first);
    }

    L1LOSS_INLINE constexpr void select_row(std::size_t r) { set(whole.row(r, leading)); }

    memory_range memory() const { return whole.memory(); }
    L1LOSS_INLINE constexpr bool is_dense() const { return whole.is_dense(); }

private:
    /// How many elements are copied at a time: 2 KiB, which is the size of a block. Where rows are contiguous and have long_row
    /// elements or more, a copy has only as many as are needed.
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

    /// Whether the piece holds the elements [first, first + count).
    L1LOSS_INLINE bool has(std::size_t first, std::size_t count) const {
        std::size_t const i = first - piece_first;
        return i <= piece_size && piece_size - i >= count;
    }

    /// Makes a piece of the elements from `first` on. It has at least `least` elements, and a copy has at most `most`.
    template <class Arch> [[gnu::noinline]] void seek(std::size_t first, std::size_t least, std::size_t most) {
        if (first < row_first || first - row_first >= 4 * columns())
            locate(first / columns()); // divides, so only to go back or far ahead
        while (first - row_first >= columns()) next_row();
        std::size_t column = first - row_first;
        if (is_dense_row && columns() - column >= least) return use_row();
        std::size_t const count = is_dense_row && columns() >= long_row ? least : (std::min)(most, max_copied);
        piece = buffer, piece_first = first, piece_size = count;
        for (std::size_t left = count;;) {
            std::size_t const n = (std::min)(left, columns() - column);
            copy<Arch>(v.data + row + static_cast<std::ptrdiff_t>(column) * v.stride[v.rank - 1], n, buffer + (count - left));
            left -= n;
            if (left == 0) return;
            next_row();
            column = 0;
        }
    }

    /// Goes to row r, counted in row-major order of all dimensions except the last.
    L1LOSS_INLINE void locate(std::size_t r) {
        row = 0;
        row_first = r * columns();
        for (std::size_t d = v.rank - 1; d-- > 0; r /= v.extent[d]) {
            index[d] = r % v.extent[d];
            row += static_cast<std::ptrdiff_t>(index[d]) * v.stride[d];
        }
    }
    L1LOSS_INLINE void next_row() {
        row_first += columns();
        for (std::size_t d = v.rank - 1; d-- > 0;) { // with carry
            row += v.stride[d];
            if (++index[d] < v.extent[d]) break;
            row -= static_cast<std::ptrdiff_t>(v.extent[d]) * v.stride[d];
            index[d] = 0;
        }
    }

    /// Copies in registers as wide as those that read the copy, and the last overlaps the one before. Narrower stores would make a
    /// load wait for two of them. Calling memcpy for about ten elements takes longer.
    template <class Arch> L1LOSS_INLINE void copy(T const* from, std::size_t n, T* to) const {
        constexpr std::size_t chunk = bytes_of_register<Arch> / sizeof(T);
        std::ptrdiff_t const step = v.stride[v.rank - 1];
        if (step == 1 && n >= chunk) {
            for (std::size_t i = 0; i < n - chunk; i += chunk) __builtin_memcpy(to + i, from + i, bytes_of_register<Arch>);
            __builtin_memcpy(to + n - chunk, from + n - chunk, bytes_of_register<Arch>);
        } else if (step == 1) {
            copy_short<bytes_of_register<Arch> / 2>(from, n, to);
        } else {
            for (std::size_t i = 0; i < n; ++i) to[i] = from[static_cast<std::ptrdiff_t>(i) * step];
        }
    }
    /// Copies fewer than 2 * Bytes, as two parts that may overlap.
    template <std::size_t Bytes> L1LOSS_INLINE static void copy_short(T const* from, std::size_t n, T* to) {
        constexpr std::size_t half = Bytes / sizeof(T);
        if constexpr (half > 0) {
            if (n < half) return copy_short<Bytes / 2>(from, n, to);
            __builtin_memcpy(to, from, Bytes);
            __builtin_memcpy(to + n - half, from + n - half, Bytes);
        }
    }

    view<T const, Most> whole, v; // all elements, and those that are read: all or one row, in the fewest dimensions
    std::size_t leading;
    std::ptrdiff_t row = 0; // offset from v.data of the elements [row_first, row_first + columns)
    std::size_t row_first = 0;
    std::array<std::size_t, Most> index{}; // of that row, in the dimensions before the last
    bool is_dense_row = false;
    // `piece` holds the elements [piece_first, piece_first + piece_size), in that row or in a copy.
    T const* piece = nullptr;
    std::size_t piece_first = 0, piece_size = 0;
    T buffer[max_copied];
};

template <class T, std::size_t Most> inline constexpr bool is_windowed<view_reader<T, Most>*> = true;
template <class T, std::size_t Most> T value_in(view_reader<T, Most>* const&);

template <class A, class T, std::size_t Most> constexpr A element_at(view_reader<T, Most>* array, std::size_t i) {
    return to_accumulator<A>(array->element(i));
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

} // namespace l1loss::detail::inline L1LOSS_FLAGS
