// Tests that chunks of any lengths, and parts merged in any grouping, give the bits of one call.
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <string>
#include <utility>
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

TEST_CASE("Weighted and masked parts merge to the bits of one call", "[accumulator]") {
    constexpr std::size_t block = l1_accumulator<float>::block, n = 23 * block + 77;
    data<float> const d(n);
    float const *x = d.x.data(), *y = d.y.data(), *w = d.w.data();
    unsigned char const* const m = d.mask.data();
    auto const check = [&](char const* what, auto update, auto of_all) {
        INFO(what);
        std::size_t counted = 0;
        float const mean = of_all(count(counted), reduction::mean), sum = of_all(count(counted), reduction::sum);
        for (std::size_t const left : std::initializer_list<std::size_t>{0, 1, 4, 7, 23})
            for (std::size_t const right : std::initializer_list<std::size_t>{left, 9, 16, 23}) {
                if (right < left) continue;
                std::size_t const splits[] = {0, left * block, right * block, n};
                l1_accumulator<float> all;
                for (std::size_t k = 0; k < 3; ++k) { // parts of no elements too, which have no weighting
                    l1_accumulator<float> part(splits[k]);
                    if (splits[k] != splits[k + 1]) update(part, splits[k], splits[k + 1] - splits[k]);
                    all.merge(part);
                }
                INFO("splits after " << left << " and " << right << " blocks");
                CHECK(same(all, sum, mean, counted));
            }
    };
    check(
        "weights", [&](auto& a, std::size_t i, std::size_t size) { a.update(x + i, y + i, size, weights(w + i), skip_nan); },
        [&](auto... options) { return l1_loss(x, y, n, weights(w), skip_nan, options...); });
    check(
        "a mask", [&](auto& a, std::size_t i, std::size_t size) { a.update(x + i, y + i, size, where(m + i), skip_nan); },
        [&](auto... options) { return l1_loss(x, y, n, where(m), skip_nan, options...); });
}

TEST_CASE("An empty part takes over whether there are weights, and changes nothing of that", "[accumulator]") {
    std::vector<float> const x(512, 3), y(512, 1), w(512, 2);
    auto const add = [&](l1_accumulator<float>& to, bool is_weighted) {
        if (is_weighted) to.update(x, y, weights(w));
        else to.update(x, y);
    };
    std::string const refused = "l1loss: weights are given in some updates and not in others, expected all or none";
    for (bool const is_weighted : {false, true}) {
        l1_accumulator<float> all, part;
        all.merge(l1_accumulator<float>(0));
        add(part, is_weighted);
        all.merge(part);
        CHECK(test::message([&] { add(all, !is_weighted); }) == refused);
        all.merge(l1_accumulator<float>(512));
        all.update(x.data(), y.data(), 0, weights(w.data())); // no elements, so neither with nor without weights
        all.update(x.data(), y.data(), 0);
        CHECK(test::message([&] { add(all, !is_weighted); }) == refused);
        l1_accumulator<float> other(512);
        add(other, !is_weighted);
        CHECK(test::message([&] { all.merge(other); }) == refused);
        CHECK(all.last_index() == 512);
        add(all, is_weighted);
        CHECK(same(all, is_weighted ? 4096.f : 2048.f, 2.f, 1024));
    }
}

TEST_CASE("Weighted sums may be negative, -0 becomes +0, and NaN the one NaN", "[accumulator]") {
    for (std::size_t const n : std::initializer_list<std::size_t>{3, 512, 1100}) {
        std::vector<float> const x(n, 3), y(n, 1), minus(n, -1), zero(n, -0.f), none(n, -NAN);
        auto const sums = [&](auto const& a, auto const& w) {
            l1_accumulator<float> all;
            all.update(x, a, weights(w));
            return std::pair(bits(all.sum()), bits(all.mean()));
        };
        CHECK(sums(y, minus) == std::pair(bits(-2.f * float(n)), bits(2.f)));
        CHECK(sums(x, minus) == std::pair(0u, bits(-0.f))); // +0 / -n
        CHECK(sums(y, zero) == std::pair(0u, 0x7fc00000u));
        CHECK(sums(y, none) == std::pair(0x7fc00000u, 0x7fc00000u));
    }
}

TEST_CASE("A part that does not begin at 0 pairs blocks by their index in the whole sequence", "[accumulator]") {
    // Only the first element of a block is not 0, so the sum is that of one number for each block.
    constexpr std::size_t block = l1_accumulator<float>::block, blocks = 40;
    std::vector<float> x(blocks * block), y(x.size());
    for (std::size_t k = 0; k < blocks; ++k) x[k * block] = std::abs(test::element<float>(test::distribution::wide, 0, k));
    std::function<float(std::size_t, std::size_t)> const tree = [&](std::size_t k, std::size_t number) {
        return number == 1 ? x[k * block] : tree(k, number / 2) + tree(k + number / 2, number / 2);
    };
    std::function<float(std::size_t, std::size_t)> const from_the_last = [&](std::size_t first, std::size_t last) {
        std::size_t number = 1; // of the longest run that begins at a multiple of its length
        while (first % (2 * number) == 0 && first + 2 * number <= last) number *= 2;
        float const run = tree(first, number);
        return first + number == last ? run : run + from_the_last(first + number, last);
    };
    bool differs = false;
    for (std::size_t first = 0; first < 18; ++first)
        for (std::size_t last = first + 1; last <= blocks; ++last) {
            l1_accumulator<float> part(first * block);
            std::size_t const n = (last - first) * block, at = first * block;
            part.update(x.data() + at, y.data() + at, n);
            CHECK(bits(part.sum()) == bits(from_the_last(first, last)));
            differs = differs || part.sum() != l1_loss<reduction::sum>(x.data() + at, y.data() + at, n);
        }
    CHECK(differs);
}

TEST_CASE("Indexes stay below 2^40 blocks", "[accumulator]") {
    constexpr std::size_t block = l1_accumulator<float>::block, end = detail::max_blocks<float> * block;
    static_assert(sizeof(std::size_t) == 4 || end == std::size_t{1} << 49);
    std::vector<float> const x(3 * block, 1), y(3 * block);
    std::string const tail = " elements more than fit below index " + std::to_string(end);
    auto const add = [&](l1_accumulator<float>& to, std::size_t n) {
        return test::message([&] { to.update(x.data(), y.data(), n); });
    };
    for (std::size_t const before : std::initializer_list<std::size_t>{0, 1, block - 1, block, block + 1})
        for (std::size_t const room : std::initializer_list<std::size_t>{1, 2, block, 2 * block}) {
            if (before + room > 2 * block || (before + room) % block != 0) continue;
            l1_accumulator<float> a(end - before - room);
            INFO(before << " elements, and room for " << room);
            CHECK(add(a, before) == "nothing was thrown");
            CHECK(add(a, room + 1) == "l1loss: " + std::to_string(room + 1) + tail);
            CHECK(a.count() == before);
            CHECK(add(a, room) == "nothing was thrown");
            CHECK(a.last_index() == end);
            CHECK(same(a, float(before + room), 1.f, before + room));
            CHECK(add(a, 1) == "l1loss: 1" + tail);
            CHECK(add(a, 0) == "nothing was thrown");
        }
    l1_accumulator<float> beyond(end + block);
    CHECK(add(beyond, 1) == "l1loss: 1" + tail);
}

TEST_CASE("Chunks that are views have the bits of one call", "[accumulator]") {
    auto const [x, y] = test::make_pair<float>(test::distribution::wide, 60000);
    for (std::size_t const columns : std::initializer_list<std::size_t>{7, 64, 100, 600})
        for (std::size_t const rows : std::initializer_list<std::size_t>{1, 2, 3, 17}) {
            INFO(rows << " x " << columns);
            std::size_t const pitch = columns + 5;
            l1_accumulator<float> chunks, weighted;
            std::vector<float> a, b;
            for (std::size_t k = 0; (k + 1) * rows * pitch <= 20000; ++k) {
                float const *const in = x.data() + k * rows * pitch, *const out = y.data() + k * rows * pitch;
                test::strided_view<float const, 2> const v{in, {rows, columns}, {static_cast<std::ptrdiff_t>(pitch), 1}},
                    w{out, {rows, columns}, {static_cast<std::ptrdiff_t>(pitch), 1}};
                chunks.update(v, w);
                weighted.update(v, w, weights(v));
                for (std::size_t r = 0; r < rows; ++r) {
                    a.insert(a.end(), in + r * pitch, in + r * pitch + columns);
                    b.insert(b.end(), out + r * pitch, out + r * pitch + columns);
                }
            }
            CHECK(same(chunks, l1_loss<reduction::sum>(a, b), l1_loss(a, b), a.size()));
            CHECK(same(weighted, l1_loss<reduction::sum>(a, b, weights(a)), l1_loss(a, b, weights(a)), a.size()));
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
    CHECK((a.first_index() == 1024 && a.last_index() == 1024));
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
    CHECK(test::message([&] { a.merge(a); }) == "l1loss: elements [0, 1000) and [0, 1000) do not meet at a multiple of 512");
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
    l1_accumulator<float> in_short_chunks; // which end where a block ends
    for (std::size_t k = 0; k < 4; ++k) in_short_chunks.update(x.data(), y.data(), 128);
    in_short_chunks.merge(b);
    CHECK(in_short_chunks.last_index() == 512);
}
