// Tensors of fixed shape: the arguments of a loss that is unrolled, or a constant. Ground floor.
#pragma once

#include <array>
#include <cstddef>

namespace l1loss {

/// Elements of type T in row-major order, of a shape known at compile time: tensor<float, 3, 5> is 3 × 5, tensor<float> one
/// scalar. An aggregate, initialised by its elements in that order; those left out are zero.
template <class T, std::size_t... Extents>
struct tensor {
    using value_type = T;

    static constexpr std::size_t rank = sizeof...(Extents);
    static constexpr std::array<std::size_t, rank> shape{Extents...};
    static constexpr std::size_t size() noexcept { return (std::size_t{1} * ... * Extents); }

    constexpr T* data() noexcept { return elements.data(); }
    constexpr T const* data() const noexcept { return elements.data(); }
    constexpr T* begin() noexcept { return data(); }
    constexpr T const* begin() const noexcept { return data(); }
    constexpr T* end() noexcept { return data() + size(); }
    constexpr T const* end() const noexcept { return data() + size(); }

    /// The element at a multi-index, one index per dimension; not range-checked.
    template <class... Index>
        requires(sizeof...(Index) == rank)
    constexpr T& operator()(Index... index) noexcept {
        return elements[offset(index...)];
    }
    template <class... Index>
        requires(sizeof...(Index) == rank)
    constexpr T const& operator()(Index... index) const noexcept {
        return elements[offset(index...)];
    }

    friend constexpr bool operator==(tensor const&, tensor const&) = default;

    std::array<T, (std::size_t{1} * ... * Extents)> elements; // public: that makes it an aggregate

private:
    template <class... Index>
    static constexpr std::size_t offset(Index... index) noexcept {
        std::size_t at = 0;
        ((at = at * Extents + static_cast<std::size_t>(index)), ...);
        return at;
    }
};

} // namespace l1loss
