// Objects with strides: whether their elements lie in memory as those of a plain array, as they themselves say, and in which
// order. None is taken for dense because it has a data() and a size().
//
// On top of error.hpp and tensor.hpp, under arguments.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include <l1loss/detail/error.hpp>
#include <l1loss/tensor.hpp>

namespace l1loss::detail {

template <class T>
inline constexpr bool is_tensor_type = false;
template <class T, std::size_t... Extents>
inline constexpr bool is_tensor_type<tensor<T, Extents...>> = true;

template <class T>
concept strided = requires(T const& t) {
    t.strides();
}
|| requires(T const& t) { t.innerStride(); }
|| requires(T const& t) { t.outerStride(); }
|| requires(T const& t) { t.stride(0); }
|| requires(T const& t) { t.stride(); };

/// Gives its extents and strides as Eigen's dense objects do.
template <class T>
concept eigen_like = requires(T const& t) {
    { t.innerStride() == t.outerStride() && t.rows() == t.cols() } -> std::same_as<bool>;
    {static_cast<bool>(T::IsRowMajor)};
};

/// The same as xtensor's containers and views do.
template <class T>
concept xtensor_like = requires(T const& t) {
    { t.shape().size() == t.strides().size() && t.shape()[0] == t.strides()[0] } -> std::same_as<bool>;
    { t.data_offset() == 0 } -> std::same_as<bool>; // from data() to the first element
};

/// The extents of an object that has any, else nothing.
template <class T>
constexpr decltype(auto) extents_of(T const& t) { // by reference where it is one: xtensor's may allocate
    if constexpr (eigen_like<T>) {
        return std::array{std::size_t(t.rows()), std::size_t(t.cols())};
    } else if constexpr (xtensor_like<T>) {
        return t.shape();
    } else if constexpr (is_tensor_type<T>) {
        return T::shape;
    } else {
        return std::array<std::size_t, 0>{};
    }
}

template <class T>
constexpr decltype(auto) strides_of(T const& t) {
    if constexpr (eigen_like<T>) {
        auto const inner = static_cast<std::ptrdiff_t>(t.innerStride()), outer = static_cast<std::ptrdiff_t>(t.outerStride());
        return T::IsRowMajor ? std::array{outer, inner} : std::array{inner, outer};
    } else {
        return t.strides();
    }
}

/// Whether elements lie one behind the other when the dimensions are walked in this order, the fastest first. The stride of
/// an extent of 1 means nothing.
template <class Extents, class Strides>
constexpr bool is_dense(Extents const& extents, Strides const& strides, bool last_dimension_first) {
    std::size_t expected = 1;
    for (std::size_t k = 0; k < extents.size(); ++k) {
        std::size_t const d = last_dimension_first ? extents.size() - 1 - k : k;
        std::size_t const extent = static_cast<std::size_t>(extents[d]);
        if (extent != 1 && !std::cmp_equal(strides[d], expected)) return false;
        expected *= extent;
    }
    return true;
}

/// Linear: dense in both orders, as anything of one dimension.
enum class storage_order { linear, row_major, column_major, scattered };

template <class T>
constexpr storage_order storage_order_of(T const& t) {
    if constexpr (strided<T>) {
        auto const& extents = extents_of(t);
        auto const& strides = strides_of(t);
        bool const row_major = t.size() == 0 || is_dense(extents, strides, true);
        bool const column_major = t.size() == 0 || is_dense(extents, strides, false);
        if (row_major) return column_major ? storage_order::linear : storage_order::row_major;
        return column_major ? storage_order::column_major : storage_order::scattered;
    } else if constexpr (is_tensor_type<T>) {
        return T::rank > 1 ? storage_order::row_major : storage_order::linear;
    } else {
        return storage_order::linear;
    }
}

template <class Extents>
[[gnu::cold, gnu::noinline]] std::string to_text(Extents const& extents) {
    std::string text;
    for (auto const extent : extents) text += (text.empty() ? "" : " x ") + std::to_string(extent);
    return text;
}

/// Fails unless both are dense, in one storage order, and of one shape as far as they have any.
template <class X, class Y>
constexpr void check_layouts(X const& input, Y const& other, char const* other_name) {
    storage_order const x = storage_order_of(input);
    storage_order const y = storage_order_of(other);
    if (x == storage_order::scattered || y == storage_order::scattered) [[unlikely]]
        fail(std::string("l1loss: ") + (x == storage_order::scattered ? "input" : other_name) +
             " is strided, expected contiguous elements");
    if ((x == storage_order::column_major) != (y == storage_order::column_major)) [[unlikely]]
        fail(std::string("l1loss: ") + (x == storage_order::column_major ? "input" : other_name) +
             " is stored column by column and " + (x == storage_order::column_major ? other_name : "input") +
             " is not, expected one storage order");
    if (x != storage_order::linear && y != storage_order::linear && !std::ranges::equal(extents_of(input), extents_of(other)))
        [[unlikely]]
        fail("l1loss: input is " + to_text(extents_of(input)) + ", " + other_name + " is " + to_text(extents_of(other)) +
             ", expected one shape");
}

} // namespace l1loss::detail
