// Views of elements that lie in memory with any strides, and how to make one of an object of your own type.
#pragma once

#include <array>
#include <cstddef>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail {

/// One dimension of a view: how many elements, and how many elements of memory from one to the next. Both are any integers.
struct dimension {
    std::size_t extent;
    std::ptrdiff_t stride;

    template <class Extent, class Stride>
    L1LOSS_INLINE constexpr dimension(Extent e, Stride s)
        : extent(static_cast<std::size_t>(e)), stride(static_cast<std::ptrdiff_t>(s)) {}
};

/// Refers to elements, as std::mdspan with std::layout_stride does.
template <class T, std::size_t Rank> struct strided_elements {
    T* data;
    std::array<std::size_t, Rank> extents;
    std::array<std::ptrdiff_t, Rank> strides;

    L1LOSS_INLINE static constexpr std::size_t rank() { return Rank; }
    L1LOSS_INLINE constexpr std::size_t extent(std::size_t d) const { return extents[d]; }
    L1LOSS_INLINE constexpr std::ptrdiff_t stride(std::size_t d) const { return strides[d]; }
    L1LOSS_INLINE constexpr T* data_handle() const { return data; }
};

} // namespace l1loss::detail

namespace l1loss {

/// Returns a view of the elements at `data`. It can be any argument or output of l1loss.
///
///     strided(p, {{rows, pitch}, {columns, 1}})      a matrix of which each row begins `pitch` elements after the one before
///     strided(p, {{n, 2}})                           every second element
template <class T, std::size_t Rank> L1LOSS_INLINE constexpr auto strided(T* data, detail::dimension const (&dimensions)[Rank]) {
    detail::strided_elements<T, Rank> v{data, {}, {}};
    for (std::size_t d = 0; d < Rank; ++d) {
        v.extents[d] = dimensions[d].extent;
        v.strides[d] = dimensions[d].stride;
    }
    return v;
}

/// Says how an object of type T is viewed. Specialise it for a type that has a shape and is not recognised by itself. `of` returns
/// a view of the object's elements, which is const where the object is:
///
///     template <> struct l1loss::view_traits<image> {
///         static auto of(auto& m) { return l1loss::strided(m.pixels, {{m.height, m.pitch}, {m.width, 1}}); }
///     };
///
/// For a matrix of OpenCV, with one element per pixel, and with N elements per pixel, which become a third dimension:
///
///     template <class T> struct l1loss::view_traits<cv::Mat_<T>> {
///         static auto of(auto& m) { return l1loss::strided(m[0], {{m.rows, m.step1()}, {m.cols, 1}}); }
///     };
///     template <class T, int N> struct l1loss::view_traits<cv::Mat_<cv::Vec<T, N>>> {
///         static auto of(auto& m) { return l1loss::strided(m[0]->val, {{m.rows, m.step1()}, {m.cols, N}, {N, 1}}); }
///     };
///
/// For an array of NumPy, with two dimensions, in pybind11:
///
///     template <class T> struct l1loss::view_traits<pybind11::array_t<T>> {
///         static auto of(auto& a) {
///             auto const stride = [&](int d) { return a.strides(d) / pybind11::ssize_t(sizeof(T)); };
///             return l1loss::strided(a.data(), {{a.shape(0), stride(0)}, {a.shape(1), stride(1)}});
///         }
///     };
template <class T> struct view_traits;

} // namespace l1loss
