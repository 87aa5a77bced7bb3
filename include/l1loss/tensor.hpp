// Tensors of a shape that is fixed at compile time.
#pragma once

#include <array>
#include <cstddef>

#include <l1loss/detail/flags.hpp>

namespace l1loss {

/// Holds elements of type T in row-major order, with the shape Extents. tensor<float, 3, 5> is a matrix of 3 × 5 elements, and
/// tensor<float> one scalar. It is an aggregate, initialised by its elements in row-major order. Those left out are zero.
template <class T, std::size_t... Extents> struct tensor {
    using value_type = T;

    static constexpr std::size_t rank = sizeof...(Extents);
    static constexpr std::array<std::size_t, rank> shape{Extents...};
    L1LOSS_INLINE static constexpr std::size_t size() noexcept { return (std::size_t{1} * ... * Extents); }

    L1LOSS_INLINE constexpr T* data() noexcept { return elements.data(); }
    L1LOSS_INLINE constexpr T const* data() const noexcept { return elements.data(); }
    L1LOSS_INLINE constexpr T* begin() noexcept { return data(); }
    L1LOSS_INLINE constexpr T const* begin() const noexcept { return data(); }
    L1LOSS_INLINE constexpr T* end() noexcept { return data() + size(); }
    L1LOSS_INLINE constexpr T const* end() const noexcept { return data() + size(); }

    /// The element at one index per dimension. Indexes are not checked.
    template <class... Index>
        requires(sizeof...(Index) == rank)
    L1LOSS_INLINE constexpr T& operator()(Index... index) noexcept {
        return elements[offset(index...)];
    }
    template <class... Index>
        requires(sizeof...(Index) == rank)
    L1LOSS_INLINE constexpr T const& operator()(Index... index) const noexcept {
        return elements[offset(index...)];
    }

    L1LOSS_INLINE friend constexpr bool operator==(tensor const& x, tensor const& y) {
        for (std::size_t i = 0; i < size(); ++i)
            if (!(x.elements[i] == y.elements[i])) return false;
        return true;
    }

    std::array<T, (std::size_t{1} * ... * Extents)> elements; // public, since an aggregate has no private data

private:
    template <class... Index> L1LOSS_INLINE static constexpr std::size_t offset(Index... index) noexcept {
        std::size_t at = 0;
        ((at = at * Extents + static_cast<std::size_t>(index)), ...);
        return at;
    }
};

} // namespace l1loss
