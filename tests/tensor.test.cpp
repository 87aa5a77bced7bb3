// Tests tensors of fixed shape.
#include <algorithm>
#include <array>
#include <ranges>
#include <type_traits>

#include <l1loss/tensor.hpp>

#include "support/catch.hpp"

using l1loss::tensor;

namespace {
constexpr tensor<float, 2, 3> a{1, 2, 3, 4, 5, 6};
}

static_assert(std::is_aggregate_v<tensor<float, 3, 5>> && std::is_trivially_copyable_v<tensor<float, 3, 5>>);
static_assert(sizeof(tensor<float, 3, 5>) == 15 * sizeof(float));
static_assert(std::ranges::contiguous_range<tensor<float, 2, 3>>);
static_assert(tensor<float, 2, 3>::size() == 6 && tensor<float>::size() == 1 && tensor<float, 4, 0>::size() == 0);
static_assert(a.shape == std::array<std::size_t, 2>{2, 3} && a.rank == 2);
static_assert(a(0, 0) == 1 && a(0, 2) == 3 && a(1, 0) == 4 && a(1, 2) == 6); // row-major
static_assert(a == tensor<float, 2, 3>{1, 2, 3, 4, 5, 6} && a != tensor<float, 2, 3>{});
static_assert(tensor<float, 2, 3>{1}.data()[5] == 0); // elements left out are zero
static_assert(tensor<double>{7}() == 7);              // a scalar has no index
static_assert(tensor<int, 2, 3, 4>{}.size() == 24 && !std::is_invocable_v<tensor<int, 2, 3, 4>, int, int>);

TEST_CASE("Elements are written through indexes and iterators", "[tensor]") {
    tensor<int, 2, 2, 2> t{};
    t(1, 0, 1) = 5;
    CHECK(t.data()[5] == 5);
    std::ranges::fill(t, 3);
    CHECK(std::ranges::count(t, 3) == 8);
}
