// Tests shapes: what is broadcast, which message refuses a call, and where outputs may lie.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/catch.hpp"
#include "support/message.hpp"
#include "support/strided_view.hpp"

using namespace l1loss;
using test::strided_view;
using floats = std::vector<float>;

namespace {

std::string in_part(char const* out, char const* in) {
    return std::string("l1loss: ") + out + " overlaps " + in + " in part, expected the same memory and type, or none of it";
}
std::string const accepted = "nothing was thrown";

/// The arrays of a call: input, target, weights and grad_output of n floats each, and a mask of n bytes. Each has room around it.
constexpr std::ptrdiff_t n = 8, mask_array = 4, size_of_float = sizeof(float);
struct call_arrays {
    alignas(8) unsigned char memory[5][5 * n * sizeof(float)];

    call_arrays() { std::memset(memory, 1, sizeof memory); }
    template <class T> T* at(std::ptrdiff_t array, std::ptrdiff_t floats_away = 0) {
        return reinterpret_cast<T*>(memory[array] + (2 * n + floats_away) * size_of_float);
    }
    std::span<float const> floats_of(std::ptrdiff_t array) { return {at<float const>(array), std::size_t(n)}; }
    std::span<unsigned char const> mask() { return {at<unsigned char const>(mask_array), std::size_t(n)}; }
    bool is_unwritten() const {
        return std::ranges::all_of(memory, [](auto const& all) { return std::ranges::count(all, 1) == std::ssize(all); });
    }
};

/// Moves an output over each array of a call, in steps of `step` floats. call(arrays, k, away) makes the call with the output so
/// many floats away from the beginning of array k. `unread` is an array that the call does not have.
template <class F>
void slide(char const* name, std::ptrdiff_t bytes_of_output, std::ptrdiff_t step, std::ptrdiff_t unread, bool may_be_same, F call) {
    char const* const names[] = {"input", "target", "weights", "grad_output", "mask"};
    for (std::ptrdiff_t k = 0; k < 5; ++k)
        for (std::ptrdiff_t away = -2 * n; away <= n; away += step) {
            call_arrays a;
            std::ptrdiff_t const bytes = k == mask_array ? n : n * size_of_float, first = away * size_of_float;
            bool const same = first == 0 && bytes == bytes_of_output && may_be_same;
            bool const is_refused = k != unread && first < bytes && first + bytes_of_output > 0 && !same;
            INFO(name << " begins " << away << " floats after " << names[k]);
            CHECK(test::message([&] { call(a, k, away); }) == (is_refused ? in_part(name, names[k]) : accepted));
            if (is_refused) CHECK(a.is_unwritten());
        }
}

} // namespace

TEST_CASE("An output of each element is exactly one array of floats, or apart from all", "[shape]") {
    constexpr std::ptrdiff_t bytes = n * size_of_float;
    floats other(n);
    auto const gradient = [&](call_arrays& a, float* of_input, float* of_target) {
        l1_loss_backward<reduction::none>(a.at<float>(0), a.at<float>(1), of_input, n, weights(a.at<float>(2)),
                                          grad_output(a.at<float>(3)), where(a.mask().data()), grad_target(of_target));
    };
    slide("grad_input", bytes, 1, -1, true,
          [&](auto& a, auto k, auto away) { gradient(a, a.template at<float>(k, away), &other[0]); });
    slide("grad_target", bytes, 1, -1, true,
          [&](auto& a, auto k, auto away) { gradient(a, &other[0], a.template at<float>(k, away)); });
    slide("output", bytes, 1, 3, true, [&](auto& a, auto k, auto away) {
        l1_loss<reduction::none>(a.template at<float>(0), a.template at<float>(1), a.template at<float>(k, away), n,
                                 weights(a.template at<float>(2)), where(a.mask().data()));
    });
}

TEST_CASE("Outputs of rows and columns are apart from all arrays, and from each other", "[shape]") {
    constexpr std::ptrdiff_t size_of_count = sizeof(std::size_t);
    for (bool const by_column : {false, true})
        for (std::ptrdiff_t const losses : {n, n / 2}) { // with n losses, each is of one element
            floats other(n);
            std::vector<std::size_t> other_counts(n);
            auto const call = [&](call_arrays& a, float* out, std::size_t* counts) {
                std::span const x = a.floats_of(0), y = a.floats_of(1), w = a.floats_of(2);
                std::span const m = a.mask();
                std::span const to(out, std::size_t(losses));
                std::span const counted(counts, std::size_t(losses));
                if (by_column) l1_loss_columns(x, y, n / losses, to, weights(w), where(m), count(counted));
                else l1_loss_rows(x, y, losses, to, weights(w), where(m), count(counted));
            };
            slide("output", losses * size_of_float, 1, 3, false,
                  [&](auto& a, auto k, auto away) { call(a, a.template at<float>(k, away), &other_counts[0]); });
            slide("count", losses * size_of_count, 2, 3, false,
                  [&](auto& a, auto k, auto away) { call(a, &other[0], a.template at<std::size_t>(k, away)); });
            for (std::ptrdiff_t away = -2 * n; away <= n; away += 2) { // counts over the output, which is in array 3
                call_arrays a;
                bool const is_refused = away < losses && away * size_of_float + losses * size_of_count > 0;
                CHECK(test::message([&] { call(a, a.at<float>(3), a.at<std::size_t>(3, away)); }) ==
                      (is_refused ? "l1loss: output overlaps count, expected different memory" : accepted));
                if (is_refused) CHECK(a.is_unwritten());
            }
        }
}

TEST_CASE("A view takes the memory from its lowest element to its highest, gaps included", "[shape]") {
    struct {
        std::ptrdiff_t first, row, column; // first element and strides of 2 x 3
    } const views[] = {{0, 8, 1},    {0, 3, 1}, {8, -8, 1}, {10, -8, -1}, {2, 8, -1}, {5, -3, -1}, {0, 1, 8},
                       {17, -1, -8}, {0, 0, 1}, {0, 1, 0},  {2, 0, -1},   {1, -1, 0}, {0, 0, 0},   {0, 16, 2}};
    floats const others(6);
    for (auto const& v : views)
        for (std::ptrdiff_t away = -8; away <= 24; ++away) {
            floats memory(60, 1);
            float* const from = memory.data() + 20;
            strided_view<float const, 2> const view{from + v.first, {2, 3}, {v.row, v.column}};
            std::ptrdiff_t low = 60, high = -60;
            for (std::ptrdiff_t i = 0; i < 6; ++i) {
                low = std::min(low, v.first + i / 3 * v.row + i % 3 * v.column);
                high = std::max(high, v.first + i / 3 * v.row + i % 3 * v.column);
            }
            bool const is_packed = v.row == 3 && v.column == 1;
            INFO("strides " << v.row << ", " << v.column << ", the output begins at " << away);
            auto const expected = [&](std::ptrdiff_t size, bool may_be_same, char const* name) {
                bool const is_refused = away <= high && away + size > low && !(may_be_same && is_packed && away == 0);
                return is_refused ? in_part("output", name) : accepted;
            };
            std::span const two(from + away, 2);
            std::span const six(others);
            CHECK(test::message([&] { l1_loss_rows(view, six, two); }) == expected(2, false, "input"));
            CHECK(test::message([&] { l1_loss_rows(six, six, 2, two, weights(view)); }) == expected(2, false, "weights"));
            CHECK(test::message([&] { l1_loss<reduction::none>(view, six, from + away); }) == expected(6, true, "input"));
            CHECK(test::message([&] { l1_loss<reduction::none>(six, view, from + away); }) == expected(6, true, "target"));
        }
}

TEST_CASE("The gradient of a broadcast argument takes the memory of that argument's size", "[shape]") {
    floats memory(20, 1), x(6), gy(6);
    strided_view<float const, 2> const column{x.data(), {2, 1}, {1, 1}}, whole{x.data(), {2, 3}, {3, 1}},
        y{memory.data() + 8, {2, 3}, {3, 1}};
    auto const call = [&](auto const& v, float* of_x, float* of_y) {
        std::span const first(of_x, v.extents[0] * v.extents[1]), second(of_y, 6);
        return test::message([&] { l1_loss_backward(broadcast(v), y, first, grad_target(second)); });
    };
    auto const exchanged = [&](auto const& v, float* of_y, float* of_x) {
        std::span const first(of_y, 6), second(of_x, v.extents[0] * v.extents[1]);
        return test::message([&] { l1_loss_backward(y, broadcast(v), first, grad_target(second)); });
    };
    for (std::ptrdiff_t i = 4; i <= 14; ++i) {
        INFO("the gradient begins at " << i << ", and the others from 8 to 13");
        bool const is_refused = i > 6 && i < 14;
        float* const at = memory.data() + i;
        CHECK(call(column, at, gy.data()) == (is_refused ? in_part("grad_input", "target") : accepted));
        CHECK(exchanged(column, gy.data(), at) == (is_refused ? in_part("grad_target", "input") : accepted));
        std::string const shared = is_refused ? "l1loss: grad_input overlaps grad_target, expected different memory" : accepted;
        floats room(20);
        CHECK(call(column, room.data() + i, room.data() + 8) == shared);
        CHECK(exchanged(column, room.data() + 8, room.data() + i) == shared);
    }
    for (auto const& v : {column, whole}) { // it replaces no array, even if no element is repeated
        CHECK(call(v, x.data(), gy.data()) == in_part("grad_input", "input"));
        CHECK(exchanged(v, gy.data(), x.data()) == in_part("grad_target", "target"));
        CHECK(call(v, memory.data() + 8, gy.data()) == in_part("grad_input", "target"));
        CHECK(exchanged(v, gy.data(), memory.data() + 8) == in_part("grad_target", "input"));
    }
}

TEST_CASE("Where several errors apply, the first of a fixed order is reported", "[shape]") {
    char const* const names[] = {"target", "weights", "mask", "grad_output", "grad_input", "grad_target"};
    for (std::size_t k = 0; k < 6; ++k) { // before array k they have six elements, and from it on five
        std::size_t const sizes[] = {5u + (k > 0), 5u + (k > 1), 5u + (k > 2), 5u + (k > 3), 5u + (k > 4), 5u};
        floats const x(6), y(sizes[0]), w(sizes[1]), g(sizes[3]);
        std::vector<unsigned char> const m(sizes[2]);
        floats of_x(sizes[4]), of_y(sizes[5]);
        CHECK(test::message([&] {
                  l1_loss_backward<reduction::none>(x, y, of_x, weights(w), where(m), grad_output(g), grad_target(of_y));
              }) == std::string("l1loss: input has 6 elements, ") + names[k] + " has 5");
        CHECK(test::message([&] { // the same beside a view
                  auto const v = l1loss::strided(x.data(), {{6, 1}});
                  l1_loss_backward<reduction::none>(v, y, of_x, weights(w), where(m), grad_output(g), grad_target(of_y));
              }) == std::string("l1loss: input has 6 elements, ") + names[k] + " has 5");
    }
    floats x(6), five(5);
    float* const p = x.data();
    std::span const all(x);
    std::string const sizes = "l1loss: input has 6 elements, target has 5", one_number = "l1loss: reduction is \"none\"";
    CHECK(test::message([&] { (void)l1_loss(x, five, reduction::none); }) == sizes); // of a loss last, of a gradient first
    CHECK(test::message([&] { l1_loss_backward(x, five, five, reduction::none); }).starts_with(one_number));
    CHECK(test::message([&] { l1_loss<reduction::none>(p, p, p + 1, -1); }) == "l1loss: length is -1, expected 0 or more");
    CHECK(test::message([&] { l1_loss<reduction::none>(p, p, p + 1, 4); }) == in_part("output", "input"));
    CHECK(test::message([&] { l1_loss<reduction::none>(all, all, all.last(5)); }) == "l1loss: input has 6 elements, output has 5");
    std::vector<std::size_t> counts(2);
    auto const rows = [&](auto const& y, int number, std::span<float> out) {
        return test::message([&] { l1_loss_rows(x, y, number, out, count(counts)); });
    };
    CHECK(rows(five, -1, all.first(2)) == sizes);
    CHECK(rows(x, -1, all.first(2)) == "l1loss: rows is -1, expected 0 or more");
    CHECK(rows(x, 4, all.first(2)) == "l1loss: input has 6 elements, expected a multiple of 4, the rows");
    CHECK(rows(x, 3, all.first(2)) == "l1loss: input has 3 rows, output has 2 elements");
    CHECK(rows(x, 3, all.first(3)) == in_part("output", "input"));
    CHECK(rows(x, 3, std::span(five).first(3)) == "l1loss: input has 3 rows, count has 2 elements");
}

TEST_CASE("What has no elements overlaps nothing", "[shape]") {
    floats memory(4, 1);
    std::span const inside(memory.data() + 1, 0), three(memory.data(), 3);
    l1_loss_rows<reduction::sum>(inside, inside, 3, three, weights(inside));
    CHECK(memory == floats{0, 0, 0, 1});
    std::vector<std::size_t> counts(3, 9);
    std::span<float> const in_counts(reinterpret_cast<float*>(counts.data() + 1), 0);
    l1_loss_rows<reduction::sum>(in_counts, in_counts, 3, three, skip_nan, count(counts));
    CHECK(counts == std::vector<std::size_t>(3));
    // Two rows of nothing against a column: its gradient has two elements, the other none.
    float const x[2] = {};
    strided_view<float const, 2> const column{x, {2, 1}, {1, 1}}, nothing{memory.data() + 1, {2, 0}, {1, 1}};
    std::span const two(memory.data(), 2);
    std::span<float const> const none(inside);
    l1_loss_rows(nothing, none, two);
    CHECK(std::isnan(memory[1]));
    memory.assign(4, 1);
    l1_loss_backward(broadcast(column), nothing, two, grad_target(inside));
    CHECK(memory == floats{0, 0, 1, 1});
    memory.assign(4, 1);
    l1_loss_backward(nothing, broadcast(column), inside, grad_target(two));
    CHECK(memory == floats{0, 0, 1, 1});
}

TEST_CASE("An extent of 0 is broadcast to 0 alone, and one of 1 to anything", "[shape]") {
    float const x = 5;
    auto const view = [&](std::size_t rows, std::size_t columns) {
        return strided_view<float const, 2>{&x, {rows, columns}, {0, 0}};
    };
    std::string const both = "expected one shape, or l1loss::broadcast";
    for (std::size_t const extent : {0u, 1u, 2u})
        for (std::size_t const other : {0u, 1u, 2u}) {
            auto const a = view(extent, 3), b = view(other, 3);
            std::string const of_a = std::to_string(extent) + " x 3", of_b = std::to_string(other) + " x 3";
            INFO(of_a << " and " << of_b);
            bool const fits = extent == other || extent == 1;
            std::string const cannot = " is " + of_a + ", which cannot be broadcast to " + of_b;
            CHECK(test::message([&] { (void)l1_loss(broadcast(a), b); }) == (fits ? accepted : "l1loss: input" + cannot));
            CHECK(test::message([&] { (void)l1_loss(b, broadcast(a)); }) == (fits ? accepted : "l1loss: target" + cannot));
            CHECK(test::message([&] { (void)l1_loss(b, b, weights(broadcast(a))); }) ==
                  (fits ? accepted : "l1loss: weights" + cannot));
            CHECK(test::message([&] { (void)l1_loss(broadcast(a), broadcast(b)); }) ==
                  (fits || other == 1 ? accepted : "l1loss: input is " + of_a + ", target is " + of_b + ", " + both));
        }
    CHECK(std::isnan(l1_loss(broadcast(view(1, 3)), broadcast(view(0, 1))))); // 0 x 3
    CHECK(test::message([&] { (void)l1_loss(view(2, 3), floats(6), weights(broadcast(floats()))); }) ==
          "l1loss: weights is 0, which cannot be broadcast to 2 x 3");
}

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
    CHECK(l1_loss<reduction::sum>(broadcast(row), broadcast(as_column)) == 78); // of one dimension and of two
    CHECK(l1_loss<reduction::sum>(broadcast(as_column), broadcast(row)) == 78);
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
    CHECK(test::message([&] { (void)l1_loss(row, matrix); }) == "l1loss: input has 3 elements, target has 6");
    CHECK(test::message([&] { (void)l1_loss(x, x, weights(as_row)); }) == "l1loss: input has 6 elements, weights has 3");
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
    CHECK(test::message([&] { (void)l1_loss(floats(5), target); }) == "l1loss: input has 5 elements, target has 6");
    CHECK(test::message([&] { l1_loss<reduction::none>(input, target, padded); }) ==
          "l1loss: output is strided, or in another storage order, expected contiguous elements");
    CHECK(test::message([&] { l1_loss<reduction::none>(transposed, target, strided_view<float, 2>{x.data(), {2, 3}, {3, 1}}); }) ==
          "l1loss: output overlaps input in part, expected the same memory and type, or none of it");
    CHECK(x == floats{1, 2, 3, 4, 5, 6, 7, 8});
    l1_loss<reduction::none>(packed, transposed, out.data() + 0);                               // reads x twice, writes out
    l1_loss<reduction::none>(packed, target, strided_view<float, 2>{x.data(), {2, 3}, {3, 1}}); // writes over its input
    CHECK(x == floats{1, 2, 3, 4, 5, 6, 7, 8});
}
