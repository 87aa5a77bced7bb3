// Fixed shapes of all lengths at which a short loss is computed in a way of its own.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "guarded.hpp"

namespace test {

inline constexpr std::size_t longest_fixed = 100;

/// Calls f(x, y, n) with arrays of n elements of X and Y for these n. Each ends where its memory ends, so that reading one byte
/// more is a fault.
template <class X, class Y, class F> void for_each_fixed_shape(X const* x, Y const* y, F f) {
    guarded<X> const input(longest_fixed);
    guarded<Y> const target(longest_fixed);
    [&]<std::size_t... N>(std::index_sequence<N...>) {
        auto const call = [&]<std::size_t n>(std::integral_constant<std::size_t, n>) {
            for (std::size_t i = 0; i < n; ++i) input.at_end(n)[i] = x[i], target.at_end(n)[i] = y[i];
            f(*reinterpret_cast<std::array<X, n> const*>(input.at_end(n)),
              *reinterpret_cast<std::array<Y, n> const*>(target.at_end(n)), n);
        };
        (call(std::integral_constant<std::size_t, N>{}), ...);
    }(std::index_sequence<1, 2, 3, 4, 5, 7, 8, 9, 13, 16, 17, 31, 33, 64, 65, longest_fixed>{});
}

} // namespace test
