// Objects with strides: whether their elements lie in memory as those of a plain array, as they themselves say, and in which
// order. None is taken for dense because it has a data() and a size().
//
// On top of error.hpp, under arguments.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <l1loss/detail/error.hpp>
#include <l1loss/tensor.hpp>

namespace l1loss::detail {

template <class T>
concept strided = requires(T const& t) {
    t.strides();
}
|| requires(T const& t) { t.innerStride(); }
|| requires(T const& t) { t.outerStride(); }
|| requires(T const& t) { t.stride(0); };

/// Says whether it is dense in the words of Eigen's dense objects.
template <class T>
concept eigen_like = requires(T const& t) {
    { t.innerStride() == t.outerStride() && t.innerSize() == t.outerSize() && t.rows() == t.cols() } -> std::same_as<bool>;
    {static_cast<bool>(T::IsRowMajor)};
};

/// The same in the words of xtensor's containers and views.
template <class T>
concept xtensor_like = requires(T const& t) {
    { t.is_contiguous() && t.layout() == std::remove_cvref_t<decltype(t.layout())>::row_major } -> std::same_as<bool>;
    { t.data_offset() == 0 && t.shape().size() == 1 } -> std::same_as<bool>;
};

/// Linear: one dimension at most, where row-major and column-major are the same.
enum class storage_order { linear, row_major, column_major, scattered };

template <class T>
constexpr storage_order storage_order_of(T const& t) {
    if constexpr (eigen_like<T>) {
        bool const one_vector = t.innerSize() == 1 || t.outerSize() == 1; // whichever way it lies
        if (one_vector && (t.innerSize() == 1 ? t.outerStride() : t.innerStride()) == 1) return storage_order::linear;
        if (t.size() == 0) return storage_order::linear;
        if (t.innerStride() != 1 || t.outerStride() != t.innerSize()) return storage_order::scattered;
        return T::IsRowMajor ? storage_order::row_major : storage_order::column_major;
    } else if constexpr (xtensor_like<T>) {
        using layout = std::remove_cvref_t<decltype(t.layout())>;
        if (!t.is_contiguous() || t.data_offset() != 0) return storage_order::scattered;
        if (t.shape().size() <= 1) return storage_order::linear;
        return t.layout() == layout::row_major      ? storage_order::row_major
               : t.layout() == layout::column_major ? storage_order::column_major
                                                    : storage_order::scattered;
    } else if constexpr (requires {
                             T::rank;
                             T::shape;
                         }) { // tensor
        return T::rank > 1 ? storage_order::row_major : storage_order::linear;
    } else {
        return storage_order::linear;
    }
}

/// The extents of an object that has any, else nothing.
template <class T>
constexpr auto extents_of(T const& t) {
    if constexpr (eigen_like<T>) {
        return std::array{std::size_t(t.rows()), std::size_t(t.cols())};
    } else if constexpr (requires { t.shape().size(); }) {
        return t.shape();
    } else if constexpr (requires { T::shape.size(); }) {
        return T::shape;
    } else {
        return std::array<std::size_t, 0>{};
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
constexpr void check_layouts(X const& input, Y const& target) {
    storage_order const x = storage_order_of(input);
    storage_order const y = storage_order_of(target);
    if (x == storage_order::scattered || y == storage_order::scattered) [[unlikely]]
        fail(std::string("l1loss: ") + (x == storage_order::scattered ? "input" : "target") +
             " is strided, expected contiguous elements");
    if ((x == storage_order::column_major) != (y == storage_order::column_major)) [[unlikely]] {
        bool const input_is = x == storage_order::column_major;
        fail(std::string("l1loss: ") + (input_is ? "input" : "target") + " is stored column by column and " +
             (input_is ? "target" : "input") + " is not, expected one storage order");
    }
    if (x != storage_order::linear && y != storage_order::linear && !std::ranges::equal(extents_of(input), extents_of(target)))
        [[unlikely]]
        fail("l1loss: input is " + to_text(extents_of(input)) + ", target is " + to_text(extents_of(target)) +
             ", expected one shape");
}

} // namespace l1loss::detail
