// Tests that gradients, rows and columns of views have the bits of their contiguous copies in row-major order.
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/view_sweep.hpp"

using namespace l1loss;
using test::bits;
using test::copy;
using floats = std::vector<float>;

TEST_CASE("Gradients of views are those of their copies", "[view_variants]") {
    test::for_each_pair_of_views<float, false>([](auto const& x, auto const& y) {
        auto const a = copy(x), b = copy(y);
        floats of_views(a.size()), of_copies(a.size());
        CHECK(bits(l1_loss_with_gradient(x, y, of_views, weights(x))) == bits(l1_loss_with_gradient(a, b, of_copies, weights(a))));
        CHECK(of_views == of_copies);
        l1_loss_backward<reduction::sum>(x, y, of_views, skip_nan);
        l1_loss_backward<reduction::sum>(a, b, of_copies, skip_nan);
        CHECK(of_views == of_copies);
    });
}

TEST_CASE("Rows and columns of views are those of their copies", "[view_variants]") {
    test::for_each_pair_of_views<float, false>([](auto const& x, auto const& y) {
        auto const a = copy(x), b = copy(y);
        std::size_t const rows = x.extents[0], columns = x.extents[1];
        floats of_views(rows), of_copies(rows);
        l1_loss_rows(x, y, of_views);
        l1_loss_rows(a, b, rows, of_copies);
        CHECK(of_views == of_copies);
        of_views.resize(columns), of_copies.resize(columns);
        l1_loss_columns(x, y, of_views);
        l1_loss_columns(a, b, rows, of_copies);
        CHECK(of_views == of_copies);
    });
}
