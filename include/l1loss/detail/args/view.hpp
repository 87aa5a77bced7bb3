// Views: elements of any rank with any strides, out of whatever can say its extents and strides. The index of an element is
// the row-major one, so that a view gives the bits of its contiguous copy. How they are read, view_reader.hpp knows.
//
// On top of batch.hpp (for L1LOSS_INLINE alone), error.hpp and tensor.hpp, under arguments.hpp and view_reader.hpp.
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

#include <l1loss/detail/args/error.hpp>
#include <l1loss/detail/inline.hpp>
#include <l1loss/tensor.hpp>

namespace l1loss::detail {

// ---- Who can say so.

template <class T>
inline constexpr bool is_tensor_type = false;
template <class T, std::size_t... Extents>
inline constexpr bool is_tensor_type<tensor<T, Extents...>> = true;

/// Has strides of some kind: not to be taken for dense because of its data() and size().
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

/// The same as Eigen's dense objects do.
template <class T>
concept eigen_like = requires(T const& t) {
    { t.innerStride() == t.outerStride() && t.rows() == t.cols() } -> std::same_as<bool>;
    { static_cast<bool>(T::IsRowMajor) };
    t.data();
};

/// The same as xtensor's containers and views do.
template <class T>
concept xtensor_like = requires(T const& t) {
    { t.shape().size() == t.strides().size() && t.shape()[0] == t.strides()[0] } -> std::same_as<bool>;
    { t.data_offset() == 0 } -> std::same_as<bool>; // from data() to the first element
    t.data();
};

/// Those that are a row or a column when they compile, and those that are not.
template <class T>
concept eigen_vector = eigen_like<T> && requires { requires static_cast<bool>(T::IsVectorAtCompileTime); };
template <class T>
concept eigen_matrix = eigen_like<T> && !eigen_vector<T>;

template <class T>
concept viewable = mdspan_like<T> || eigen_like<T> || xtensor_like<T>;

/// Stored column by column, and of a type that says so: two such are taken in their own order, the transposes of both.
template <class T>
constexpr bool is_column_major() {
    if constexpr (eigen_matrix<T>) return !T::IsRowMajor;
    else return false;
}

// ---- The view itself.

inline constexpr std::size_t max_dimensions = 8; // where only the object itself knows how many it has

/// Extents and strides (in elements) of up to Most dimensions, and where the first element is.
template <class T, std::size_t Most>
struct view {
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

    /// Whether the elements lie side by side in memory, in the order of their indexes.
    L1LOSS_INLINE constexpr bool is_dense() const {
        if (size() <= 1) return true;
        std::size_t expected = 1;
        for (std::size_t d = rank; d-- > 0; expected *= extent[d])
            if (extent[d] != 1 && stride[d] != static_cast<std::ptrdiff_t>(expected)) return false;
        return true;
    }

    /// The same elements in as few dimensions as can be, at least one.
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

    /// Row `r`: what is left when the first `leading` dimensions are fixed, r counted in row-major order.
    L1LOSS_INLINE constexpr view row(std::size_t r, std::size_t leading) const {
        view v{data};
        for (std::size_t d = leading; d-- > 0; r /= extent[d]) v.data += static_cast<std::ptrdiff_t>(r % extent[d]) * stride[d];
        for (std::size_t d = leading; d < rank; ++d) v.append(extent[d], stride[d]);
        return v;
    }

    /// The lowest address that is an element's, and the one past the highest.
    std::pair<std::uintptr_t, std::uintptr_t> memory() const {
        std::ptrdiff_t low = 0, high = 0;
        for (std::size_t d = 0; d < rank; ++d)
            (stride[d] < 0 ? low : high) += (static_cast<std::ptrdiff_t>(extent[d]) - 1) * stride[d];
        auto const first = reinterpret_cast<std::uintptr_t>(data);
        auto const address = [&](std::ptrdiff_t at) { return first + static_cast<std::uintptr_t>(at) * sizeof(T); };
        return {address(low), size() == 0 ? address(low) : address(high + 1)};
    }
};

/// Rows and columns of an Eigen object, vectors included.
template <class Object>
L1LOSS_INLINE constexpr auto matrix_view_of(Object& object) {
    view<std::remove_pointer_t<decltype(object.data())>, 2> v{object.data()};
    auto const inner = static_cast<std::ptrdiff_t>(object.innerStride()), outer = static_cast<std::ptrdiff_t>(object.outerStride());
    v.append(static_cast<std::size_t>(object.rows()), Object::IsRowMajor ? outer : inner);
    v.append(static_cast<std::size_t>(object.cols()), Object::IsRowMajor ? inner : outer);
    return v;
}

constexpr void check_rank(std::size_t rank, std::size_t most) {
    if (rank > most) [[unlikely]]
        fail("l1loss: an argument has " + std::to_string(rank) + " dimensions, expected at most " + std::to_string(most));
}

/// An object that can say so, as a view of its elements.
template <class Object>
L1LOSS_INLINE constexpr auto view_of(Object& object) {
    using O = std::remove_const_t<Object>;
    if constexpr (mdspan_like<O>) {
        using T = std::remove_pointer_t<std::remove_cvref_t<decltype(object.data_handle())>>;
        constexpr std::size_t most = [] {
            if constexpr (requires { typename std::bool_constant<(O::rank() > 0)>; }) return std::max<std::size_t>(O::rank(), 1);
            else return max_dimensions;
        }();
        check_rank(object.rank(), most);
        view<T, most> v{object.data_handle()};
        for (std::size_t d = 0; d < std::min<std::size_t>(object.rank(), most); ++d) // the latter is for g++'s sake, which warns
            v.append(static_cast<std::size_t>(object.extent(d)), static_cast<std::ptrdiff_t>(object.stride(d)));
        return v;
    } else if constexpr (eigen_like<O>) {
        auto v = matrix_view_of(object);
        if constexpr (eigen_vector<O>) {
            v.rank = 0;
            v.append(static_cast<std::size_t>(object.size()), static_cast<std::ptrdiff_t>(object.innerStride()));
        }
        return v;
    } else if constexpr (xtensor_like<O>) {
        using Shape = std::remove_cvref_t<decltype(object.shape())>;
        constexpr std::size_t most = [] {
            if constexpr (requires { std::tuple_size<Shape>::value; })
                return std::max<std::size_t>(std::tuple_size<Shape>::value, 1);
            else return max_dimensions;
        }();
        check_rank(object.shape().size(), most);
        view<std::remove_pointer_t<decltype(object.data())>, most> v{object.data() + object.data_offset()};
        for (std::size_t d = 0; d < object.shape().size(); ++d)
            v.append(static_cast<std::size_t>(object.shape()[d]), static_cast<std::ptrdiff_t>(object.strides()[d]));
        return v;
    } else if constexpr (is_tensor_type<O>) {
        view<std::remove_pointer_t<decltype(object.data())>, (O::rank > 0 ? O::rank : 1)> v{object.data()};
        std::size_t stride = O::size();
        for (std::size_t const extent : O::shape) v.append(extent, static_cast<std::ptrdiff_t>(stride /= extent > 0 ? extent : 1));
        return v;
    } else { // one dimension
        view<std::remove_pointer_t<decltype(std::data(object))>, 1> v{std::data(object)};
        v.append(std::size(object), 1);
        return v;
    }
}

template <class T, std::size_t Most>
[[gnu::cold, gnu::noinline]] std::string shape_text(view<T, Most> const& v) {
    std::string text;
    for (std::size_t d = 0; d < v.rank; ++d) text += (d == 0 ? "" : " x ") + std::to_string(v.extent[d]);
    return v.rank == 0 ? "a scalar" : text;
}

template <class T, std::size_t M, class U, std::size_t N>
constexpr bool same_extents(view<T, M> const& x, view<U, N> const& y) {
    if (x.rank != y.rank) return false;
    for (std::size_t d = 0; d < x.rank; ++d)
        if (x.extent[d] != y.extent[d]) return false;
    return true;
}

} // namespace l1loss::detail
