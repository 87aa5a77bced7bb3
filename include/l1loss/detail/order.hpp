// The units of the canonical summation order.
#pragma once

#include <cstddef>
#include <type_traits>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail {

/// A length that is an integral_constant, where a shape is fixed. Other lengths are numbers.
template <class Size>
concept fixed_length = requires { std::integral_constant<std::size_t, Size::value>{}; };

/// The number of lanes of accumulator type A in each unit of the order. The units are fixed in bytes, so that float and double
/// traverse memory alike. DESIGN.md specifies the order and gives the reasons for these sizes.
template <class A> struct order {
    static constexpr std::size_t lines_per_stripe = 4;
    static constexpr std::size_t stripes_per_block = 8;

    static constexpr std::size_t line = 64 / sizeof(A); // one cache line
    static constexpr std::size_t stripe = lines_per_stripe * line;
    static constexpr std::size_t block = stripes_per_block * stripe;
};

} // namespace l1loss::detail
