// Tests that options, gradients, rows, views and broadcast arguments on threads have the bits of one thread.
#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/executors.hpp"
#include "support/strided_view.hpp"

using namespace l1loss;
using test::bits, test::block, test::executor, test::for_each_executor, test::least, test::same, test::threads;
template <class T> using data = test::parallel_data<T>;

// Only float, because the digest covers most of this for double.
TEST_CASE("Losses with all named arguments, gradients and what is written have the bits of one thread", "[parallel_variants]") {
    for (std::size_t const n : {least<float> - 1, least<float> + 77, 5 * least<float> + 3 * block<float>}) {
        data<float> d(n);
        auto const w = weights(d.w);
        auto const m = where(d.mask);
        for (bool const with_nan : {false, true}) {
            if (with_nan) d.add_nan();
            for_each_executor([&](executor const& run, char const* what) {
                INFO(what << ", n = " << n << (with_nan ? ", with NaN" : ""));
                std::size_t counted = 0, expected_count = 0;
                auto const equal_loss = [&](auto... options) {
                    auto const expected = l1_loss(d.x, d.y, options..., count(expected_count));
                    return bits(l1_loss(run, d.x, d.y, options..., count(counted))) == bits(expected) &&
                           counted == expected_count &&
                           bits(l1_loss<reduction::sum>(run, d.x, d.y, options...)) ==
                               bits(l1_loss<reduction::sum>(d.x, d.y, options...));
                };
                CHECK(equal_loss());
                CHECK(equal_loss(w));
                CHECK(equal_loss(m));
                CHECK(equal_loss(skip_nan));
                CHECK(equal_loss(w, m, skip_nan));
                CHECK(bits(l1_loss<reduction::mean, double>(run, d.x, d.y)) == bits(l1_loss<reduction::mean, double>(d.x, d.y)));

                std::vector<float> a(n, -7), b(n, -7), c(n, -7), e(n, -7);
                l1_loss<reduction::none>(d.x, d.y, a, w, m, skip_nan, count(expected_count));
                l1_loss<reduction::none>(run, d.x, d.y, b, w, m, skip_nan, count(counted));
                CHECK((same(a, b) && counted == expected_count));
                l1_loss_backward(d.x, d.y, a, w, m, skip_nan, grad_output(0.7), grad_target(c), count(expected_count));
                l1_loss_backward(run, d.x, d.y, b, w, m, skip_nan, grad_output(0.7), grad_target(e), count(counted));
                CHECK((same(a, b) && same(c, e) && counted == expected_count));
                l1_loss_backward<reduction::none>(d.x, d.y, a, grad_output(d.g));
                l1_loss_backward<reduction::none>(run, d.x, d.y, b, grad_output(d.g));
                CHECK(same(a, b));
                auto const loss = l1_loss_with_gradient(d.x, d.y, a, w, m, grad_target(c));
                CHECK(bits(l1_loss_with_gradient(run, d.x, d.y, b, w, m, grad_target(e))) == bits(loss));
                CHECK((same(a, b) && same(c, e)));
                auto const sum = l1_loss_with_gradient<reduction::sum>(d.x, d.y, a);
                b = d.x;
                CHECK(bits(l1_loss_with_gradient<reduction::sum>(run, b, d.y, b)) == bits(sum)); // in place
                CHECK(same(a, b));
            });
        }
    }
}

TEST_CASE("Rows have the bits of one thread: many and short, few and long", "[parallel_variants]") {
    struct shape {
        std::size_t rows, columns;
    };
    std::size_t const n = least<float>;
    for (shape const s :
         {shape{3, n + 5}, {63, n / 60}, {64, n / 60}, {1000, 137}, {n + 3, 1}, {n / 15, 15}, {2, 100}, {5, 0}, {0, 0}}) {
        std::size_t const rows = s.rows, columns = s.columns;
        data<float> d(rows * columns);
        for_each_executor([&](executor const& run, char const* what) {
            INFO(what << ", " << rows << " x " << columns);
            std::vector<float> a(rows, -7), b(rows, -7);
            std::vector<std::size_t> counts(rows, 7), expected(rows, 8);
            l1_loss_rows(d.x, d.y, rows, a);
            l1_loss_rows(run, d.x, d.y, rows, b);
            CHECK(same(a, b));
            l1_loss_rows<reduction::sum>(d.x, d.y, rows, a, weights(d.w), where(d.mask), count(expected));
            l1_loss_rows<reduction::sum>(run, d.x, d.y, rows, b, weights(d.w), where(d.mask), count(counts));
            CHECK((same(a, b) && counts == expected));
            if (columns > 1) { // views with a gap after each row, and one weight per row
                std::ptrdiff_t const pitch = static_cast<std::ptrdiff_t>(columns);
                test::strided_view<float const, 2> const x{d.x.data(), {rows, columns - 1}, {pitch, 1}};
                test::strided_view<float const, 2> const y{d.y.data(), {rows, columns - 1}, {pitch, 1}};
                test::strided_view<float const, 2> const w{d.w.data(), {rows, 1}, {1, 1}};
                l1_loss_rows(x, y, a, weights(broadcast(w)));
                l1_loss_rows(run, x, y, b, weights(broadcast(w)));
                CHECK(same(a, b));
                CHECK(bits(l1_loss(run, x, y)) == bits(l1_loss(x, y)));
            }
        });
    }
}

TEST_CASE("Views and what is broadcast have the same bits; tensors too", "[parallel_variants]") {
    std::size_t const rows = 512, columns = 600;
    data<float> d(rows * columns);
    test::strided_view<float const, 2> const dense{d.x.data(), {rows, columns}, {600, 1}};
    test::strided_view<float const, 2> const transposed{d.y.data(), {rows, columns}, {1, 512}};
    std::vector<float> a(rows * columns), b(rows * columns), of_row(columns), of_row_too(columns);
    std::span<float const> const row(d.w.data(), columns);
    for_each_executor([&](executor const& run, char const* what) {
        INFO(what);
        CHECK(bits(l1_loss(run, dense, dense, weights(d.w))) == bits(l1_loss(dense, dense, weights(d.w))));
        CHECK(bits(l1_loss(run, dense, transposed)) == bits(l1_loss(dense, transposed)));
        CHECK(bits(l1_loss(run, dense, broadcast(row))) == bits(l1_loss(dense, broadcast(row))));
        auto const loss = l1_loss_with_gradient(dense, broadcast(row), a, grad_target(of_row));
        CHECK(bits(l1_loss_with_gradient(run, dense, broadcast(row), b, grad_target(of_row_too))) == bits(loss));
        CHECK((same(a, b) && same(of_row, of_row_too)));
    });
    static tensor<float, 400, 400> x, y;
    std::copy_n(d.x.data(), x.size(), x.data());
    std::copy_n(d.y.data(), y.size(), y.data());
    CHECK(bits(l1_loss(threads{2}, x, y)) == bits(l1_loss(x, y)));
    CHECK(l1_loss<reduction::none>(threads{2}, x, y) == l1_loss<reduction::none>(x, y));
}

TEMPLATE_TEST_CASE("Large outputs on threads, at any alignment", "[parallel_variants]", float, double) {
    using T = TestType;
    std::size_t const n = (std::size_t{32} << 20) / sizeof(T) + 77; // enough to be written past the caches
    std::vector<T> many(n), zeros(n), large(n + 64 / sizeof(T) + 1);
    std::iota(many.begin(), many.end(), T(1));
    for (std::size_t const offset : {std::size_t{0}, std::size_t{1}, 64 / sizeof(T) - 1}) {
        std::ranges::fill(large, T(-7));
        l1_loss<reduction::none>(threads{2}, many, zeros, std::span(large).subspan(offset, n));
        CHECK(std::equal(many.begin(), many.end(), large.begin() + static_cast<std::ptrdiff_t>(offset)));
        CHECK(large[offset + n] == T(-7));
    }
}
