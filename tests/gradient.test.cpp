// Tests the gradient: its formula element by element, the bits of its loss, where it may be written, and what is refused.
//
// parity.test.cpp compares it with PyTorch.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"
#include "support/reference.hpp"

using namespace l1loss;
using test::bits;

namespace {

/// The formula of gradient.hpp, for one element.
template <class T> T gradient_of(T x, T y, T s) {
    T const d = x - y;
    return d > 0 ? s : d < 0 ? -s : T(0);
}

template <class T>
void check_gradient(std::vector<T> const& gradient, std::vector<T> const& x, std::vector<T> const& y, auto scale,
                    char const* what) {
    for (std::size_t i = 0; i < gradient.size(); ++i)
        if (bits(gradient[i]) != bits(gradient_of(x[i], y[i], scale(i))))
            FAIL(what << ", n = " << gradient.size() << ", i = " << i << ": " << gradient[i] << ", expected "
                      << gradient_of(x[i], y[i], scale(i)));
}

/// Ordinary numbers, with zero differences, both zeros, NaN and infinities among them.
template <class T> std::pair<std::vector<T>, std::vector<T>> special_pair(std::size_t n) {
    auto [x, y] = test::make_pair<T>(test::distribution::wide, n);
    T const special[] = {0,
                         -T(0),
                         std::numeric_limits<T>::quiet_NaN(),
                         std::numeric_limits<T>::infinity(),
                         -std::numeric_limits<T>::infinity(),
                         std::numeric_limits<T>::denorm_min(),
                         1};
    for (std::size_t i = 0; i < n; ++i) {
        if (i % 5 == 1) y[i] = x[i];
        if (i % 3 == 0) x[i] = special[test::split_mix(3, i) % 7];
        if (i % 4 == 0) y[i] = special[test::split_mix(4, i) % 7];
    }
    return {x, y};
}

} // namespace

TEMPLATE_TEST_CASE("The gradient follows its formula at every length, the loss beside it is l1_loss to the bit", "[gradient]",
                   float, double) {
    for (std::size_t n = 0; n <= 1100; n += n < 300 ? 1 : 53) {
        auto const pair = special_pair<TestType>(n);
        auto const &x = pair.first, &y = pair.second;
        auto const g = test::make_pair<TestType>(test::distribution::wide, n).first;
        TestType const s = TestType(double(TestType(0.7)) / double(n));
        std::vector<TestType> gradient(n, -7), other(n, -7);
        auto const is_negative = [&] {
            for (std::size_t i = 0; i < n; ++i)
                if (!(other[i] == -gradient[i]) || (other[i] == 0 && std::signbit(other[i]) && !std::signbit(gradient[i])))
                    return false;
            return true;
        };

        l1_loss_backward(x, y, gradient, grad_output(0.7));
        check_gradient<TestType>(gradient, x, y, [&](std::size_t) { return s; }, "mean");
        l1_loss_backward<reduction::sum>(x, y, gradient, grad_output(TestType(0.7)), grad_target(other));
        check_gradient<TestType>(gradient, x, y, [&](std::size_t) { return TestType(0.7); }, "sum");
        if (!is_negative()) FAIL("the gradient with respect to target, n = " << n);
        l1_loss_backward<reduction::none>(x, y, gradient, grad_output(g));
        check_gradient<TestType>(gradient, x, y, [&](std::size_t i) { return g[i]; }, "none");

        std::fill(gradient.begin(), gradient.end(), TestType(-7));
        if (bits(l1_loss_with_gradient(x, y, gradient, grad_target(other))) != bits(l1_loss(x, y))) FAIL("loss, n = " << n);
        check_gradient<TestType>(gradient, x, y, [&](std::size_t) { return TestType(1.0 / double(n)); }, "mean with loss");
        if (!is_negative()) FAIL("the gradient with respect to target beside the loss, n = " << n);
        for (reduction const r : {reduction::mean, reduction::sum}) {
            if (bits(l1_loss_with_gradient(x, y, gradient, r)) != bits(l1_loss(x, y, r))) FAIL("loss, n = " << n);
            check_gradient<TestType>(
                gradient, x, y, [&](std::size_t) { return r == reduction::sum ? 1 : TestType(1.0 / double(n)); },
                "run-time reduction");
        }
    }
}

TEST_CASE("Every architecture writes the same gradient", "[gradient]") {
    test::for_each_arch([&](auto arch) {
        using Arch = decltype(arch);
        INFO(arch.name());
        for (std::size_t n = 0; n <= 700; n += n < 150 ? 1 : 61) {
            auto const [x, y] = special_pair<float>(n);
            std::vector<float> fused(n), alone(n);
            float const loss = l1_loss_with_gradient<reduction::sum, void, Arch>(x, y, fused, grad_output(0.25f));
            if (bits(loss) != bits(l1_loss<reduction::sum>(x, y))) FAIL("loss, n = " << n);
            check_gradient<float>(fused, x, y, [](std::size_t) { return 0.25f; }, "beside the loss");
            l1_loss_backward<reduction::sum, void, Arch>(x, y, alone, grad_output(0.25f));
            check_gradient<float>(alone, x, y, [](std::size_t) { return 0.25f; }, "alone");
        }
    });
}

// An output of 32 MiB or more is written past the caches, in whole registers at addresses aligned to their size.
TEMPLATE_TEST_CASE("Large outputs, at any alignment and in place", "[gradient]", float, double) {
    using T = TestType;
    std::size_t const n = (std::size_t{32} << 20) / sizeof(T) + 77;
    std::vector<T> const x(n, T(1.5)), g(n, T(0.25));
    std::vector<T> y(n), out(n + 2 * 64 / sizeof(T) + 2);
    std::size_t const to_line = (64 - reinterpret_cast<std::uintptr_t>(out.data()) % 64) % 64 / sizeof(T);
    for (std::size_t i = 0; i < n; ++i) y[i] = T(i % 5);
    auto const expected = [](std::size_t i) { return std::array{T(1.5), T(0.5), T(0.5), T(1.5), T(2.5)}[i % 5]; };
    auto const gradient = [](std::size_t i) { return i % 5 < 2 ? T(0.25) : T(-0.25); };
    auto const is = [](T const* got, auto const& value) {
        for (std::size_t i = 0; i < n; ++i)
            if (got[i] != value(i)) return false;
        return true;
    };
    test::for_each_arch([&](auto arch) {
        using Arch = decltype(arch);
        static_assert(detail::can_stream<T, Arch> == bool{XSIMD_WITH_SSE2});
        for (std::size_t const offset : {to_line, to_line + 1, to_line + 64 / sizeof(T) - 1}) {
            INFO(arch.name() << ", offset " << offset);
            std::ranges::fill(out, T(-7));
            T* const to = out.data() + offset;
            l1_loss<reduction::none, void, Arch>(x.data(), y.data(), n, to);
            CHECK(is(to, expected));
            CHECK((offset == 0 || to[-1] == T(-7)));
            CHECK(to[n] == T(-7));
        }
        T* const odd = reinterpret_cast<T*>(reinterpret_cast<char*>(out.data()) + 1); // not aligned to its elements
        l1_loss<reduction::none, void, Arch>(x.data(), y.data(), n, odd);
        std::memmove(out.data(), reinterpret_cast<char*>(out.data()) + 1, n * sizeof(T));
        CHECK(is(out.data(), expected));
        std::vector<T> both = y;
        l1_loss<reduction::none, void, Arch>(x, both, both);
        CHECK(is(both.data(), expected));
    });
    l1_loss<reduction::none>(x.data(), y.data(), n, out.data());
    CHECK(is(out.data(), expected));
    l1_loss_backward<reduction::none>(x.data(), y.data(), out.data() + 1, n, grad_output(g.data()));
    CHECK(is(out.data() + 1, gradient));
    l1_loss_backward<reduction::sum>(x.data(), y.data(), y.data(), n, grad_output(T(0.25)));
    CHECK(is(y.data(), gradient));
}

TEST_CASE("Weights, masks and skip_nan: gradient and loss", "[gradient]") {
    for (std::size_t n = 1; n <= 700; n += n < 80 ? 1 : 47) {
        auto const pair = special_pair<float>(n);
        auto const &x = pair.first, &y = pair.second;
        auto const w = test::make_pair<float>(test::distribution::uniform, n).first;
        std::vector<unsigned char> mask(n);
        for (std::size_t i = 0; i < n; ++i) mask[i] = test::split_mix(5, i) % 4 != 0;
        test::reference<float> const expected(x.data(), y.data(), n, w.data(), mask.data(), true);
        float const s = float(0.5 / expected.denominator);
        auto const scale = [&](std::size_t i) { return test::rounded_product(s, w[i]); };
        auto const check = [&](std::vector<float> const& gradient, auto of, char const* what) {
            for (std::size_t i = 0; i < n; ++i)
                if (bits(gradient[i]) != bits(expected.counts[i] ? gradient_of(x[i], y[i], of(i)) : 0.f))
                    FAIL(what << ", n = " << n << ", i = " << i << ": " << gradient[i]);
        };
        std::vector<float> gradient(n);
        l1_loss_backward(x, y, gradient, weights(w), where(mask), skip_nan, grad_output(0.5f));
        check(gradient, scale, "mean");
        std::fill(gradient.begin(), gradient.end(), -7.f);
        if (bits(l1_loss_with_gradient(x, y, gradient, weights(w), where(mask), skip_nan, grad_output(0.5f))) !=
            bits(expected.mean))
            FAIL("mean, n = " << n);
        check(gradient, scale, "mean with loss");
        if (bits(l1_loss_with_gradient<reduction::sum>(x, y, gradient, weights(w), where(mask), skip_nan)) != bits(expected.sum))
            FAIL("sum, n = " << n);
        check(gradient, [&](std::size_t i) { return w[i]; }, "sum with loss");
        test::reference<float> const masked(x.data(), y.data(), n, nullptr, mask.data(), true);
        if (bits(l1_loss_with_gradient(x, y, gradient, where(mask), skip_nan)) != bits(masked.mean)) FAIL("masked mean, n = " << n);
        check(gradient, [&](std::size_t) { return float(1.0 / double(masked.count)); }, "masked mean with loss");
    }
}

#if L1LOSS_TEST_LOGIC // these need no forced inlining

TEST_CASE("The gradient may be written over an input, and nowhere in between", "[gradient]") {
    for (std::size_t const n : std::initializer_list<std::size_t>{1, 5, 8, 31, 64, 65, 100, 511, 513, 1300}) {
        auto const [x, y] = test::make_pair<float>(test::distribution::wide, n);
        std::vector<float> a = x, b = y, expected(n), other(n);
        float const loss = l1_loss_with_gradient(x, y, expected, grad_target(other));
        CHECK(bits(l1_loss_with_gradient(a, b, a, grad_target(b))) == bits(loss)); // each gradient over its own argument
        CHECK(a == expected);
        CHECK(b == other);
        a = x, b = y;
        CHECK(bits(l1_loss_with_gradient(a, b, b, grad_target(a))) == bits(loss)); // each gradient over the other argument
        CHECK(b == expected);
        CHECK(a == other);
    }
    std::vector<float> x(10, 1.f), y(10);
    auto const message = [&](float* out, float* target_out) {
        return test::message([&] { l1_loss_backward(x.data(), y.data(), out, 8, grad_target(target_out)); });
    };
    float room[20] = {};
    CHECK(message(x.data() + 1, room) ==
          "l1loss: grad_input overlaps input in part, expected the same memory and type, or none of it");
    CHECK(message(y.data() + 1, room) ==
          "l1loss: grad_input overlaps target in part, expected the same memory and type, or none of it");
    CHECK(message(room, x.data() + 7) ==
          "l1loss: grad_target overlaps input in part, expected the same memory and type, or none of it");
    CHECK(message(room, room + 7) == "l1loss: grad_input overlaps grad_target, expected different memory");
    CHECK(message(room, room) == "l1loss: grad_input overlaps grad_target, expected different memory");
    l1_loss_backward(x.data(), y.data(), room + 0, 8, grad_target(room + 8)); // adjacent outputs do not overlap
    CHECK(room[7] == 0.125f);
    CHECK(room[8] == -0.125f);
    CHECK(x == std::vector<float>(10, 1.f));
}

TEST_CASE("Types, fixed shapes and constant evaluation", "[gradient]") {
    constexpr auto gradient = [](auto compute) {
        tensor<float, 2, 2> g{9, 9, 9, 9};
        compute(tensor<float, 2, 2>{1, 2, 3, 4}, tensor<float, 2, 2>{0, 2, 5, 1}, g);
        return g;
    };
    constexpr auto mean = [](auto const& x, auto const& y, auto& g) { l1_loss_backward(x, y, g); };
    constexpr auto sum = [](auto const& x, auto const& y, auto& g) { l1_loss_backward<reduction::sum>(x, y, g, grad_output(3)); };
    static_assert(gradient(mean) == tensor<float, 2, 2>{0.25f, 0, -0.25f, 0.25f});
    static_assert(gradient(sum) == tensor<float, 2, 2>{3, 0, -3, 3});
    static_assert([] {
        tensor<double, 3> g{};
        double const loss =
            l1_loss_with_gradient(std::array{1., 2., 3.}, tensor<double, 3>{2, 2, 2}, g, weights(std::array{1., 1., 2.}));
        return loss == 0.75 && g == tensor<double, 3>{-0.25, 0, 0.5};
    }());
    CHECK(gradient(mean) == tensor<float, 2, 2>{0.25f, 0, -0.25f, 0.25f});
    CHECK(gradient(sum) == tensor<float, 2, 2>{3, 0, -3, 3});

    std::vector<float> const x{1, 2, 3}, y{3, 2, 1};
    std::vector<float> in_float(3);
    std::vector<double> in_double(3);
    CHECK(l1_loss_with_gradient<reduction::mean, double>(x, y, in_float) == 4.0 / 3);  // of the type of input
    CHECK(l1_loss_with_gradient<reduction::mean, double>(x, y, in_double) == 4.0 / 3); // of the accumulator type
    CHECK(in_float == std::vector<float>{float(-1.0 / 3), 0, float(1.0 / 3)});
    CHECK(in_double == std::vector<double>{-1.0 / 3, 0, 1.0 / 3});
}

TEST_CASE("The gradient of a broadcast argument is summed over what it became", "[gradient]") {
    // The expected values are those of PyTorch 1.13.1, for x of (2, 1) against y of (2, 3).
    tensor<double, 2, 1> const x{1, 20};
    tensor<double, 2, 3> const y{0, 1, 2, 30, 10, 10};
    std::vector<double> gx(2), gy(6);
    CHECK(l1_loss_with_gradient<reduction::sum>(broadcast(x), y, gx, grad_target(gy)) == 32);
    CHECK(gx == std::vector<double>{0, 1});
    CHECK(gy == std::vector<double>{-1, 0, 1, 1, -1, -1});
    l1_loss_backward(y, broadcast(x), gy, grad_target(gx));
    CHECK(gx == std::vector<double>{0, 1.0 / 6});
    tensor<double, 3> const row{1, 2, 3};
    std::vector<double> grow(3);
    l1_loss_backward<reduction::sum>(broadcast(row), broadcast(x), grow, grad_target(gx)); // 3 against 2 × 1: both are extended
    CHECK(grow == std::vector<double>{-1, 0, 0});
    CHECK(gx == std::vector<double>{-2, 3});
    // A broadcast argument is read several times, so its gradient cannot replace it.
    std::vector<double> a{1, 2, 3, 4}, b{0, 5, 0, 5}, ga(4);
    CHECK(test::message([&] { (void)l1_loss_with_gradient(broadcast(a), b, a); }) ==
          "l1loss: grad_input overlaps input in part, expected the same memory and type, or none of it");
    CHECK(l1_loss_with_gradient(broadcast(a), b, ga) == 2);
    CHECK(ga == std::vector<double>{0.25, -0.25, 0.25, -0.25});
    CHECK(test::message([&] { l1_loss_backward(broadcast(x), y, gy); }) == "l1loss: input has 2 elements, grad_input has 6");
}

template <class G, reduction R>
concept takes_grad_output = requires(std::vector<float> x, G g) { l1_loss_backward<R>(x, x, x, grad_output(g)); };
// grad_output is one number, or for none also one per element, and these are not wider than the accumulator.
static_assert(takes_grad_output<int, reduction::mean> && takes_grad_output<double, reduction::none>);
static_assert(takes_grad_output<std::vector<float>, reduction::none> && !takes_grad_output<std::vector<double>, reduction::none>);
static_assert(!takes_grad_output<std::vector<float>, reduction::mean> && !takes_grad_output<std::vector<float>, reduction::sum>);

TEST_CASE("Sizes of gradients are checked before anything is written", "[gradient]") {
    std::vector<float> const x(15), g(14);
    std::vector<float> out(16, -1), right(15, -1);
    CHECK(test::message([&] { l1_loss_backward(x, x, out); }) == "l1loss: input has 15 elements, grad_input has 16");
    CHECK(test::message([&] { l1_loss_backward(x, x, right, grad_target(out)); }) ==
          "l1loss: input has 15 elements, grad_target has 16");
    CHECK(test::message([&] { l1_loss_backward<reduction::none>(x, x, right, grad_output(g)); }) ==
          "l1loss: input has 15 elements, grad_output has 14");
    CHECK(test::message([&] { l1_loss_backward(x, x, right, reduction::none); }) ==
          "l1loss: reduction is \"none\", expected \"mean\" or \"sum\" where the result is one number");
    CHECK(right == std::vector<float>(15, -1));
    CHECK(out == std::vector<float>(16, -1));
}

#endif
