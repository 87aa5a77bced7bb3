// A view with as much of std::mdspan as the library reads, for standard libraries without it.
#pragma once

#include <array>
#include <cstddef>

namespace test {

template <class T, std::size_t Rank> struct strided_view {
    T* data;
    std::array<std::size_t, Rank> extents;
    std::array<std::ptrdiff_t, Rank> strides;

    static constexpr std::size_t rank() { return Rank; }
    constexpr std::size_t extent(std::size_t r) const { return extents[r]; }
    constexpr std::ptrdiff_t stride(std::size_t r) const { return strides[r]; }
    constexpr T* data_handle() const { return data; }
};

} // namespace test
