// Recognises the objects that have a shape, of l1loss and of other libraries, and views their elements.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include <l1loss/detail/args/view.hpp>
#include <l1loss/tensor.hpp>
#include <l1loss/view.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

// ---- Types with a shape.

template <class T> inline constexpr bool is_tensor_type = false;
template <class T, std::size_t... Extents> inline constexpr bool is_tensor_type<tensor<T, Extents...>> = true;

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

/// Gives extents as dense matrices, vectors and cubes of Armadillo do, which are stored by columns.
template <class T>
concept armadillo_like = requires(T const& t) {
    { t.n_rows == t.n_cols } -> std::same_as<bool>;
    t.memptr();
};

template <class T>
concept has_view_traits = requires(T const& t) { view_traits<T>::of(t); };

/// Is a row or a column by its type.
template <class T>
concept vector_object =
    !has_view_traits<T> && ((eigen_like<T> && requires { requires static_cast<bool>(T::IsVectorAtCompileTime); }) ||
                            (armadillo_like<T> && requires { requires static_cast<bool>(T::is_col || T::is_row); }));
/// Is any other dense object of Eigen or Armadillo.
template <class T>
concept matrix_object = !has_view_traits<T> && (eigen_like<T> || armadillo_like<T>) && !vector_object<T>;

template <class T>
concept viewable = has_view_traits<T> || mdspan_like<T> || eigen_like<T> || xtensor_like<T> || armadillo_like<T> ||
                   (std::is_bounded_array_v<T> && std::rank_v<T> > 1);

/// Shows a shape of its own, which must not be ignored.
template <class T>
concept shows_shape =
    requires(T const& t) { t.strides(); } || requires(T const& t) { t.innerStride(); } ||
    requires(T const& t) { t.outerStride(); } || requires(T const& t) { t.stride(0); } || requires(T const& t) { t.stride(); } ||
    requires(T const& t) { t.shape(); } || requires(T const& t) { t.extents(); } || requires(T const& t) { t.extent(0); } ||
    requires(T const& t) { t.rows(), t.cols(); } || requires(T const& t) { t.rows, t.cols; } ||
    requires(T const& t) { t.nr(), t.nc(); } || requires(T const& t) { t.n_rows, t.n_cols; } ||
    requires(T const& t) { t.size1(), t.size2(); } || requires(T const& t) { t.width(), t.height(); } ||
    requires(T const& t) { t.width, t.height; } || requires(T const& t) { t.dimensions(); } ||
    requires(T const& t) { t.sizes(); } || requires(T const& t) { t.size(0); };

/// Whether T is a column-major matrix by its type. If all arguments with a shape are such matrices, the call uses column-major
/// order, which sums their transposes.
template <class T> constexpr bool is_column_major() {
    if constexpr (eigen_like<T>) return matrix_object<T> && !T::IsRowMajor;
    else return matrix_object<T>;
}

// ---- Their views.

/// An object of Eigen or Armadillo as a view of rows and columns. A vector has two dimensions here.
template <class Object> L1LOSS_INLINE constexpr auto matrix_view_of(Object& m) {
    if constexpr (armadillo_like<Object>) return view_of(strided(m.memptr(), {{m.n_rows, 1}, {m.n_cols, m.n_rows}}));
    else if constexpr (Object::IsRowMajor)
        return view_of(strided(m.data(), {{m.rows(), m.outerStride()}, {m.cols(), m.innerStride()}}));
    else return view_of(strided(m.data(), {{m.rows(), m.innerStride()}, {m.cols(), m.outerStride()}}));
}

/// The most dimensions that an object of a library has, or max_dimensions if only run time tells.
template <class O> constexpr std::size_t max_rank() {
    if constexpr (requires { typename std::bool_constant<(O::rank() > 0)>; }) return std::max<std::size_t>(O::rank(), 1);
    else if constexpr (requires { std::tuple_size<std::remove_cvref_t<decltype(std::declval<O&>().shape())>>::value; })
        return std::max<std::size_t>(std::tuple_size<std::remove_cvref_t<decltype(std::declval<O&>().shape())>>::value, 1);
    else return max_dimensions;
}

/// A pointer to the first element of an array of any number of dimensions.
template <class T> L1LOSS_INLINE constexpr auto* first_of(T& array) {
    if constexpr (std::is_array_v<T>) return first_of(array[0]);
    else return &array;
}

/// A C array of several dimensions as a view.
template <class T> L1LOSS_INLINE constexpr auto array_view_of(T& array) {
    std::size_t stride = sizeof(T) / sizeof(std::remove_all_extents_t<T>);
    return [&]<std::size_t... d>(std::index_sequence<d...>) {
        constexpr std::size_t extents[] = {std::extent_v<T, d>...};
        return make_view<sizeof...(d)>(
            first_of(array), sizeof...(d), [&](auto k) { return extents[k]; }, [&](auto k) { return stride /= extents[k]; });
    }(std::make_index_sequence<std::rank_v<T>>{});
}

/// An object as a view of its elements.
template <class Object> L1LOSS_INLINE constexpr auto view_of(Object&& object) {
    using O = std::remove_cvref_t<Object>;
    if constexpr (has_view_traits<O>) {
        return view_of(view_traits<O>::of(object));
    } else if constexpr (std::is_bounded_array_v<O>) {
        return array_view_of(object);
    } else if constexpr (mdspan_like<O>) {
        return make_view<max_rank<O>()>(
            object.data_handle(), object.rank(), [&](auto d) { return object.extent(d); },
            [&](auto d) { return object.stride(d); });
    } else if constexpr (vector_object<O>) {
        auto const matrix = matrix_view_of(object);
        bool const is_row = matrix.extent[0] == 1 && matrix.extent[1] != 1;
        return make_view<2>(
            matrix.data, 1, [&](auto) { return object.size(); }, [&](auto) { return matrix.stride[is_row ? 1 : 0]; });
    } else if constexpr (requires { object.n_slices; }) {
        std::size_t const rows = object.n_rows, columns = object.n_cols;
        return view_of(strided(object.memptr(), {{rows, 1}, {columns, rows}, {object.n_slices, rows * columns}}));
    } else if constexpr (matrix_object<O>) {
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
        return view_of(strided(std::data(object), {{std::size(object), 1}}));
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
