// Views of elements with any number of dimensions and any strides.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <l1loss/detail/args/overlap.hpp>
#include <l1loss/detail/flags.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

inline constexpr std::size_t max_dimensions = 8; // of a type whose rank is known at run time only

/// A pointer to the first element, and the extents and strides of up to Most dimensions. Strides are in elements. Elements are
/// indexed in row-major order, so that a view gives the bits of its contiguous copy.
template <class T, std::size_t Most> struct view {
    T* data = nullptr;
    std::size_t rank = 0;
    std::array<std::size_t, Most> extent{};
    std::array<std::ptrdiff_t, Most> stride{};

    L1LOSS_INLINE constexpr std::size_t size() const {
        std::size_t n = 1;
        for (std::size_t d = 0; d < rank; ++d) n *= extent[d];
        return n;
    }

    constexpr operator view<T const, Most>() const
        requires(!std::is_const_v<T>)
    {
        return {data, rank, extent, stride};
    }

    L1LOSS_INLINE constexpr void append(std::size_t of_extent, std::ptrdiff_t of_stride) {
        extent[rank] = of_extent;
        stride[rank++] = of_stride;
    }

    /// Whether the elements are contiguous, in the order of their indexes.
    L1LOSS_INLINE constexpr bool is_dense() const {
        if (size() <= 1) return true;
        std::size_t expected = 1;
        for (std::size_t d = rank; d-- > 0; expected *= extent[d])
            if (extent[d] != 1 && stride[d] != static_cast<std::ptrdiff_t>(expected)) return false;
        return true;
    }

    /// The same elements in as few dimensions as possible, but at least one. Fewer dimensions mean longer contiguous runs.
    L1LOSS_INLINE constexpr view simplified() const {
        view v{data};
        for (std::size_t d = 0; d < rank; ++d) {
            if (extent[d] == 1) continue;
            if (v.rank > 0 && v.stride[v.rank - 1] == stride[d] * static_cast<std::ptrdiff_t>(extent[d])) {
                v.extent[v.rank - 1] *= extent[d];
                v.stride[v.rank - 1] = stride[d];
            } else {
                v.append(extent[d], stride[d]);
            }
        }
        if (v.rank == 0) v.append(1, 1);
        return v;
    }

    /// Row r, the view of the remaining dimensions at one index of the first `leading`. Rows are numbered in row-major order.
    L1LOSS_INLINE constexpr view row(std::size_t r, std::size_t leading) const {
        view v{data};
        for (std::size_t d = leading; d-- > 0; r /= extent[d]) v.data += static_cast<std::ptrdiff_t>(r % extent[d]) * stride[d];
        for (std::size_t d = leading; d < rank; ++d) v.append(extent[d], stride[d]);
        return v;
    }

    /// The lowest address of an element, and the address past the highest.
    memory_range memory() const {
        if (size() == 0) return memory_of(data, 0);
        std::ptrdiff_t low = 0, high = 0;
        for (std::size_t d = 0; d < rank; ++d)
            (stride[d] < 0 ? low : high) += (static_cast<std::ptrdiff_t>(extent[d]) - 1) * stride[d];
        auto const first = reinterpret_cast<std::uintptr_t>(data);
        auto const address = [&](std::ptrdiff_t at) { return first + static_cast<std::uintptr_t>(at) * sizeof(T); };
        return {address(low), address(high + 1)};
    }
};

/// Fails if elements cannot be counted, or lie further from each other than memory is large.
template <class T, std::size_t Most> L1LOSS_INLINE constexpr void check_extents(view<T, Most> const& v) {
    bool is_empty = false, overflows = false;
    std::ptrdiff_t number = 1, low = 0, high = sizeof(T);
    for (std::size_t d = 0; d < v.rank; ++d) {
        std::ptrdiff_t step = 0, reach = 0;
        is_empty |= v.extent[d] == 0;
        overflows |= __builtin_mul_overflow(number, v.extent[d], &number);
        overflows |= __builtin_mul_overflow(v.stride[d], sizeof(T), &step);
        overflows |= __builtin_mul_overflow(step, v.extent[d] - 1, &reach);
        overflows |= __builtin_add_overflow(reach < 0 ? low : high, reach, reach < 0 ? &low : &high);
    }
    if (overflows && !is_empty) [[unlikely]]
        fail("the shape ", v, " is too large to be addressed");
}

/// Makes a view of `rank` dimensions from extent(d) and stride(d). Fails if it has room for fewer.
template <std::size_t Most, class T, class Extent, class Stride>
L1LOSS_INLINE constexpr view<T, Most> make_view(T* data, std::size_t rank, Extent extent, Stride stride) {
    if (rank > Most) [[unlikely]]
        fail("an argument has ", rank, " dimensions, expected at most ", Most);
    view<T, Most> v{data};
    for (std::size_t d = 0; d < (std::min)(rank, Most); ++d) // min avoids a false warning of g++
        v.append(static_cast<std::size_t>(extent(d)), static_cast<std::ptrdiff_t>(stride(d)));
    check_extents(v);
    return v;
}

template <class T, std::size_t M, class U, std::size_t N> constexpr bool same_extents(view<T, M> const& x, view<U, N> const& y) {
    if (x.rank != y.rank) return false;
    for (std::size_t d = 0; d < x.rank; ++d)
        if (x.extent[d] != y.extent[d]) return false;
    return true;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
