// Integers as the real numbers that they stand for, in a model that was quantised.
#pragma once

#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

#include <l1loss/detail/args/arguments.hpp>
#include <l1loss/detail/args/error.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// A range, which has one number of type Number for each row.
template <class T, class Number>
concept range_of = has_elements<T> && !pointer<T> && !wrapper<T> && std::same_as<element_of<T const>, Number>;

/// Fails unless a zero point is a value that an element of type T can have. The difference is then exact in float.
template <class T, class ZeroPoint> constexpr void check_zero_point(ZeroPoint zero_point) {
    constexpr int low = (std::numeric_limits<T>::min)(), high = (std::numeric_limits<T>::max)();
    if (std::cmp_less(zero_point, low) || std::cmp_greater(zero_point, high)) [[unlikely]]
        fail("zero_point is ", zero_point, ", expected ", low, " to ", high, ", the range of the elements");
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS

namespace l1loss::inline L1LOSS_FLAGS {

/// Makes an argument of a quantised tensor. It is compared with its reference without a copy. Its elements are
///
///     A(q_i - zero_point) · A(scale),   the product rounded once
///
///     l1_loss(dequantized(q, 0.02f, 128), reference)               per tensor
///     l1_loss_rows(dequantized(q, scales, zero_points), y, out)    per channel: one of each per row
///
/// q is any argument whose elements are std::int8_t, std::uint8_t, std::int16_t or std::uint16_t. To broadcast it, write
/// broadcast(dequantized(q, …)). A scale is a float or a double. A zero point is an integer in the range of the elements,
/// otherwise this function throws std::invalid_argument. One per row is a contiguous range of `rows` elements. The zero points in
/// it have the type of the elements.
///
/// The object refers to q, and to a range of scales or zero points. So make it in the call and do not keep it.
template <class T, class Scale, class ZeroPoint = int>
constexpr auto dequantized(T const& q, Scale const& scale, ZeroPoint const& zero_point = {}) {
    using element = detail::element_of<T const>;
    static_assert(detail::integer_element<element> && !detail::is_quantized<T>,
                  "l1loss: a quantised element is an integer of 8 or 16 bits");
    static_assert(!detail::is_broadcast<T>, "l1loss: write broadcast(dequantized(q, ...))");
    static_assert(std::is_arithmetic_v<Scale> || detail::range_of<Scale, float> || detail::range_of<Scale, double>,
                  "l1loss: a scale is a number, or a range of float or double");
    static_assert(std::integral<ZeroPoint> || detail::range_of<ZeroPoint, element>,
                  "l1loss: a zero point is an integer, or a range of the element type");
    if constexpr (std::integral<ZeroPoint>) detail::check_zero_point<element>(+zero_point); // + makes an integer of a character
    return detail::quantized<detail::referred<T>, detail::referred<Scale>, detail::referred<ZeroPoint>>{q, scale, zero_point};
}

} // namespace l1loss::inline L1LOSS_FLAGS
