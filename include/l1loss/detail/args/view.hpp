// Views of elements with any number of dimensions and any strides, made from objects of std::mdspan, Eigen and xtensor.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include <l1loss/detail/args/overlap.hpp>
#include <l1loss/detail/flags.hpp>
#include <l1loss/tensor.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

// ---- Types that give extents and strides.

template <class T> inline constexpr bool is_tensor_type = false;
template <class T, std::size_t... Extents> inline constexpr bool is_tensor_type<tensor<T, Extents...>> = true;

/// Has strides of some kind. Such an object is not taken for contiguous because of its data() and size().
template <class T>
concept strided = requires(T const& t) { t.strides(); } || requires(T const& t) { t.innerStride(); } || requires(T const& t) {
    t.outerStride();
} || requires(T const& t) { t.stride(0); } || requires(T const& t) { t.stride(); };

/// Gives extents and strides as std::mdspan does, and refers to its elements by plain pointers.
template <class T>
concept mdspan_like = requires(T const& t) {
    { t.rank() } -> std::convertible_to<std::size_t>;
    { t.extent(0) } -> std::convertible_to<std::ptrdiff_t>;
    { t.stride(0) } -> std::convertible_to<std::ptrdiff_t>;
    *t.data_handle();
}
&&std::is_pointer_v<std::remove_cvref_t<decltype(std::declval<T const&>().data_handle())>> &&
    (
        !requires { typename T::accessor_type; } ||
        requires { requires std::same_as<typename T::accessor_type::reference, typename T::accessor_type::element_type&>; });

/// Gives extents and strides as dense objects of Eigen do.
template <class T>
concept eigen_like = requires(T const& t) {
    { t.innerStride() == t.outerStride() && t.rows() == t.cols() } -> std::same_as<bool>;
    { static_cast<bool>(T::IsRowMajor) };
    t.data();
};

/// Gives extents and strides as containers and views of xtensor do.
template <class T>
concept xtensor_like = requires(T const& t) {
    { t.shape().size() == t.strides().size() && t.shape()[0] == t.strides()[0] } -> std::same_as<bool>;
    { t.data_offset() == 0 } -> std::same_as<bool>; // from data() to the first element
    t.data();
};

/// Is a row or a column by its type.
template <class T>
concept eigen_vector = eigen_like<T> && requires { requires static_cast<bool>(T::IsVectorAtCompileTime); };
/// Is any other dense object of Eigen.
template <class T>
concept eigen_matrix = eigen_like<T> && !eigen_vector<T>;

template <class T>
concept viewable = mdspan_like<T> || eigen_like<T> || xtensor_like<T>;

/// Whether T is a column-major matrix by its type. If all arguments with a shape are such matrices, the call uses column-major
/// order, which sums their transposes.
template <class T> constexpr bool is_column_major() {
    if constexpr (eigen_matrix<T>) return !T::IsRowMajor;
    else return false;
}

// ---- The view.

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
        std::ptrdiff_t low = 0, high = 0;
        for (std::size_t d = 0; d < rank; ++d)
            (stride[d] < 0 ? low : high) += (static_cast<std::ptrdiff_t>(extent[d]) - 1) * stride[d];
        auto const first = reinterpret_cast<std::uintptr_t>(data);
        auto const address = [&](std::ptrdiff_t at) { return first + static_cast<std::uintptr_t>(at) * sizeof(T); };
        return {address(low), size() == 0 ? address(low) : address(high + 1)};
    }
};

template <class T, std::size_t Most> [[gnu::cold, gnu::noinline]] std::string shape_text(view<T, Most> const& v) {
    std::string text;
    for (std::size_t d = 0; d < v.rank; ++d) text += (d == 0 ? "" : " x ") + std::to_string(v.extent[d]);
    return v.rank == 0 ? "a scalar" : text;
}

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
        fail("l1loss: the shape " + shape_text(v) + " is too large to be addressed");
}

/// Makes a view of `rank` dimensions from extent(d) and stride(d). Fails if it has room for fewer.
template <std::size_t Most, class T, class Extent, class Stride>
L1LOSS_INLINE constexpr view<T, Most> make_view(T* data, std::size_t rank, Extent extent, Stride stride) {
    if (rank > Most) [[unlikely]]
        fail("l1loss: an argument has " + std::to_string(rank) + " dimensions, expected at most " + std::to_string(Most));
    view<T, Most> v{data};
    for (std::size_t d = 0; d < (std::min)(rank, Most); ++d) // min avoids a false warning of g++
        v.append(static_cast<std::size_t>(extent(d)), static_cast<std::ptrdiff_t>(stride(d)));
    check_extents(v);
    return v;
}

/// An Eigen object as a view of rows and columns. A vector has two dimensions here.
template <class Object> L1LOSS_INLINE constexpr auto matrix_view_of(Object& object) {
    return make_view<2>(
        object.data(), 2, [&](auto d) { return d == 0 ? object.rows() : object.cols(); },
        [&](auto d) { return (d == 1) == Object::IsRowMajor ? object.innerStride() : object.outerStride(); });
}

/// The most dimensions that an object of a library has, or max_dimensions if only run time tells.
template <class O> constexpr std::size_t max_rank() {
    if constexpr (requires { typename std::bool_constant<(O::rank() > 0)>; }) return std::max<std::size_t>(O::rank(), 1);
    else if constexpr (requires { std::tuple_size<std::remove_cvref_t<decltype(std::declval<O&>().shape())>>::value; })
        return std::max<std::size_t>(std::tuple_size<std::remove_cvref_t<decltype(std::declval<O&>().shape())>>::value, 1);
    else return max_dimensions;
}

/// An object as a view of its elements.
template <class Object> L1LOSS_INLINE constexpr auto view_of(Object& object) {
    using O = std::remove_const_t<Object>;
    if constexpr (mdspan_like<O>) {
        return make_view<max_rank<O>()>(
            object.data_handle(), object.rank(), [&](auto d) { return object.extent(d); },
            [&](auto d) { return object.stride(d); });
    } else if constexpr (eigen_vector<O>) {
        return make_view<2>(object.data(), 1, [&](auto) { return object.size(); }, [&](auto) { return object.innerStride(); });
    } else if constexpr (eigen_like<O>) {
        return matrix_view_of(object);
    } else if constexpr (xtensor_like<O>) {
        return make_view<max_rank<O>()>(
            object.data() + object.data_offset(), object.shape().size(), [&](auto d) { return object.shape()[d]; },
            [&](auto d) { return object.strides()[d]; });
    } else if constexpr (is_tensor_type<O>) {
        std::size_t stride = O::size();
        return make_view<std::max<std::size_t>(O::rank, 1)>(
            object.data(), O::rank, [](auto d) { return O::shape[d]; },
            [&](auto d) { return stride /= std::max<std::size_t>(O::shape[d], 1); });
    } else {
        return make_view<1>(std::data(object), 1, [&](auto) { return std::size(object); }, [](auto) { return 1; });
    }
}

template <class T, std::size_t M, class U, std::size_t N> constexpr bool same_extents(view<T, M> const& x, view<U, N> const& y) {
    if (x.rank != y.rank) return false;
    for (std::size_t d = 0; d < x.rank; ++d)
        if (x.extent[d] != y.extent[d]) return false;
    return true;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
