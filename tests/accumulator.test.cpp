// Tests that chunks of any lengths, and parts merged in any grouping, give the bits of one call.
#include <cstring>
#include <functional>
#include <random>
#include <vector>

#include <l1loss/accumulator.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"
#include "support/strided_view.hpp"

using namespace l1loss;
using test::bits;

namespace {

template <class T> struct data {
    std::vector<T> x, y, w;
    std::vector<unsigned char> mask;

    explicit data(std::size_t n) : mask(n) {
        std::tie(x, y) = test::make_pair<T>(test::distribution::wide, n);
        w = test::make_pair<T>(test::distribution::uniform, n).second;
        for (std::size_t i = 0; i < n; ++i) {
            mask[i] = test::split_mix(5, i) % 4 != 0;
            if (test::split_mix(6, i) % 50 == 0) x[i] = std::numeric_limits<T>::quiet_NaN();
        }
    }
};

/// Adds [first, last) to an accumulator, in chunks of the lengths that next_length gives.
template <class T, class Update>
void feed(l1_accumulator<T>& loss, std::size_t first, std::size_t last, std::function<std::size_t()> next_length, Update update) {
    for (std::size_t i = first; i < last;) {
        std::size_t const n = std::min(last - i, next_length());
        update(loss, i, n);
        i += n;
    }
}

template <class T> bool same(l1_accumulator<T> const& a, T sum, T mean, std::size_t count) {
    return bits(a.sum()) == bits(sum) && bits(a.mean()) == bits(mean) && a.count() == count;
}

} // namespace

static_assert(std::is_trivially_copyable_v<l1_accumulator<float>> && std::is_trivially_copyable_v<l1_accumulator<double>>);
static_assert(sizeof(l1_accumulator<float>) == sizeof(l1_accumulator<double>) && sizeof(l1_accumulator<float>) <= 16 * 1024);

TEMPLATE_TEST_CASE("Chunks of any lengths have the bits of one call", "[accumulator]", float, double) {
    data<TestType> const d(30000);
    auto const pair = test::make_pair<TestType>(test::distribution::wide, d.x.size());
    auto const &x = pair.first, &y = pair.second;
    std::mt19937 random(1);
    for (std::size_t const chunk : {1u, 7u, 64u, 100u, 129u, 511u, 512u, 513u, 1000u, 4096u, 30000u})
        for (std::size_t const n : {0u, 1u, 63u, 512u, 1000u, 1024u, 5000u, 30000u}) {
            if (n / chunk > 2000) continue;
            INFO("n = " << n << ", chunks of " << chunk << ", and of random lengths up to twice that");
            for (bool const is_random : {false, true}) {
                auto const length = [&] { return is_random ? random() % (2 * chunk + 1) : chunk; };
                l1_accumulator<TestType> plain, all;
                feed<TestType>(plain, 0, n, length,
                               [&](auto& a, std::size_t i, std::size_t m) { a.update(x.data() + i, y.data() + i, m); });
                CHECK(same(plain, l1_loss<reduction::sum>(x.data(), y.data(), n), l1_loss(x.data(), y.data(), n), n));
                feed<TestType>(all, 0, n, length, [&](auto& a, std::size_t i, std::size_t m) {
                    a.update(d.x.data() + i, d.y.data() + i, m, weights(d.w.data() + i), where(d.mask.data() + i), skip_nan);
                });
                auto const w = weights(d.w.data());
                auto const m = where(d.mask.data());
                std::size_t counted = 0;
                TestType const mean = l1_loss(d.x.data(), d.y.data(), n, w, m, skip_nan, count(counted));
                CHECK(same(all, l1_loss<reduction::sum>(d.x.data(), d.y.data(), n, w, m, skip_nan), mean, counted));
            }
        }
}

TEST_CASE("Parts merge to the bits of one call, whatever the splits and the grouping", "[accumulator]") {
    auto const pair = test::make_pair<float>(test::distribution::wide, 70 * 512 + 100);
    auto const &x = pair.first, &y = pair.second;
    constexpr std::size_t block = l1_accumulator<float>::block;
    auto const part = [&](std::size_t first, std::size_t last) {
        l1_accumulator<float> a(first);
        a.update(x.data() + first, y.data() + first, last - first);
        return a;
    };
    auto const check = [&](l1_accumulator<float> const& a, std::size_t n) {
        return same(a, l1_loss<reduction::sum>(x.data(), y.data(), n), l1_loss(x.data(), y.data(), n), n);
    };
    for (std::size_t left = 0; left <= 17; ++left) // all splits up to 17 + 17 blocks
        for (std::size_t right = 0; right <= 17; ++right) {
            std::size_t const n = (left + right) * block + 33;
            auto a = part(0, left * block);
            a.merge(part(left * block, n));
            if (!check(a, n)) FAIL(left << " + " << right << " blocks");
        }
    std::mt19937 random(7);
    for (int repetition = 0; repetition < 300; ++repetition) {
        std::size_t const blocks = random() % 70 + 1, n = blocks * block + random() % 100;
        std::vector<l1_accumulator<float>> parts;
        for (std::size_t first = 0; first < blocks;) {
            std::size_t const last = std::min(blocks, first + random() % 12);
            parts.push_back(part(first * block, last == blocks ? n : last * block));
            first = last;
        }
        while (parts.size() > 1) { // merges two neighbours at random, until one part is left
            std::size_t const k = random() % (parts.size() - 1);
            parts[k].merge(parts[k + 1]);
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(k) + 1);
        }
        if (!check(parts[0], n)) FAIL(blocks << " blocks, n = " << n);
    }
}

TEST_CASE("Chunks that are views have the bits of one call", "[accumulator]") {
    auto const [x, y] = test::make_pair<float>(test::distribution::wide, 60000);
    for (std::size_t const columns : std::initializer_list<std::size_t>{7, 64, 100, 600})
        for (std::size_t const rows : std::initializer_list<std::size_t>{1, 2, 3, 17}) {
            INFO(rows << " x " << columns);
            std::size_t const pitch = columns + 5;
            l1_accumulator<float> chunks;
            std::vector<float> a, b;
            for (std::size_t k = 0; (k + 1) * rows * pitch <= 20000; ++k) {
                float const *const in = x.data() + k * rows * pitch, *const out = y.data() + k * rows * pitch;
                test::strided_view<float const, 2> const v{in, {rows, columns}, {static_cast<std::ptrdiff_t>(pitch), 1}},
                    w{out, {rows, columns}, {static_cast<std::ptrdiff_t>(pitch), 1}};
                chunks.update(v, w);
                for (std::size_t r = 0; r < rows; ++r) {
                    a.insert(a.end(), in + r * pitch, in + r * pitch + columns);
                    b.insert(b.end(), out + r * pitch, out + r * pitch + columns);
                }
            }
            CHECK(same(chunks, l1_loss<reduction::sum>(a, b), l1_loss(a, b), a.size()));
        }
}

TEST_CASE("State survives a copy of its bytes; reset begins again", "[accumulator]") {
    auto const [x, y] = test::make_pair<float>(test::distribution::uniform, 3000);
    l1_accumulator<float> a(1024), b;
    a.update(x, y);
    std::memcpy(static_cast<void*>(&b), &a, sizeof a);
    CHECK(b.first_index() == 1024);
    CHECK(b.last_index() == 4024);
    CHECK(bits(b.sum()) == bits(a.sum()));
    a.reset();
    CHECK(a.first_index() == 1024);
    CHECK(a.count() == 0);
    CHECK(bits(a.sum()) == 0);
    CHECK(bits(a.mean()) == 0x7fc00000u);
    a.update(x, y, weights(x)); // after reset, weights are allowed again
    CHECK(a.count() == 3000);
    l1_accumulator<double> in_double;
    in_double.update(x, y);
    CHECK(in_double.mean() == l1_loss<reduction::mean, double>(x, y));
}

TEST_CASE("What cannot be joined is refused", "[accumulator]") {
    std::vector<float> const x(1000), y(1000);
    l1_accumulator<float> a, b(512), c(1024);
    CHECK(test::message([] { (void)l1_accumulator<float>(100); }) == "l1loss: first_index is 100, expected a multiple of 512");
    CHECK(test::message([] { (void)l1_accumulator<double>(100); }) == "l1loss: first_index is 100, expected a multiple of 256");
    CHECK(test::message([&] { l1_accumulator<float>(std::size_t{1} << 60).update(x, y); }) ==
          "l1loss: 1000 elements more than fit below index 562949953421312");
    a.update(x, y);
    CHECK(test::message([&] { a.merge(b); }) == "l1loss: elements [0, 1000) and [512, 512) do not meet at a multiple of 512");
    CHECK(test::message([&] { a.merge(c); }) == "l1loss: elements [0, 1000) and [1024, 1024) do not meet at a multiple of 512");
    CHECK(test::message([&] { a.update(x, std::vector<float>(999)); }) == "l1loss: input has 1000 elements, target has 999");
    CHECK(test::message([&] { a.update(x, y, weights(x)); }) ==
          "l1loss: weights are given in some updates and not in others, expected all or none");
    CHECK(a.count() == 1000);
    l1_accumulator<float> first, weighted(512);
    first.update(x.data(), y.data(), 512);
    weighted.update(x, y, weights(x));
    CHECK(test::message([&] { first.merge(weighted); }) ==
          "l1loss: weights are given in some updates and not in others, expected all or none");
    CHECK(first.last_index() == 512);
}
