// A view as an array (array.hpp): its elements in row-major order, a window at a time side by side, in place where they are
// neighbours and else copied; and for sums, a stretch of neighbours at a time, and the row of the order in which it ends.
//
// On top of view.hpp and array.hpp, under operands.hpp; the kernels come here through array.hpp's functions only.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <l1loss/detail/array.hpp>
#include <l1loss/detail/view.hpp>

namespace l1loss::detail {

/// Elements of a view side by side, from a certain one on: so many.
template <class Reader>
struct view_stretch {
    typename Reader::value_type const* at;
    std::size_t size;
    Reader* reader;

    L1LOSS_INLINE auto operator+(std::size_t i) const { return at + i; }
};

/// A row of the order that lies in two rows of a view: `left` elements of it at `here`, and the others at `beyond`, both by their
/// index in the row; the register of N that has elements of both at `seam`. `more` elements of the stretch come after the row.
template <class Reader, std::size_t N>
struct split_row {
    using T = typename Reader::value_type;

    T const *here, *beyond, *seam;
    std::ptrdiff_t left;
    std::size_t more;
    Reader* reader;

    /// Where the register of index i is. All three are kept before one is chosen, or there is a branch for each choice. (The others
    /// may be addresses of nothing that is the view's; they are not read.)
    L1LOSS_INLINE T const* operator+(std::size_t i) const {
        std::ptrdiff_t const to_end = left - static_cast<std::ptrdiff_t>(i);
        T const *before = here + i, *across = seam + i, *behind = beyond + i;
        keep(before), keep(across), keep(behind);
        T const* at = to_end >= static_cast<std::ptrdiff_t>(N) ? before : across;
        keep(at);
        return to_end <= 0 ? behind : at;
    }
};

/// A view as an array. It remembers the row that it was asked for last, since the next question is most often
/// about the same or the next; what does not lie side by side is copied to `buffer`, some of it at a time.
template <class T, std::size_t Most>
class view_reader {
public:
    using value_type = T;

    constexpr view_reader(view<T const, Most> const& of, std::size_t dimensions_to_a_row)
        : whole(of), leading(dimensions_to_a_row) {
        set(of);
    }

    constexpr T element(std::size_t i) const {
        std::ptrdiff_t at = 0;
        for (std::size_t d = v.rank; d-- > 0; i /= v.extent[d]) at += static_cast<std::ptrdiff_t>(i % v.extent[d]) * v.stride[d];
        return v.data[at];
    }

    view_reader(view_reader const&) = delete; // `piece` may be in `buffer`

    /// Elements from `first` on: at least `least`, which may be none, and no more than `count` becomes.
    template <class Arch>
    L1LOSS_INLINE inline T const* window(std::size_t first, std::size_t least, std::size_t& count) {
        if (!has(first, least)) seek<Arch>(first, least, count);
        count = std::min(count, piece_size - (first - piece_first));
        return piece + (first - piece_first);
    }

    /// The elements [first, first + size), which `here` is the first of, with `left` in its stretch; up to `most` will be asked
    /// for.
    template <class Arch, std::size_t N>
    L1LOSS_INLINE inline split_row<view_reader, N> row_across(T const* here, std::size_t left, std::size_t first, std::size_t size,
                                                              std::size_t most) {
        static_assert(2 * N * sizeof(T) <= sizeof seam);
        split_row<view_reader, N> parts{here, here, here, static_cast<std::ptrdiff_t>(size + N), left - size, this};
        if (left < size && rows_ahead > 0) [[likely]] {
            --rows_ahead;
            piece = here + left + gap;
            piece_first = first + left;
            __builtin_memcpy(seam, here + left - N, N * sizeof(T));
            __builtin_memcpy(seam + N, piece, N * sizeof(T));
            parts.beyond = piece - left;
            parts.seam = seam + N - left;
            parts.left = static_cast<std::ptrdiff_t>(left);
            parts.more = piece_size - (size - left);
        } else if (left < size) {
            parts.here = parts.beyond = parts.seam = window<Arch>(first, size, most);
            parts.more = most - size;
        }
        keep(parts.left); // or g++ has a copy of what follows for each of the three, with branches for choices
        return parts;
    }

    L1LOSS_INLINE constexpr void select_row(std::size_t r) { set(whole.row(r, leading)); }

    std::pair<std::uintptr_t, std::uintptr_t> memory() const { return whole.memory(); }
    L1LOSS_INLINE constexpr bool is_dense() const { return whole.is_dense(); }

private:
    /// Elements that are copied at a time, a block of the order; and in a row from where on that is as little as can be.
    static constexpr std::size_t most_copied = 2048 / sizeof(T), long_row = 4 * window_size;

    L1LOSS_INLINE constexpr void set(view<T const, Most> const& to) {
        v = to.simplified();
        row = v.data;
        row_first = 0;
        index = {};
        is_dense_row = v.stride[v.rank - 1] == 1;
        gap = v.rank > 1 ? v.stride[v.rank - 2] - static_cast<std::ptrdiff_t>(columns()) : 0;
        use_row();
        if (!is_dense_row) piece_size = 0;
    }
    constexpr std::size_t columns() const { return v.extent[v.rank - 1]; }
    /// Whether a row of the order lies in no more than two rows of the view, and in place.
    L1LOSS_INLINE constexpr bool has_long_rows() const { return is_dense_row && columns() >= window_size; }

    L1LOSS_INLINE constexpr void use_row() {
        piece = row;
        piece_first = row_first;
        piece_size = columns();
        rows_ahead = has_long_rows() && v.rank > 1 ? v.extent[v.rank - 2] - 1 - index[v.rank - 2] : 0;
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
        // Where rows are long, no more than has to be: from the next one on, elements are side by side again.
        std::size_t const count = is_dense_row && columns() >= long_row ? least : std::min(most, most_copied);
        piece = buffer, piece_first = first, piece_size = count, rows_ahead = 0;
        for (std::size_t left = count;;) {
            std::size_t const n = std::min(left, columns() - column);
            copy<Arch>(row + static_cast<std::ptrdiff_t>(column) * v.stride[v.rank - 1], n, buffer + (count - left));
            left -= n;
            if (left == 0) return;
            next_row<Arch>();
            column = 0;
        }
    }

    /// Row r, counted in row-major order of all dimensions but the last.
    template <class Arch>
    L1LOSS_INLINE void locate(std::size_t r) {
        row = v.data;
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

    template <class Arch>
    L1LOSS_INLINE void copy(T const* from, std::size_t n, T* to) const {
        // By registers as wide as those that it is read with, the last overlapping the one before: a load of what two stores
        // wrote waits for both, and calling memcpy for some ten elements takes longer.
        constexpr std::size_t chunk = bytes_of_register<Arch> / sizeof(T);
        std::ptrdiff_t const step = v.stride[v.rank - 1];
        if (step == 1 && n >= chunk) {
            for (std::size_t i = 0; i < n - chunk; i += chunk) __builtin_memcpy(to + i, from + i, bytes_of_register<Arch>);
            __builtin_memcpy(to + n - chunk, from + n - chunk, bytes_of_register<Arch>);
        } else {
            for (; n > 0; --n, from += step) *to++ = *from;
        }
    }

    view<T const, Most> whole, v; // what was given, and what is read: the whole or a row of it, in as few dimensions as can be
    std::size_t leading;
    T const* row = nullptr; // the elements [row_first, row_first + columns)
    std::size_t row_first = 0;
    std::array<std::size_t, Most> index{}; // of that row
    bool is_dense_row = false;
    // What is read: the elements [piece_first, piece_first + piece_size), that row, or one after it, or a copy. How many long rows
    // follow it at equal distances, and what lies between the end of one and the next, which may be below 0.
    T const* piece = nullptr;
    std::size_t piece_first = 0, piece_size = 0, rows_ahead = 0;
    std::ptrdiff_t gap = 0;
    T seam[2 * order<float>::line]; // the last elements of one row and the first of the next
    T buffer[most_copied];
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
template <class Arch, class T, std::size_t Most>
L1LOSS_INLINE inline view_stretch<view_reader<T, Most>> stretch_of(view_reader<T, Most>* array, std::size_t first, std::size_t most,
                                                                   std::size_t& count) {
    T const* const at = array->template window<Arch>(first, 0, most);
    count = std::min(count, most);
    return {at, most, array};
}
template <class Arch, std::size_t N, class Reader>
L1LOSS_INLINE inline split_row<Reader, N> row_across(view_stretch<Reader> const& s, std::size_t i, std::size_t first,
                                                     std::size_t size, std::size_t most) {
    return s.reader->template row_across<Arch, N>(s.at + i, s.size - i, first, size, most);
}
template <class Arch, class Reader, std::size_t N>
L1LOSS_INLINE inline view_stretch<Reader> stretch_after(split_row<Reader, N> const& row, std::size_t size, std::size_t& count) {
    count = std::min(count, row.more);
    return {row.beyond + size, row.more, row.reader};
}
template <class A, class Arch, class Lanes, class Part>
requires requires(Part const& part) { part.reader; }
L1LOSS_INLINE inline batch<A, Arch> load_at(Part const& part, std::size_t i, Lanes lanes) { return load<A, Arch>(part + i, lanes); }
template <class T, std::size_t Most>
L1LOSS_INLINE constexpr view_reader<T, Most>* row_of(view_reader<T, Most>* array, std::size_t row, std::size_t) {
    array->select_row(row);
    return array;
}

} // namespace l1loss::detail
