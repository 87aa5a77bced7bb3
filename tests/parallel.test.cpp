// Tests that losses on threads have the bits of one thread, with any executor and at any length.
//
// Errors come before a task begins. parallel_variants.test.cpp tests options, gradients and rows on threads.
#include <span>
#include <stdexcept>
#include <vector>

#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>

#if L1LOSS_TEST_TBB // a policy needs TBB to be linked
#include <execution>
#endif

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/executors.hpp"
#include "support/message.hpp"

using namespace l1loss;
using test::bits, test::block, test::chunk, test::executor, test::least, test::threads;
template <class T> using data = test::parallel_data<T>;

namespace {

/// Runs all tasks on the calling thread. It counts its calls, and keeps the greatest number of tasks of a call.
struct counting {
    std::size_t calls = 0, most = 0;

    void operator()(std::size_t n, indexed_task task) {
        ++calls;
        most = std::max(most, n);
        for (std::size_t i = 0; i < n; ++i) task(i);
    }
};

/// Lengths at which the tasks change: the threshold, one more chunk, block, stripe or element, and the lengths at which chunks
/// double.
template <class T> std::vector<std::size_t> lengths() {
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
        check(n, executor(test::shuffled{0}), "in reverse");
        check(n, executor(seven), "threads");
    }
    std::size_t const n = 3 * least<TestType> + 77;
    test::for_each_executor([&](executor const& run, char const* what) { check(n, run, what); });
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
    CHECK(test::same(a, b));
    std::ranges::fill(a, TestType(-7));
    CHECK(bits(l1_loss_with_gradient(std::execution::par, d.x, d.y, a)) == bits(loss));
    CHECK(test::same(a, b));
    std::size_t const rows = 7 * 11; // divides n
    a.resize(rows), b.resize(rows);
    l1_loss_rows(d.x, d.y, rows, a);
    l1_loss_rows(std::execution::par, d.x, d.y, rows, b);
    CHECK(test::same(a, b));
}

#endif

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

template <class Execution>
concept runs = requires(Execution run, std::vector<float> x) { l1_loss(run, x, x); };
static_assert(runs<threads> && runs<counting&> && !runs<std::vector<float>&> && !runs<float*> && !runs<reduction> && !runs<int>);
