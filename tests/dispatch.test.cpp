// Tests that every instruction set of the compiled library that this machine has gives the bits of the order, in C and in C++.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <initializer_list>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include <l1loss/dispatch.hpp>
#if defined(XSIMD_VERSION_MAJOR)
#error "dispatch.hpp includes xsimd"
#endif
#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"
#include "support/reference.hpp"

extern "C" float sum_at_load(); // in dispatch/at_load.cpp
extern "C" char const* isa_at_load();

namespace dispatch = l1loss::dispatch;
using l1loss::reduction;
using test::bits;
using namespace std::string_view_literals;
using sizes = std::initializer_list<std::size_t>;

namespace {

template <class T> using c = l1loss::detail::compiled_for<T>;

float const from_static_initialiser = [] {
    float const x[] = {1, 2, 3}, y[] = {3, 2, 1};
    return l1loss_sum_f32(x, y, 3);
}();

template <class F> void for_each_isa(F f) {
    for (std::string_view const isa : l1loss::available_isas()) {
        INFO("instruction set " << isa);
        REQUIRE(l1loss::set_isa(isa));
        REQUIRE(l1loss::active_isa() == isa);
        f();
    }
}

/// Lengths around every unit of the order and every register width.
std::vector<std::size_t> lengths() {
    std::vector<std::size_t> n(140);
    for (std::size_t i = 0; i < n.size(); ++i) n[i] = i;
    for (std::size_t unit : sizes{192, 256, 512, 768, 1024, 1536, 2048})
        for (std::size_t k = unit - 2; k <= unit + 2; ++k) n.push_back(k);
    for (std::size_t more : sizes{3000, 4096, 5000}) n.push_back(more);
    return n;
}

template <class T> struct expected {
    std::vector<T> none, sign;
    T sum, mean;

    expected(T const* x, T const* y, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            none.push_back(std::abs(x[i] - y[i]));
            sign.push_back(T(x[i] > y[i]) - T(x[i] < y[i]));
        }
        sum = test::reference_sum(none);
        mean = n == 0 ? std::numeric_limits<T>::quiet_NaN() : T(double(sum) / double(n));
    }
};

template <class T> bool same(T const* x, std::vector<T> const& y) {
    for (std::size_t i = 0; i < y.size(); ++i)
        if (bits(x[i]) != bits(y[i])) return false;
    return true;
}

template <class T> std::vector<T> times(T s, std::vector<T> x) {
    for (T& e : x) e = e == 0 ? T(0) : s * e;
    return x;
}

} // namespace

TEMPLATE_TEST_CASE("Every instruction set gives the bits of the order", "[dispatch]", float, double) {
    using T = TestType;
    constexpr std::size_t longest = 5000;
    test::guarded<T> const input(longest), target(longest), output(longest), rows_output(longest);
    T loss = 0;
    for (test::distribution const d : test::distributions) {
        auto const data = test::make_pair<T>(d, longest);
        for (std::size_t const n : lengths()) {
            T *const x = input.at_end(n), *const y = target.at_end(n), *const out = output.at_end(n);
            std::copy_n(data.second.begin(), n, y);
            expected<T> const right(data.first.data(), data.second.data(), n);
            T const g = T(0.75), g_mean = T(double(g) / double(n));
            for_each_isa([&] {
                INFO("n = " << n);
                std::copy_n(data.first.begin(), n, x);
                bool is_right = bits(c<T>::sum(x, y, n)) == bits(right.sum) && bits(c<T>::mean(x, y, n)) == bits(right.mean);
                is_right = is_right && c<T>::none(x, y, n, out) == L1LOSS_OK && same(out, right.none);
                is_right = is_right && c<T>::backward(x, y, n, L1LOSS_SUM, g, out) == L1LOSS_OK && same(out, times(g, right.sign));
                is_right =
                    is_right && c<T>::backward(x, y, n, L1LOSS_MEAN, g, out) == L1LOSS_OK && same(out, times(g_mean, right.sign));
                is_right = is_right && c<T>::with_gradient(x, y, n, L1LOSS_SUM, g, out, &loss) == L1LOSS_OK &&
                           same(out, times(g, right.sign)) && bits(loss) == bits(right.sum);
                is_right = is_right && c<T>::none(x, y, n, x) == L1LOSS_OK && same(x, right.none); // in place
                std::copy_n(data.first.begin(), n, x);
                is_right = is_right && c<T>::with_gradient(x, y, n, L1LOSS_MEAN, g, x, &loss) == L1LOSS_OK &&
                           same(x, times(g_mean, right.sign)) && bits(loss) == bits(right.mean);
                CHECK(is_right);
            });
        }
    }
}

TEMPLATE_TEST_CASE("Rows are the losses of rows", "[dispatch]", float, double) {
    using T = TestType;
    auto const data = test::make_pair<T>(test::distribution::wide, 6000);
    std::vector<T> const &x = data.first, &y = data.second;
    for_each_isa([&] {
        for (std::size_t const columns : sizes{0, 1, 3, 4, 15, 16, 63, 64, 65, 100, 257, 513, 1500})
            for (std::size_t const rows : sizes{0, 1, 3}) {
                std::vector<T> mean, sum, out(rows);
                for (std::size_t r = 0; r < rows; ++r) {
                    expected<T> const row(x.data() + r * columns, y.data() + r * columns, columns);
                    mean.push_back(row.mean);
                    sum.push_back(row.sum);
                }
                INFO(rows << " rows of " << columns);
                CHECK((c<T>::rows(x.data(), y.data(), rows, columns, L1LOSS_MEAN, out.data()) == L1LOSS_OK &&
                       same(out.data(), mean)));
                CHECK(
                    (c<T>::rows(x.data(), y.data(), rows, columns, L1LOSS_SUM, out.data()) == L1LOSS_OK && same(out.data(), sum)));
            }
    });
}

TEMPLATE_TEST_CASE("Every instruction set takes weights and masks", "[dispatch]", float, double) {
    using T = TestType;
    constexpr std::size_t longest = 2500;
    test::guarded<T> const input(longest), target(longest), all_weights(longest);
    test::guarded<unsigned char> const all_masks(longest);
    auto const data = test::make_pair<T>(test::distribution::wide, longest);
    for (std::size_t const n : sizes{0, 1, 3, 16, 63, 64, 65, 257, 600, 1024, 1100, longest}) {
        T *const x = input.at_end(n), *const y = target.at_end(n), *const w = all_weights.at_end(n);
        unsigned char* const mask = all_masks.at_end(n);
        std::copy_n(data.first.begin(), n, x);
        std::copy_n(data.second.begin(), n, y);
        for (std::size_t i = 0; i < n; ++i) {
            w[i] = data.first[(i * 7 + 3) % longest];
            mask[i] = static_cast<unsigned char>(test::split_mix(7, i) % 5 == 0 ? 0 : 1 << i % 8);
            if (mask[i] == 0) (i % 2 == 0 ? x : w)[i] = std::numeric_limits<T>::quiet_NaN();
        }
        for (T const* const weights : {static_cast<T const*>(nullptr), static_cast<T const*>(w)})
            for (unsigned char const* const selected :
                 {static_cast<unsigned char const*>(nullptr), static_cast<unsigned char const*>(mask)}) {
                test::reference<T> const right(x, y, n, weights, selected, false);
                for_each_isa([&] {
                    INFO("n = " << n << ", weights " << (weights != nullptr) << ", mask " << (selected != nullptr));
                    std::size_t count = 77, count_of_sum = 77;
                    CHECK(bits(c<T>::weighted_mean(x, y, weights, selected, n, &count)) == bits(right.mean));
                    CHECK(bits(c<T>::weighted_sum(x, y, weights, selected, n, &count_of_sum)) == bits(right.sum));
                    CHECK((count == right.count && count_of_sum == right.count));
                });
            }
    }
}

TEMPLATE_TEST_CASE("Every instruction set compares with a threshold", "[dispatch]", float, double) {
    using T = TestType;
    T const infinity = std::numeric_limits<T>::infinity();
    auto const data = test::make_pair<T>(test::distribution::wide, 20000);
    T const *const x = data.first.data(), *const y = data.second.data();
    for (std::size_t const n : sizes{0, 1, 700, 8192, 8193, 20000}) {
        expected<T> const right(x, y, n);
        for_each_isa([&] {
            INFO("n = " << n);
            for (T const to : {-infinity, infinity}) {
                T const mean = std::nextafter(right.mean, to), sum = std::nextafter(right.sum, to);
                CHECK(c<T>::mean_exceeds(x, y, n, mean) == !(right.mean <= mean));
                CHECK(c<T>::sum_exceeds(x, y, n, sum) == !(right.sum <= sum));
            }
            CHECK(c<T>::mean_exceeds(x, y, n, right.mean) == (n == 0)); // the mean of nothing is NaN
            CHECK(c<T>::sum_exceeds(x, y, n, right.sum) == 0);
            CHECK(c<T>::sum_exceeds(x, y, n, std::numeric_limits<T>::quiet_NaN()) == 1);
        });
    }
}

TEMPLATE_TEST_CASE("Every instruction set computes halves and bfloat16 in float", "[dispatch]", l1loss::float16_t,
                   l1loss::bfloat16_t) {
    using T = TestType;
    constexpr std::size_t longest = 3000;
    test::guarded<T> const input(longest), target(longest);
    auto const data = test::make_pair<float>(test::distribution::uniform, longest);
    std::vector<T> const all_x(data.first.begin(), data.first.end()), all_y(data.second.begin(), data.second.end());
    for (std::size_t const n : lengths()) {
        if (n > longest) continue;
        T *const x = input.at_end(n), *const y = target.at_end(n);
        std::copy_n(all_x.begin(), n, x);
        std::copy_n(all_y.begin(), n, y);
        std::vector<float> const fx(x, x + n), fy(y, y + n);
        expected<float> const right(fx.data(), fy.data(), n);
        for_each_isa([&] {
            INFO("n = " << n);
            CHECK(bits(dispatch::l1_loss(std::span(x, n), std::span(y, n))) == bits(right.mean));
            CHECK(bits(dispatch::l1_loss<reduction::sum>(std::span(x, n), std::span(y, n))) == bits(right.sum));
        });
    }
    std::vector<T> const x(1, T(NAN)), y(1, T(1.f));
    std::vector<float> rows(3);
    for_each_isa([&] {
        CHECK(bits(dispatch::l1_loss(x, y)) == bits(std::numeric_limits<float>::quiet_NaN()));
        dispatch::l1_loss_rows<reduction::sum>(std::span(all_x).first(2100), std::span(all_y).first(2100), 3, rows);
        for (std::size_t r = 0; r < 3; ++r) {
            std::vector<float> const fx(&all_x[r * 700], &all_x[r * 700] + 700), fy(&all_y[r * 700], &all_y[r * 700] + 700);
            CHECK(bits(rows[r]) == bits(expected<float>(fx.data(), fy.data(), 700).sum));
        }
    });
}

TEMPLATE_TEST_CASE("Every instruction set sums integers exactly", "[dispatch]", std::uint8_t, std::int8_t, std::uint16_t,
                   std::int16_t) {
    using T = TestType;
    constexpr std::size_t longest = 5000;
    test::guarded<T> const input(longest), target(longest);
    auto const extreme = [](std::uint64_t z) { // an end of the range, or any value
        return z % 3 == 0 ? std::numeric_limits<T>::min() : z % 3 == 1 ? std::numeric_limits<T>::max() : static_cast<T>(z >> 8);
    };
    for (std::size_t const n : lengths()) {
        T *const x = input.at_end(n), *const y = target.at_end(n);
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < n; ++i) {
            x[i] = extreme(test::split_mix(1, i));
            y[i] = extreme(test::split_mix(2, i));
            sum += static_cast<std::uint64_t>(std::abs(int{x[i]} - int{y[i]}));
        }
        auto const mean = n == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(double(sum) / double(n));
        float row[1] = {};
        for_each_isa([&] {
            INFO("n = " << n);
            CHECK(dispatch::l1_loss<reduction::sum>(std::span(x, n), std::span(y, n)) == sum);
            CHECK(bits(dispatch::l1_loss(std::span(x, n), std::span(y, n))) == bits(mean));
            dispatch::l1_loss_rows(std::span(x, n), std::span(y, n), 1, row);
            CHECK(bits(row[0]) == bits(mean));
        });
    }
    T const* const null = nullptr;
    CHECK(std::isnan(c<T>::mean(null, null, 1)));
    CHECK(c<T>::sum(null, null, 1) == std::numeric_limits<std::uint64_t>::max());
    CHECK(c<T>::sum(null, null, 0) == 0);
    CHECK(c<T>::rows(null, null, 1, 1, L1LOSS_MEAN, nullptr) == L1LOSS_NULL_POINTER);
}

TEMPLATE_TEST_CASE("NaN comes out as the one quiet NaN, and has no gradient", "[dispatch]", float, double) {
    using T = TestType;
    T const nan = std::numeric_limits<T>::quiet_NaN(), infinity = std::numeric_limits<T>::infinity();
    for_each_isa([&] {
        for (std::size_t const n : sizes{1, 7, 64, 100, 1500}) {
            std::vector<T> x(n, T(1)), y(n, T(2)), grad(n, T(7));
            x[n / 2] = -nan;
            CHECK(bits(c<T>::sum(x.data(), y.data(), n)) == bits(nan));
            CHECK(bits(c<T>::mean(x.data(), y.data(), n)) == bits(nan));
            CHECK(c<T>::backward(x.data(), y.data(), n, L1LOSS_SUM, T(1), grad.data()) == L1LOSS_OK);
            CHECK(bits(grad[n / 2]) == 0);
            x[n / 2] = infinity;
            CHECK(c<T>::sum(x.data(), y.data(), n) == infinity);
        }
    });
}

TEMPLATE_TEST_CASE("Bad arguments have a status, and nothing is written", "[dispatch]", float, double) {
    using T = TestType;
    constexpr auto mean = L1LOSS_MEAN;
    constexpr auto none = l1loss_reduction(0), other = l1loss_reduction(3);
    std::vector<T> memory(20, T(5));
    T const* const x = memory.data();
    T const* const y = x + 4;
    T* const out = memory.data() + 8;
    T loss = 5;
    T* const null = nullptr;
    auto const nan = bits(std::numeric_limits<T>::quiet_NaN());

    CHECK(bits(c<T>::mean(null, y, 1)) == nan);
    CHECK(bits(c<T>::mean(x, null, 1)) == nan);
    CHECK(bits(c<T>::sum(x, null, 1)) == nan);
    CHECK(bits(c<T>::mean(null, null, 0)) == nan);
    CHECK(bits(c<T>::sum(null, null, 0)) == 0);

    std::size_t count = 5;
    CHECK(bits(c<T>::weighted_mean(null, y, nullptr, nullptr, 1, &count)) == nan);
    CHECK(count == 0);
    CHECK(bits(c<T>::weighted_sum(x, null, nullptr, nullptr, 1, nullptr)) == nan);
    CHECK(bits(c<T>::weighted_sum(null, null, nullptr, nullptr, 0, nullptr)) == 0);
    CHECK(c<T>::weighted_sum(x, y, nullptr, nullptr, 1, nullptr) == 0);
    CHECK((c<T>::mean_exceeds(null, y, 1, T(9)) == 1 && c<T>::sum_exceeds(x, null, 1, T(9)) == 1 &&
           c<T>::sum_exceeds(null, null, 0, T(9)) == 0));

    CHECK(c<T>::none(null, y, 4, out) == L1LOSS_NULL_POINTER);
    CHECK(c<T>::none(x, null, 4, out) == L1LOSS_NULL_POINTER);
    CHECK(c<T>::none(x, y, 4, null) == L1LOSS_NULL_POINTER);
    CHECK(c<T>::none(null, null, 0, null) == L1LOSS_OK);
    CHECK(c<T>::none(x, y, std::size_t(-1), out) == L1LOSS_TOO_MANY_ELEMENTS);
    CHECK(c<T>::none(x, y, 4, memory.data() + 1) == L1LOSS_OVERLAPS_INPUT);
    CHECK(c<T>::none(y, x, 3, memory.data() + 1) == L1LOSS_OVERLAPS_TARGET);
    CHECK(c<T>::none(x, y, 5, memory.data() + 8) == L1LOSS_OVERLAPS_TARGET); // overlaps the last element of target

    CHECK(c<T>::backward(x, y, 4, none, T(1), out) == L1LOSS_UNKNOWN_REDUCTION);
    CHECK(c<T>::backward(x, y, 4, other, T(1), out) == L1LOSS_UNKNOWN_REDUCTION);
    CHECK(c<T>::backward(x, y, 4, mean, T(1), null) == L1LOSS_NULL_POINTER);
    CHECK(c<T>::backward(x, y, 4, mean, T(1), memory.data() + 3) == L1LOSS_OVERLAPS_INPUT);

    CHECK(c<T>::with_gradient(x, y, 4, other, T(1), out, &loss) == L1LOSS_UNKNOWN_REDUCTION);
    CHECK(c<T>::with_gradient(x, y, 4, mean, T(1), null, &loss) == L1LOSS_NULL_POINTER);
    CHECK(c<T>::with_gradient(x, y, 4, mean, T(1), out, null) == L1LOSS_NULL_POINTER);
    CHECK(c<T>::with_gradient(x, y, 0, mean, T(1), null, null) == L1LOSS_NULL_POINTER); // the loss is written even for no elements
    CHECK(c<T>::with_gradient(x, y, 4, mean, T(1), memory.data() + 5, &loss) == L1LOSS_OVERLAPS_TARGET);
    CHECK(c<T>::with_gradient(x, y, 4, mean, T(1), out, memory.data()) == L1LOSS_OVERLAPS_INPUT);
    CHECK(c<T>::with_gradient(x, y, 1, mean, T(1), out, memory.data()) == L1LOSS_OVERLAPS_INPUT); // exactly input
    CHECK(c<T>::with_gradient(x, y, 4, mean, T(1), out, out + 3) == L1LOSS_OUTPUTS_OVERLAP);

    CHECK(c<T>::rows(x, y, 2, 2, none, out) == L1LOSS_UNKNOWN_REDUCTION);
    CHECK(c<T>::rows(x, y, 2, 2, mean, null) == L1LOSS_NULL_POINTER);
    CHECK(c<T>::rows(null, y, 2, 2, mean, out) == L1LOSS_NULL_POINTER);
    CHECK(c<T>::rows(x, y, 4, 1, mean, memory.data()) == L1LOSS_OVERLAPS_INPUT); // exactly input
    CHECK(c<T>::rows(x, y, 2, 2, mean, memory.data() + 7) == L1LOSS_OVERLAPS_TARGET);
    CHECK(c<T>::rows(x, y, std::size_t(1) << 33, std::size_t(1) << 33, mean, out) == L1LOSS_TOO_MANY_ELEMENTS);
    CHECK(c<T>::rows(x, y, std::size_t(-1) / 4, 0, mean, out) == L1LOSS_TOO_MANY_ELEMENTS);

    CHECK(memory == std::vector<T>(20, T(5)));
    CHECK(loss == 5);
}

TEST_CASE("A status has a text of its own", "[dispatch]") {
    std::vector<std::string> texts;
    for (int s = L1LOSS_OK; s <= L1LOSS_UNSUPPORTED_ISA; ++s) texts.emplace_back(l1loss_status_text(l1loss_status(s)));
    texts.emplace_back(l1loss_status_text(l1loss_status(L1LOSS_UNSUPPORTED_ISA + 1)));
    for (std::size_t i = 0; i < texts.size(); ++i) {
        CHECK(texts[i].size() > 5);
        for (std::size_t j = 0; j < i; ++j) CHECK(texts[i] != texts[j]);
    }
}

TEST_CASE("Instruction sets are set by names", "[dispatch]") {
    auto const names = l1loss::available_isas();
    REQUIRE(names.size() >= 1);
    CHECK(l1loss_available_isa(names.size()) == nullptr);
    CHECK(l1loss::set_isa(names.front()));
    for (auto const wrong : {""sv, "SSE2"sv, "sse2 "sv, " sse2"sv, "avx51"sv, "best"sv, "sse2,avx"sv, "neon"sv, "sse2\0"sv}) {
        CHECK(!l1loss::set_isa(wrong));
        CHECK(l1loss::active_isa() == names.front());
    }
    // This name ends by its length, not by a null byte.
    CHECK(l1loss::set_isa(std::string_view("avx2fma").substr(0, 4)) == (std::ranges::find(names, "avx2"sv) != names.end()));
    CHECK(l1loss_set_isa(nullptr) == L1LOSS_NULL_POINTER);
    CHECK(l1loss_set_isa("avx3") == L1LOSS_UNKNOWN_ISA);
    CHECK(l1loss_set_isa(names.back().data()) == L1LOSS_OK);
    CHECK(l1loss::active_isa() == names.back());
}

TEST_CASE("The C++ functions are those of the headers", "[dispatch]") {
    auto const data = test::make_pair<float>(test::distribution::wide, 48);
    std::vector<float> const &x = data.first, &y = data.second;
    std::vector<float> out(48), other(48);

    CHECK(bits(dispatch::l1_loss(x, y)) == bits(l1loss::l1_loss(x, y)));
    CHECK(bits(dispatch::l1_loss<reduction::sum>(std::span(x), std::span(y))) == bits(l1loss::l1_loss<reduction::sum>(x, y)));
    CHECK(dispatch::l1_loss(std::array<double, 2>{1, 2}, std::vector<double>{2, 4}) == 1.5);
    dispatch::l1_loss<reduction::none>(x, y, out);
    l1loss::l1_loss<reduction::none>(x, y, other);
    CHECK(out == other);
    dispatch::l1_loss_backward(x, y, out, 0.5f);
    l1loss::l1_loss_backward(x, y, other, l1loss::grad_output(0.5f));
    CHECK(out == other);
    CHECK(bits(dispatch::l1_loss_with_gradient<reduction::sum>(x, y, std::span(out))) ==
          bits(l1loss::l1_loss<reduction::sum>(x, y)));
    l1loss::l1_loss_backward<reduction::sum>(x, y, other);
    CHECK(out == other);
    std::vector<float> losses(3), others(3);
    dispatch::l1_loss_rows<reduction::sum>(x, y, 3, losses);
    l1loss::l1_loss_rows<reduction::sum>(x, y, 3, others);
    CHECK(losses == others);

    std::array<bool, 48> mask;
    for (std::size_t i = 0; i < mask.size(); ++i) mask[i] = i % 3 != 0;
    std::size_t count = 0;
    using l1loss::weights, l1loss::where;
    CHECK(bits(dispatch::l1_loss(x, y, where(mask), weights(y), l1loss::count(count))) ==
          bits(l1loss::l1_loss(x, y, where(mask), weights(y))));
    CHECK(count == 32);
    CHECK(bits(dispatch::l1_loss<reduction::sum>(x, y, weights(x))) == bits(l1loss::l1_loss<reduction::sum>(x, y, weights(x))));
    CHECK((dispatch::l1_exceeds(x, y, 0) && !dispatch::l1_exceeds<reduction::sum>(x, y, l1loss::l1_loss<reduction::sum>(x, y))));

    using floats = std::vector<float>;
    CHECK(dispatch::l1_loss<reduction::sum>(floats{}, floats{}) == 0);
    CHECK(bits(dispatch::l1_loss(floats{}, floats{})) == bits(std::numeric_limits<float>::quiet_NaN()));
    dispatch::l1_loss_rows(floats{}, floats{}, 0, floats{});
}

TEST_CASE("The C++ functions throw what the headers throw", "[dispatch]") {
    using test::message;
    std::vector<float> x(6, 5.f), y(6), five(5), seven(7), losses(2);
    CHECK(message([&] { dispatch::l1_loss(x, five); }) == message([&] { l1loss::l1_loss(x, five); }));
    CHECK(message([&] { dispatch::l1_loss(x, five); }) == "l1loss: input has 6 elements, target has 5");
    CHECK(message([&] { dispatch::l1_loss<reduction::sum>(five, y); }) == "l1loss: input has 5 elements, target has 6");
    CHECK(message([&] { dispatch::l1_loss(x, y, l1loss::weights(five)); }) ==
          message([&] { l1loss::l1_loss(x, y, l1loss::weights(five)); }));
    CHECK(message([&] { dispatch::l1_loss(x, y, l1loss::where(std::array{true})); }) == "l1loss: input has 6 elements, mask has 1");
    CHECK(message([&] { dispatch::l1_exceeds(x, five, 1); }) == "l1loss: input has 6 elements, target has 5");
    CHECK(message([&] { dispatch::l1_loss<reduction::none>(x, y, seven); }) ==
          message([&] { l1loss::l1_loss<reduction::none>(x, y, seven); }));
    CHECK(message([&] { dispatch::l1_loss_backward(x, y, five); }) == message([&] { l1loss::l1_loss_backward(x, y, five); }));
    CHECK(message([&] { dispatch::l1_loss_with_gradient(x, y, five); }) ==
          message([&] { l1loss::l1_loss_with_gradient(x, y, five); }));
    CHECK(message([&] { dispatch::l1_loss_rows(x, y, 4, losses); }) == message([&] { l1loss::l1_loss_rows(x, y, 4, losses); }));
    CHECK(message([&] { dispatch::l1_loss_rows(x, y, 4, losses); }) ==
          "l1loss: input has 6 elements, expected a multiple of 4, the rows");
    CHECK(message([&] { dispatch::l1_loss_rows(x, y, 3, losses); }) == message([&] { l1loss::l1_loss_rows(x, y, 3, losses); }));

    std::span const all(x), part = all.first(5), shifted = all.last(5);
    CHECK(message([&] { dispatch::l1_loss<reduction::none>(part, five, shifted); }) ==
          message([&] { l1loss::l1_loss<reduction::none>(part, five, shifted); }));
    CHECK(message([&] { dispatch::l1_loss_backward(five, part, shifted); }) ==
          "l1loss: grad_input overlaps target in part, expected the same memory and type, or none of it");
    CHECK(message([&] { dispatch::l1_loss_rows(all, y, 2, all.first(2)); }) ==
          message([&] { l1loss::l1_loss_rows(all, y, 2, all.first(2)); }));
    CHECK(x == std::vector<float>(6, 5.f));
}

TEST_CASE("The library may be called before main", "[dispatch]") {
    CHECK(from_static_initialiser == 4);
    CHECK(sum_at_load() == 4);
    if (std::getenv("L1LOSS_ISA") == nullptr) CHECK(isa_at_load() == l1loss::available_isas().back());
}

TEST_CASE("The instruction set may change while others compute", "[dispatch]") {
    auto const data = test::make_pair<float>(test::distribution::wide, 1000);
    float const mean = expected<float>(data.first.data(), data.second.data(), 1000).mean;
    std::atomic<bool> is_over = false;
    std::atomic<std::size_t> wrong = 0;
    std::vector<std::thread> others;
    for (int t = 0; t < 3; ++t)
        others.emplace_back([&] {
            while (!is_over) wrong += bits(l1loss_mean_f32(data.first.data(), data.second.data(), 1000)) != bits(mean);
        });
    auto const names = l1loss::available_isas();
    for (std::size_t k = 0; k < 20000; ++k)
        if (!l1loss::set_isa(names[k % names.size()])) ++wrong;
    is_over = true;
    for (std::thread& other : others) other.join();
    CHECK(wrong == 0);
}
