// Tests shapes: what is broadcast, which message refuses a call, and where the outputs of views may lie.
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/catch.hpp"
#include "support/message.hpp"
#include "support/strided_view.hpp"

using namespace l1loss;
using test::strided_view;
using floats = std::vector<float>;

TEST_CASE("broadcast extends what is named, by NumPy's rules, and nothing else is extended", "[shape]") {
    floats const x{1, 2, 3, 4, 5, 6}, row{1, 2, 3}, column{10, 20};
    strided_view<float const, 2> const matrix{x.data(), {2, 3}, {3, 1}}, as_row{row.data(), {1, 3}, {3, 1}},
        as_column{column.data(), {2, 1}, {1, 1}};
    // The expected values are those of NumPy 1.24, such as abs(x - row).sum().
    CHECK(l1_loss<reduction::sum>(matrix, broadcast(row)) == 9);
    CHECK(l1_loss<reduction::sum>(matrix, broadcast(as_row)) == 9);
    CHECK(l1_loss<reduction::sum>(matrix, broadcast(as_column)) == 69);
    CHECK(l1_loss<reduction::sum>(broadcast(as_column), matrix) == 69);
    CHECK(l1_loss<reduction::sum>(x, broadcast(tensor<float>{1})) == 15); // also for elements without a shape
    CHECK(l1_loss<reduction::sum>(broadcast(as_row), broadcast(as_column)) == 78);
    CHECK(l1_loss<reduction::sum>(matrix, broadcast(tensor<float>{1})) == 15);
    CHECK(l1_loss<reduction::sum>(matrix, x, weights(broadcast(as_column))) == 0);
    CHECK(l1_loss(broadcast(as_row), broadcast(as_column)) == 13);
    floats out(6);
    l1_loss<reduction::none>(broadcast(as_row), broadcast(as_column), out);
    CHECK(out == floats{9, 8, 7, 19, 18, 17});

    CHECK(test::message([&] { (void)l1_loss(matrix, as_row); }) ==
          "l1loss: input is 2 x 3, target is 1 x 3, expected one shape, or l1loss::broadcast");
    CHECK(test::message([&] { (void)l1_loss(matrix, broadcast(column)); }) ==
          "l1loss: target is 2, which cannot be broadcast to 2 x 3");
    CHECK(test::message([&] { (void)l1_loss(broadcast(matrix), as_row); }) ==
          "l1loss: input is 2 x 3, which cannot be broadcast to 1 x 3");
    CHECK(test::message([&] { (void)l1_loss(broadcast(column), broadcast(row)); }) ==
          "l1loss: input is 2, target is 3, expected one shape, or l1loss::broadcast");
    CHECK(test::message([&] { (void)l1_loss(matrix, row); }) == "l1loss: input has 6 elements, target has 3");
    CHECK(test::message([&] { (void)l1_loss(matrix, matrix, weights(as_row)); }) ==
          "l1loss: input is 2 x 3, weights is 1 x 3, expected one shape, or l1loss::broadcast");
    // A common mistake, N x 1 against N, is refused. NumPy and PyTorch extend both to N x N.
    CHECK(test::message([&] { (void)l1_loss(as_column, strided_view<float const, 1>{column.data(), {2}, {1}}); }) ==
          "l1loss: input is 2 x 1, target is 2, expected one shape, or l1loss::broadcast");
}

TEST_CASE("Outputs of views are contiguous, and overlap nothing that is read in another order", "[shape]") {
    floats x{1, 2, 3, 4, 5, 6, 7, 8}, y(8), out(8);
    strided_view<float, 2> const padded{out.data(), {2, 3}, {4, 1}}, dense{out.data(), {2, 3}, {3, 1}};
    strided_view<float const, 2> const input{x.data(), {2, 3}, {4, 1}}, transposed{x.data(), {2, 3}, {1, 2}},
        target{y.data(), {2, 3}, {3, 1}}, packed{x.data(), {2, 3}, {3, 1}};
    l1_loss<reduction::none>(input, target, dense);
    CHECK(out == floats{1, 2, 3, 5, 6, 7, 0, 0});
    CHECK(test::message([&] { l1_loss<reduction::none>(input, target, padded); }) ==
          "l1loss: output is strided, or in another storage order, expected contiguous elements");
    CHECK(test::message([&] { l1_loss<reduction::none>(transposed, target, strided_view<float, 2>{x.data(), {2, 3}, {3, 1}}); }) ==
          "l1loss: output overlaps input in part, expected the same memory and type, or none of it");
    CHECK(x == floats{1, 2, 3, 4, 5, 6, 7, 8});
    l1_loss<reduction::none>(packed, transposed, out.data() + 0);                               // reads x twice, writes out
    l1_loss<reduction::none>(packed, target, strided_view<float, 2>{x.data(), {2, 3}, {3, 1}}); // writes over its input
    CHECK(x == floats{1, 2, 3, 4, 5, 6, 7, 8});
}
