// Tests that views with strides of any kind have the bits of their contiguous copies in row-major order.
//
// view_variants.test.cpp tests their gradients, rows and columns.
#include <cmath>
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/message.hpp"
#include "support/view_sweep.hpp"

using namespace l1loss;
using test::bits;
using test::copy;
using test::strided_view;

TEMPLATE_TEST_CASE("Mean and sum of views are those of their copies", "[view]", float, double) {
    test::for_each_pair_of_views<TestType, true>([](auto const& x, auto const& y) {
        auto const a = copy(x), b = copy(y);
        CHECK(bits(l1_loss(x, y)) == bits(l1_loss(a, b)));
        CHECK(bits(l1_loss<reduction::sum>(x, b)) == bits(l1_loss<reduction::sum>(a, b))); // only one argument is a view
    });
    TestType const x = 3, y = 1;
    strided_view<TestType const, 0> const scalar{&x, {}, {}}, other{&y, {}, {}};
    CHECK(l1_loss(scalar, other) == 2);
    strided_view<TestType const, 2> const empty{&x, {0, 3}, {5, 1}};
    CHECK(std::isnan(l1_loss(empty, empty)));
}

TEST_CASE("Losses of views with weights and masks, and of each element, are those of their copies", "[view]") {
    test::for_each_pair_of_views<float, false>([](auto const& x, auto const& y) {
        auto const a = copy(x), b = copy(y);
        auto const mask = test::mask_like(y);
        CHECK(bits(l1_loss(a, y)) == bits(l1_loss(a, b)));
        CHECK(bits(l1_loss(a, b, weights(y))) == bits(l1_loss(a, b, weights(b))));
        CHECK(bits(l1_loss(x, y, where(mask), skip_nan)) == bits(l1_loss(a, b, where(copy(mask)), skip_nan)));
        std::vector<float> of_views(a.size()), of_copies(a.size());
        l1_loss<reduction::none>(x, y, of_views);
        l1_loss<reduction::none>(a, b, of_copies);
        CHECK(of_views == of_copies);
    });
}

TEST_CASE("A view whose rank is known at run time only", "[view]") {
    struct any_rank {
        float const* data;
        std::size_t dimensions;
        std::size_t rank() const { return dimensions; }
        std::size_t extent(std::size_t) const { return 1; }
        std::ptrdiff_t stride(std::size_t) const { return 1; }
        float const* data_handle() const { return data; }
    };
    float const x = 3, y = 1;
    CHECK(l1_loss(any_rank{&x, 8}, any_rank{&y, 8}) == 2);
    CHECK(l1_loss(any_rank{&x, 0}, any_rank{&y, 0}) == 2);
    CHECK(test::message([&] { (void)l1_loss(any_rank{&x, 9}, any_rank{&y, 9}); }) ==
          "l1loss: an argument has 9 dimensions, expected at most 8");
}

TEST_CASE("A view in constant evaluation", "[view]") {
    static constexpr float x[6] = {1, 2, 3, 4, 5, 6};
    constexpr strided_view<float const, 2> transposed{x, {3, 2}, {1, 3}}; // 1 4 | 2 5 | 3 6
    static_assert(l1_loss<reduction::sum>(transposed, std::array{1.f, 4.f, 2.f, 5.f, 3.f, 7.f}) == 1);
    static_assert(l1_loss<reduction::sum>(broadcast(tensor<float, 2, 1>{1, 2}), tensor<float, 2, 2>{1, 3, 2, 5}) == 5);
    SUCCEED();
}

TEST_CASE("A shape of more elements than can be addressed is refused", "[view]") {
    std::size_t const many = std::size_t{1} << 33;
    float x = 1;
    test::strided_view<float, 2> const column{&x, {many, 1}, {0, 0}}, row{&x, {1, many}, {0, 0}}, matrix{&x, {many, many}, {0, 0}},
        far{&x, {3, 2}, {std::ptrdiff_t{1} << 61, 1}}, far_back{&x, {3, 2}, {-(std::ptrdiff_t{1} << 61), 1}},
        nowhere{&x, {0, many}, {std::ptrdiff_t{1} << 62, 0}};
    std::string const too_large = "l1loss: the shape 8589934592 x 8589934592 is too large to be addressed";
    CHECK(test::message([&] { l1_loss(l1loss::broadcast(column), l1loss::broadcast(row)); }) == too_large);
    CHECK(test::message([&] { l1_loss(matrix, matrix); }) == too_large);
    CHECK(test::message([&] { l1_loss(far, far); }) == "l1loss: the shape 3 x 2 is too large to be addressed");
    CHECK(test::message([&] { l1_loss(far_back, far_back); }) == "l1loss: the shape 3 x 2 is too large to be addressed");
    CHECK(test::message([&] { l1_loss(&x, &x, std::size_t{0} - 1); }) ==
          "l1loss: length is 18446744073709551615, which is too large to be addressed");
    CHECK(l1_loss<reduction::sum>(nowhere, nowhere) == 0);
    float const three[] = {1, 2, 3};
    auto const refusal = [&](std::size_t extent, std::ptrdiff_t stride) {
        return test::message([&] {
            (void)l1_loss(strided_view<float const, 1>{&x, {extent}, {stride}}, strided_view<float const, 1>{three, {3}, {1}});
        });
    };
    std::ptrdiff_t const far_away = std::ptrdiff_t{1} << 61; // floats that are as many bytes as a pointer cannot span
    for (auto const& [extent, stride, fits] : {std::tuple(std::size_t{2}, far_away - 2, true),
                                               {std::size_t{2}, far_away - 1, false},
                                               {std::size_t{2}, -far_away, true},
                                               {std::size_t{2}, -far_away - 1, false},
                                               {std::size_t{PTRDIFF_MAX}, std::ptrdiff_t{0}, true},
                                               {std::size_t{PTRDIFF_MAX} + 1, std::ptrdiff_t{0}, false},
                                               {std::size_t(-1), std::ptrdiff_t{1}, false}, // a negative extent
                                               {std::size_t{1}, PTRDIFF_MIN, false}})
        CHECK(refusal(extent, stride) ==
              (fits ? "l1loss: input is " + std::to_string(extent) + ", target is 3, expected one shape, or l1loss::broadcast"
                    : "l1loss: the shape " + std::to_string(extent) + " is too large to be addressed"));

    // Dimensions that each fit, and together reach too far up or down. What one element takes counts, a dimension of one does not.
    std::ptrdiff_t const half = far_away / 2;
    using strides = std::array<std::ptrdiff_t, 2>;
    for (auto const& [some, fits] : {std::pair(strides{half, half - 2}, true),
                                     {strides{half, half - 1}, false},
                                     {strides{-half, -half}, true},
                                     {strides{-half, -half - 1}, false},
                                     {strides{-far_away, far_away - 2}, true}}) {
        strided_view<float const, 2> const both{&x, {2, 2}, some};
        strided_view<float const, 3> const one_first{&x, {1, 2, 2}, {0, some[0], some[1]}};
        auto const error = [&](auto const& input) { return test::message([&] { (void)l1_loss(input, three); }); };
        std::string const too_far = " x 2 is too large to be addressed", other = "l1loss: input has 4 elements, target has 3";
        CHECK(error(both) == (fits ? other : "l1loss: the shape 2" + too_far));
        CHECK(error(one_first) == (fits ? other : "l1loss: the shape 1 x 2" + too_far));
    }
}
