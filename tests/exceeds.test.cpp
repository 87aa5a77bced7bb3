// Tests l1_exceeds against the comparison that it stands for, with thresholds that are the loss and its neighbours.
#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/archs.hpp"
#include "support/catch.hpp"
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"
#include "support/strided_view.hpp"

using namespace l1loss;

namespace {

constexpr std::size_t step = 8192, longest = 5 * step;
constexpr std::size_t lengths[] = {0, 1, 3, 64, 600, step - 1, step, step + 1, 2 * step, 3 * step + 700, longest};

/// Compares exceeds(threshold) with the comparison of the loss, around the loss, around parts of it, and far away.
template <class T, class F> void check(T loss, F exceeds) {
    T const infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    std::vector<T> thresholds{-infinity, -1, 0, infinity, nan};
    for (T const part : {T(1), T(0.5), T(0.2), T(1.1)})
        for (T const to : {-infinity, loss * part, infinity}) thresholds.push_back(std::nextafter(loss * part, to));
    for (T const threshold : thresholds)
        if (exceeds(threshold) != !(loss <= threshold)) FAIL("loss " << loss << ", threshold " << threshold);
}

} // namespace

TEMPLATE_TEST_CASE("The answer is that of the loss, to the bit", "[exceeds]", float, double) {
    using T = TestType;
    for (auto const d : test::distributions) {
        auto const data = test::make_pair<T>(d, longest);
        for (std::size_t const n : lengths) {
            INFO(test::name_of(d) << ", n = " << n);
            std::span const a(data.first.data(), n), b(data.second.data(), n);
            test::for_each_arch([&]<class Arch>(Arch) {
                check(l1_loss(a, b), [&](T t) { return l1_exceeds<reduction::mean, void, Arch>(a, b, t); });
                check(l1_loss<reduction::sum>(a, b), [&](T t) { return l1_exceeds<reduction::sum, void, Arch>(a, b, t); });
            });
        }
    }
}

TEST_CASE("An architecture without registers gives the same answer", "[exceeds]") {
    auto const data = test::make_pair<float>(test::distribution::wide, longest);
    std::vector<float> const &x = data.first, &y = data.second;
    check(l1_loss(x, y), [&](float t) { return l1_exceeds<reduction::mean, void, test::no_registers>(x, y, t); });
    check(l1_loss(x, y, skip_nan),
          [&](float t) { return l1_exceeds<reduction::mean, void, test::no_registers>(x, y, t, skip_nan); });
}

TEMPLATE_TEST_CASE("Masks and NaN change the number that a mean is divided by", "[exceeds]", float, double) {
    using T = TestType;
    auto [x, y] = test::make_pair<T>(test::distribution::uniform, longest);
    enum class place { begin, end, scattered, everywhere };
    for (auto const masked : {place::begin, place::end, place::scattered, place::everywhere})
        for (std::size_t const n : lengths) {
            std::vector<unsigned char> mask(n, 7);
            std::vector<T> with_nan(x.begin(), x.begin() + std::ptrdiff_t(n));
            for (std::size_t i = 0; i < n; ++i) {
                bool const is_out = masked == place::begin ? i < n / 2
                                    : masked == place::end ? i > n / 8
                                                           : masked == place::everywhere || i % 3 == 1;
                if (is_out) mask[i] = 0, with_nan[i] = std::numeric_limits<T>::quiet_NaN();
            }
            INFO("n = " << n << ", place " << int(masked));
            std::span const a(with_nan), b(y.data(), n);
            check(l1_loss(a, b, where(mask)), [&](T t) { return l1_exceeds(a, b, t, where(mask)); });
            check(l1_loss(a, b, skip_nan), [&](T t) { return l1_exceeds(a, b, t, skip_nan); });
            check(l1_loss<reduction::sum>(a, b, skip_nan), [&](T t) { return l1_exceeds<reduction::sum>(a, b, t, skip_nan); });
            mask.assign(n, 1);
            if (n > 9) mask[9] = 0;
            check(l1_loss(a, b, where(mask), skip_nan), [&](T t) { return l1_exceeds(a, b, t, skip_nan, where(mask)); });
        }
}

TEST_CASE("NaN and infinities", "[exceeds]") {
    float const infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    std::size_t const n = 3 * step;
    for (std::size_t const at : {std::size_t{5}, step + 5, n - 1}) {
        std::vector<float> x(n, 1.f), y(n);
        x[at] = nan;
        check(l1_loss(x, y), [&](float t) { return l1_exceeds(x, y, t); });
        x[at] = infinity;
        check(l1_loss(x, y), [&](float t) { return l1_exceeds(x, y, t); });
        CHECK(!l1_exceeds(x, y, infinity)); // as equal numbers do not exceed each other
        x[n - 2] = y[n - 2] = infinity;     // the sum is infinite for long, and then NaN
        CHECK(l1_exceeds(x, y, infinity));
    }
}

TEST_CASE("Nothing is read after the step that decides", "[exceeds]") {
    test::guarded<float> const input(step), target(step);
    test::guarded<unsigned char> const mask(step);
    float *const x = input.at_end(step), *const y = target.at_end(step);
    std::fill_n(x, step, 8.f);
    std::fill_n(y, step, 0.f);
    std::fill_n(mask.at_end(step), step, 1);
    std::size_t const n = 8 * step; // the mean is at least 1
    CHECK(l1_exceeds(x, y, 0.999f, n));
    CHECK(l1_exceeds<reduction::sum>(x, y, 8 * step - 1, n));
    CHECK(l1_exceeds(x, y, 0.999f, n, where(mask.at_end(step))));
    CHECK(l1_exceeds(x, y, 0.999f, n, skip_nan));
    CHECK(l1_exceeds<reduction::mean, void, test::no_registers>(x, y, 0.999f, n));
    CHECK(l1_exceeds(x, y, std::numeric_limits<float>::quiet_NaN(), n));
    auto const last_bytes = [](float* of) { return reinterpret_cast<unsigned char*>(of + step) - step; };
    CHECK(l1_exceeds(last_bytes(x), last_bytes(y), 2, n)); // a float of 8 has the bytes 0, 0, 0 and 65
}

TEST_CASE("The threshold is compared as it is", "[exceeds]") {
    std::vector<float> const x(1, 0.1f), zero(1);
    CHECK(l1_exceeds(x, zero, 0.1)); // 0.1f is above 0.1
    CHECK(!l1_exceeds(x, zero, 0.1f));
    CHECK(!l1_exceeds(x, zero, 1));
    CHECK(!l1_exceeds(std::vector<float>(1, 1.0f), zero, 1)); // the loss is the threshold
    CHECK(l1_exceeds<reduction::mean, double>(x, zero, double(0.1f) * 0.9999999));
}

TEST_CASE("Other arguments", "[exceeds]") {
    auto const data = test::make_pair<float>(test::distribution::uniform, longest);
    std::vector<float> const &x = data.first, &y = data.second;
    test::strided_view<float const, 2> const a{x.data(), {100, 200}, {1, 100}}, b{y.data(), {100, 200}, {200, 1}};
    check(l1_loss(a, b), [&](float t) { return l1_exceeds(a, b, t); });
    std::vector<unsigned char> const mask(200, 3);
    check(l1_loss(a, b, where(broadcast(mask))), [&](float t) { return l1_exceeds(a, b, t, where(broadcast(mask))); });

    std::vector<unsigned char> u(longest), v(longest);
    for (std::size_t i = 0; i < longest; ++i) {
        u[i] = static_cast<unsigned char>(test::split_mix(1, i));
        v[i] = static_cast<unsigned char>(test::split_mix(2, i));
    }
    check(l1_loss(u, v), [&](float t) { return l1_exceeds(u, v, t); });
    check(l1_loss<reduction::sum>(u, v), [&](float t) { return l1_exceeds<reduction::sum>(u, v, t); });
    check(l1_loss(u, v, where(v)), [&](float t) { return l1_exceeds(u, v, t, where(v)); });
    std::vector<float16_t> const h(x.begin(), x.end()), k(y.begin(), y.end());
    check(l1_loss(h, k), [&](float t) { return l1_exceeds(h, k, t); });
    check(l1_loss(dequantized(u, 0.01f, 7), x), [&](float t) { return l1_exceeds(dequantized(u, 0.01f, 7), x, t); });

    static_assert(l1_exceeds(tensor<float, 3>{2, 3, 4}, tensor<float, 3>{1, 2, 3}, 0.999f));
    static_assert(!l1_exceeds(tensor<float, 3>{2, 3, 4}, tensor<float, 3>{1, 2, 3}, 1));
    CHECK(test::message([&] { l1_exceeds(x, u, 1, where(mask)); }) == "l1loss: input has 40960 elements, mask has 200");
}
