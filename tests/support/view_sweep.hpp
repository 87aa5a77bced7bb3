// Pairs of views with strides of every kind, and copies of their elements.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <numeric>
#include <type_traits>
#include <vector>

#include "catch.hpp"
#include "inputs.hpp"
#include "strided_view.hpp"

namespace test {

/// The elements of a view in row-major order.
template <class T, std::size_t Rank> std::vector<std::remove_const_t<T>> copy(strided_view<T, Rank> const& v) {
    std::vector<std::remove_const_t<T>> all;
    std::array<std::size_t, Rank> index{};
    std::size_t const n = std::accumulate(v.extents.begin(), v.extents.end(), std::size_t{1}, std::multiplies<>{});
    for (std::size_t i = 0; i < n; ++i) {
        std::ptrdiff_t at = 0;
        for (std::size_t d = 0; d < Rank; ++d) at += static_cast<std::ptrdiff_t>(index[d]) * v.strides[d];
        all.push_back(v.data[at]);
        for (std::size_t d = Rank; d-- > 0 && ++index[d] == v.extents[d];) index[d] = 0;
    }
    return all;
}

/// A mask with the extents and strides of v.
template <class T, std::size_t Rank> strided_view<unsigned char const, Rank> mask_like(strided_view<T const, Rank> const& v) {
    static std::vector<unsigned char> const bytes = [] {
        std::vector<unsigned char> all(200000);
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = split_mix(12, i) % 3 == 0;
        return all;
    }();
    return {bytes.data(), v.extents, v.strides};
}

/// Calls f(x, y) for matrices of many shapes: packed, padded, transposed, backwards, every second element, repeated. With Cubes,
/// also for views of three dimensions.
template <class T, bool Cubes, class F> void for_each_pair_of_views(F f) {
    auto const data = make_pair<T>(distribution::uniform, 200000);
    T const *const x = data.first.data(), *const y = data.second.data();
    using matrix = strided_view<T const, 2>;
    constexpr int shapes[][2] = {{1, 1},   {1, 5},    {5, 1},   {3, 7},   {8, 8},   {15, 15}, {9, 64},   {40, 63},
                                 {7, 130}, {3, 1000}, {70, 33}, {40, 65}, {40, 79}, {9, 521}, {3, 2100}, {300, 9}};
    for (auto const& [rows, columns] : shapes) {
        auto const r = static_cast<std::size_t>(rows), c = static_cast<std::size_t>(columns);
        INFO(rows << " x " << columns);
        auto const x_of = [&](std::ptrdiff_t row, std::ptrdiff_t column, std::size_t first = 0) {
            return matrix{x + first, {r, c}, {row, column}};
        };
        auto const y_of = [&](std::ptrdiff_t row, std::ptrdiff_t column) { return matrix{y + 100000, {r, c}, {row, column}}; };
        matrix const packed = y_of(columns, 1);
        f(x_of(columns, 1), packed);
        f(x_of(columns + 3, 1), packed);               // padded rows
        f(x_of(columns + 3, 1), y_of(columns + 1, 1)); // of different pitch
        f(x_of(1, rows), packed);                      // transposed
        f(x_of(1, rows), y_of(1, rows));
        f(x_of(-columns, -1, 50000), packed); // backwards
        f(x_of(2 * columns, 2), packed);      // every second
        f(x_of(0, 1), packed);                // one row over and over
        f(x_of(1, 0), y_of(0, 0));
        if constexpr (Cubes) {
            using cube = strided_view<T const, 3>;
            f(cube{x, {r, 3, c}, {3 * columns, columns, 1}}, cube{y, {r, 3, c}, {columns, columns * rows, 1}});
            f(cube{x, {3, r, c}, {1, 3, 3 * rows}}, cube{y, {3, r, c}, {columns * rows, columns + 2, 1}});
        }
    }
}

} // namespace test
