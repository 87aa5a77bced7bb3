// Threads: every function has the bits of its serial self, whatever runs the tasks and whatever the length; what is refused is
// refused before a task begins.
#include <algorithm>
#include <array>
#include <functional>
#include <numeric>
#include <random>
#include <stdexcept>
#include <vector>

#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>

#if L1LOSS_TEST_TBB // a policy brings in TBB, which has to be linked then
#include <execution>
#endif

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"
#include "support/strided_view.hpp"
#include "support/threads.hpp"

using namespace l1loss;
using test::bits;
using test::threads;

namespace {

/// No thread at all, but any order.
struct shuffled {
    unsigned seed;

    void operator()(std::size_t n, indexed_task task) const {
        std::vector<std::size_t> indexes(n);
        std::iota(indexes.begin(), indexes.end(), 0);
        if (seed == 0) std::reverse(indexes.begin(), indexes.end());
        else std::shuffle(indexes.begin(), indexes.end(), std::mt19937(seed));
        for (std::size_t const i : indexes) task(i);
    }
};

/// How often it was called, with how many tasks at most, and whether each index came once.
struct counting {
    std::size_t calls = 0, most = 0;

    void operator()(std::size_t n, indexed_task task) {
        ++calls;
        most = std::max(most, n);
        for (std::size_t i = 0; i < n; ++i) task(i);
    }
};

/// One type for all of them, or this file would take minutes to compile.
using executor = std::function<void(std::size_t, indexed_task)>;

std::array<threads, 4> const& pools() {
    static std::array const all{threads{1}, threads{2}, threads{7}, threads{64}};
    return all;
}

template <class F>
void for_each_executor(F f) {
    f(executor(shuffled{0}), "in reverse");
    f(executor(shuffled{7}), "shuffled");
    for (threads const& pool : pools()) f(executor(pool), "threads");
}

template <class T>
struct data {
    std::vector<T> x, y, w, g;
    std::vector<unsigned char> mask;

    explicit data(std::size_t n) : g(n), mask(n) {
        std::tie(x, y) = test::make_pair<T>(test::distribution::wide, n);
        std::tie(g, w) = test::make_pair<T>(test::distribution::uniform, n);
        for (std::size_t i = 0; i < n; ++i) mask[i] = test::split_mix(5, i) % 4 != 0;
    }
    void add_nan() {
        for (std::size_t i = 0; i < x.size(); i += 50) (test::split_mix(6, i) % 2 ? x : y)[i] = std::numeric_limits<T>::quiet_NaN();
    }
};

template <class T>
bool same(std::vector<T> const& x, std::vector<T> const& y) {
    return std::ranges::equal(x, y, [](T a, T b) { return bits(a) == bits(b); });
}

template <class T>
inline constexpr std::size_t block = l1_accumulator<T>::block;
template <class T>
inline constexpr std::size_t least = detail::least_for_threads<T>;
template <class T>
inline constexpr std::size_t chunk = detail::least_in_chunk<T>;

/// Where something changes: the threshold; one more chunk, block, row or element; from where on chunks are twice as long.
template <class T>
std::vector<std::size_t> lengths() {
    std::vector<std::size_t> all{0, 1, 1000};
    for (std::size_t const at : {least<T>, least<T> + chunk<T>, least<T> + 3 * chunk<T> + block<T>, 64 * chunk<T>, 65 * chunk<T>})
        for (std::size_t const more : {std::size_t{0}, std::size_t{1}, std::size_t{77}, block<T> - 1, block<T>, chunk<T> - 1})
            all.push_back(at + more);
    for (std::size_t const less : {std::size_t{1}, std::size_t{64}})
        all.insert(all.end(), {least<T> - less, 64 * chunk<T> - less, 128 * chunk<T> - less});
    all.push_back(129 * chunk<T> + 77);
    return all;
}

} // namespace

TEMPLATE_TEST_CASE("Losses have the bits of one thread at every length, however the tasks are run", "[parallel]", float, double) {
    data<TestType> d(129 * chunk<TestType> + 100);
    auto const check = [&](std::size_t n, auto&& run, char const* what) {
        INFO(what << ", n = " << n);
        std::span<TestType const> const x(d.x.data(), n), y(d.y.data(), n);
        CHECK(bits(l1_loss(run, x, y)) == bits(l1_loss(x, y)));
        CHECK(bits(l1_loss<reduction::sum>(run, x.data(), y.data(), n)) == bits(l1_loss<reduction::sum>(x, y)));
        CHECK(bits(l1_loss(run, x, y, reduction::sum)) == bits(l1_loss(x, y, reduction::sum)));
    };
    threads const seven{7};
    for (std::size_t const n : lengths<TestType>()) {
        check(n, executor(shuffled{0}), "in reverse");
        check(n, executor(seven), "threads");
    }
    std::size_t const n = 3 * least<TestType> + 77;
    for_each_executor([&](executor const& run, char const* what) { check(n, run, what); });
}

#if L1LOSS_TEST_TBB

TEMPLATE_TEST_CASE("The policies of the standard library give the same bits", "[parallel]", float, double) {
    std::size_t const n = 77 * (least<TestType> / 25);
    data<TestType> d(n);
    std::vector<TestType> a(n), b(n);
    auto const loss = l1_loss(d.x, d.y);
    CHECK(bits(l1_loss(std::execution::seq, d.x, d.y)) == bits(loss));
    CHECK(bits(l1_loss(std::execution::par, d.x, d.y)) == bits(loss));
    CHECK(bits(l1_loss(std::execution::unseq, d.x, d.y)) == bits(loss));
    CHECK(bits(l1_loss(std::execution::par_unseq, d.x, d.y)) == bits(loss));
    l1_loss_backward(d.x, d.y, a);
    l1_loss_backward(std::execution::par, d.x, d.y, b);
    CHECK(same(a, b));
    std::ranges::fill(a, TestType(-7));
    CHECK(bits(l1_loss_with_gradient(std::execution::par, d.x, d.y, a)) == bits(loss));
    CHECK(same(a, b));
    std::size_t const rows = 7 * 11; // which divide n
    a.resize(rows), b.resize(rows);
    l1_loss_rows(d.x, d.y, rows, a);
    l1_loss_rows(std::execution::par, d.x, d.y, rows, b);
    CHECK(same(a, b));
}

#endif

// With float alone: in double, most of it is in the digest.
TEST_CASE("Losses with all named arguments, gradients and what is written have the bits of one thread", "[parallel]") {
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

TEST_CASE("Rows have the bits of one thread: many and short, few and long", "[parallel]") {
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
            if (columns > 1) { // with a gap after each row, and weights of rows
                std::ptrdiff_t const pitch = static_cast<std::ptrdiff_t>(columns);
                test::strided_view<float const, 2> const x{d.x.data(), {rows, columns - 1}, {pitch, 1}};
                test::strided_view<float const, 2> const y{d.y.data(), {rows, columns - 1}, {pitch, 1}};
                std::span<float const> const w(d.w.data(), rows);
                l1_loss_rows(x, y, a, weights(w));
                l1_loss_rows(run, x, y, b, weights(w));
                CHECK(same(a, b));
                CHECK(bits(l1_loss(run, x, y)) == bits(l1_loss(x, y)));
            }
        });
    }
}

TEST_CASE("Views and what is broadcast have the same bits; tensors too", "[parallel]") {
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
    std::vector<float> many((std::size_t{32} << 20) / sizeof(float) + 77), large(many.size()); // written past the caches
    std::iota(many.begin(), many.end(), 1.f);
    l1_loss<reduction::none>(threads{2}, many, std::vector<float>(many.size()), large);
    CHECK((large == many)); // not to be printed
    static tensor<float, 400, 400> x, y;
    std::copy_n(d.x.data(), x.size(), x.data());
    std::copy_n(d.y.data(), y.size(), y.data());
    CHECK(bits(l1_loss(threads{2}, x, y)) == bits(l1_loss(x, y)));
    CHECK(l1_loss<reduction::none>(threads{2}, x, y) == l1_loss<reduction::none>(x, y));
}

TEST_CASE("One thread where more would not pay; errors before any task, exceptions of the executor to the caller", "[parallel]") {
    std::vector<float> const x(least<float>), y(least<float> + 1);
    counting run;
    (void)l1_loss(run, x.data(), y.data(), least<float> - 1);
    CHECK(run.calls == 0);
    (void)l1_loss(run, x.data(), y.data(), least<float>);
    CHECK((run.calls == 1 && run.most == 4));
    std::vector<float> const many(200 * chunk<float>);
    (void)l1_loss(run, many, many);
    CHECK((run.calls == 2 && run.most == 50));

    run.calls = 0;
    std::vector<float> out(x.size(), -7);
    CHECK(test::message([&] { (void)l1_loss(run, x, y); }) == "l1loss: input has 131072 elements, target has 131073");
    CHECK(test::message([&] { l1_loss<reduction::none>(run, x, x, std::span(out).first(5)); }) ==
          "l1loss: input has 131072 elements, output has 5");
    CHECK(test::message([&] {
              l1_loss_backward(run, std::span(out).first(out.size() - 1), x.data(), out.data() + 1, out.size() - 1);
          }) == "l1loss: grad_input overlaps input in part, expected the same memory and type, or none of it");
    CHECK(test::message([&] { l1_loss_rows(run, x, x, 7, out); }) ==
          "l1loss: input has 131072 elements, expected a multiple of 7, the rows");
    CHECK((run.calls == 0 && out == std::vector<float>(x.size(), -7)));

    auto const broken = [](std::size_t, indexed_task) { throw std::runtime_error("no thread to be had"); };
    CHECK_THROWS_AS(l1_loss(broken, x, x), std::runtime_error);
}

static_assert(std::is_trivially_copyable_v<indexed_task> && sizeof(indexed_task) == 2 * sizeof(void*));
static_assert(detail::execution<threads> && detail::execution<counting&> && !detail::execution<std::vector<float>&>);
static_assert(!detail::execution<float*> && !detail::execution<reduction> && !detail::execution<int>);
