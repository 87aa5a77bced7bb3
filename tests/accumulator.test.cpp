// Tests that chunks of any lengths, and parts merged in any grouping, give the bits of one call.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

#include <l1loss/accumulator.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/guarded.hpp"
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
static_assert(sizeof(l1_accumulator<float>) == sizeof(l1_accumulator<double>) && sizeof(l1_accumulator<float>) <= 20 * 1024 &&
              l1_accumulator<float>::max_bytes < 15 * 1024);

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
    CHECK(test::message([&] { l1_accumulator<float>(std::size_t{1} << 60).update(x, y); }) ==
          "l1loss: 1000 elements more than fit below index 562949953421312");
    a.update(x, y);
    CHECK(test::message([&] { a.merge(b); }) == "l1loss: elements [0, 1000) and [512, 512) do not meet");
    CHECK(test::message([&] { a.merge(c); }) == "l1loss: elements [0, 1000) and [1024, 1024) do not meet");
    CHECK(test::message([&] { a.merge(a); }) == "l1loss: elements [0, 1000) and [0, 1000) do not meet");
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

namespace {

template <class T> std::vector<std::byte> bytes_of(l1_accumulator<T> const& a) {
    std::vector<std::byte> bytes(a.max_bytes);
    bytes.resize(a.to_bytes(bytes));
    test::guarded<std::byte> const room(bytes.size());
    std::span<std::byte> const enough(room.at_end(bytes.size()), bytes.size());
    if (a.to_bytes(enough) != bytes.size() || !std::ranges::equal(enough, bytes)) FAIL("room for " << bytes.size() << " bytes");
    return bytes;
}

/// What from_bytes makes of bytes that end at a guard page.
template <class Loss> Loss read_from(std::vector<std::byte> const& bytes) {
    test::guarded<std::byte> const room(bytes.size());
    std::ranges::copy(bytes, room.at_end(bytes.size()));
    return Loss::from_bytes({room.at_end(bytes.size()), bytes.size()});
}

template <class T> T number_at(std::vector<std::byte> const& bytes, std::size_t at) { // on a little-endian machine or any other
    test::bits_of<T> all = 0;
    for (std::size_t k = 0; k < sizeof(T); ++k) all |= std::to_integer<test::bits_of<T>>(bytes[at + k]) << 8 * k;
    return std::bit_cast<T>(all);
}

} // namespace

TEMPLATE_TEST_CASE("Parts that begin anywhere merge to the bits of one call, also through bytes", "[accumulator]", float, double) {
    data<TestType> const all(20000);
    std::mt19937 random(3);
    for (int trial = 0; trial < 300; ++trial) {
        std::size_t const n = random() % (trial % 3 == 0 ? 700 : trial % 3 == 1 ? 3000 : 20000);
        bool const is_weighted = trial % 2 == 0;
        std::vector<std::size_t> cuts{0, n};
        for (auto k = random() % 8; k > 0; --k) cuts.push_back(random() % (n + 1));
        std::sort(cuts.begin(), cuts.end());
        std::vector<l1_accumulator<TestType>> parts;
        auto const maybe_through_bytes = [&](l1_accumulator<TestType>& part) {
            if (random() % 2 == 0) part = read_from<l1_accumulator<TestType>>(bytes_of(part));
        };
        for (std::size_t k = 0; k + 1 < cuts.size(); ++k) {
            auto& part = parts.emplace_back(cuts[k]);
            feed(
                part, cuts[k], cuts[k + 1], [&] { return 1 + random() % (k % 2 == 0 ? 90 : 2000); },
                [&](auto& loss, std::size_t i, std::size_t count) {
                    auto const *x = all.x.data() + i, *y = all.y.data() + i;
                    if (is_weighted) loss.update(x, y, count, weights(all.w.data() + i), where(all.mask.data() + i), skip_nan);
                    else loss.update(x, y, count, skip_nan);
                    if (count % 16 == 0) maybe_through_bytes(loss);
                });
            maybe_through_bytes(part);
        }
        while (parts.size() > 1) { // in any grouping
            std::size_t const k = random() % (parts.size() - 1);
            parts[k].merge(parts[k + 1]);
            parts.erase(parts.begin() + std::ptrdiff_t(k) + 1);
            maybe_through_bytes(parts[k]);
        }
        std::size_t counted = 0;
        auto const expected = [&](reduction r) {
            auto const *x = all.x.data(), *y = all.y.data();
            if (is_weighted) return l1_loss(x, y, n, r, weights(all.w.data()), where(all.mask.data()), skip_nan, count(counted));
            return l1_loss(x, y, n, r, skip_nan, count(counted));
        };
        TestType const sum = expected(reduction::sum), mean = expected(reduction::mean);
        INFO("trial " << trial << ", " << n << " elements in " << cuts.size() - 1 << " parts");
        CHECK(same(parts[0], sum, mean, counted));
        CHECK((parts[0].first_index() == 0 && parts[0].last_index() == n));
    }
}

TEST_CASE("A part that begins within a block joins its first block last", "[accumulator]") {
    constexpr std::size_t block = l1_accumulator<double>::block;
    std::vector<double> x(3 * block), y(x.size());
    x[0] = 1e16, x[block] = x[2 * block] = 1; // one number for each of the blocks 0 to 2. 1e16 + 1 is 1e16, and 1e16 + 2 a double
    l1_accumulator<double> part(1), whole(0);
    part.update(x, y);
    whole.update(x, y);
    CHECK(part.sum() == 1e16 + 2);
    CHECK(part.mean() == part.sum() / double(x.size()));
    CHECK(whole.sum() == 1e16);
}

TEMPLATE_TEST_CASE("A part that begins within a block has the same sums after its bytes are read", "[accumulator]", float, double) {
    data<TestType> const d(2000);
    for (std::size_t const n : {0, 50, 150, 412, 413, 2000}) {
        l1_accumulator<TestType> part(100), read(7);
        read.update(d.y, d.w, weights(d.w)); // memory that is not 0
        part.update(d.y.data(), d.w.data(), n);
        read = read_from<l1_accumulator<TestType>>(bytes_of(part));
        CHECK(same(read, part.sum(), part.mean(), n));
        part.reset();
        part.update(d.y.data(), d.w.data(), n, weights(d.w.data()));
        read = read_from<l1_accumulator<TestType>>(bytes_of(part));
        CHECK(same(read, part.sum(), part.mean(), n));
    }
}

TEST_CASE("The bytes of a state are the same on every machine", "[accumulator]") {
    l1_accumulator<float> part(510);
    std::vector<float> const x{1, 2, 4, 8}, y(4), w{2, 1, 1, -1};
    part.update(x, y, weights(w));
    auto const bytes = bytes_of(part);
    std::vector<unsigned> const start{'l', '1', 'l', 'o', 's', 's', 1, 'f', 254, 1, 0, 0, 0, 0, 0, 0, 2,
                                      2,   0,   0,   0,   0,   0,   0, 4,   0,   0, 0, 0, 0, 0, 0, 2, 0};
    REQUIRE(bytes.size() == start.size() + 2 * 4 * (2 + 64)); // two terms of block 0, and a stripe of block 1; weights alike
    for (std::size_t i = 0; i < start.size(); ++i) CHECK(std::to_integer<unsigned>(bytes[i]) == start[i]);
    float const terms[] = {2, 2, 4, -8};
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(number_at<float>(bytes, start.size() + 4 * k) == terms[k]);
        CHECK(number_at<float>(bytes, start.size() + 4 * (66 + k)) == w[k]);
    }
    l1_accumulator<std::uint64_t> integers;
    integers.update(std::vector<std::uint8_t>{7, 9}, std::vector<std::uint8_t>{8, 200});
    std::vector<std::byte> exact(integers.max_bytes);
    CHECK(integers.to_bytes(exact) == 24);
    CHECK((std::to_integer<int>(exact[7]) == 'u' && std::to_integer<int>(exact[8]) == 192 && std::to_integer<int>(exact[16]) == 2));
    integers = l1_accumulator<std::uint64_t>::from_bytes(exact);
    CHECK((integers.sum() == 192 && integers.count() == 2));
    CHECK(test::message([&] { (void)integers.to_bytes(std::span(exact).first(23)); }) ==
          "l1loss: the output has 23 bytes, expected at least 24");
    auto const error_of = [](std::vector<std::byte> const& some) {
        return test::message([&] { (void)read_from<l1_accumulator<std::uint64_t>>(some); });
    };
    exact[16] = {};
    CHECK(error_of(exact) == "l1loss: there are 24 bytes with a sum of 0 integers, expected 24");
    exact[8] = {};
    CHECK(error_of(exact) == "nothing was thrown");
    exact.push_back({});
    CHECK(error_of(exact) == "l1loss: there are 25 bytes with a sum of 0 integers, expected 24");
    exact.resize(23);
    CHECK(error_of(exact) == "l1loss: there are 23 bytes, expected at least 24");
}

TEST_CASE("Bytes that are no state are refused, and others give a state in its range", "[accumulator]") {
    using float_loss = l1_accumulator<float>;
    auto const [x, y] = test::make_pair<float>(test::distribution::uniform, 6000);
    auto const error = [](std::vector<std::byte> const& bytes) {
        return test::message([&] { (void)read_from<float_loss>(bytes); });
    };
    std::string const other_type = "l1loss: the bytes are not those of an accumulator of this type, in version 1 of the format",
                      no_state = "l1loss: the bytes have a range, a count or runs that no accumulator has";
    float_loss part(500);
    part.update(x, y);
    auto const bytes = bytes_of(part);
    CHECK(error({}) == "l1loss: there are 0 bytes, expected at least 34");
    CHECK(error(bytes_of(l1_accumulator<double>())) == other_type);
    for (std::size_t size = 34; size < bytes.size(); ++size)
        if (error({bytes.begin(), bytes.begin() + std::ptrdiff_t(size)}) != no_state) FAIL("the first " << size << " bytes");
    auto more = bytes;
    more.push_back({});
    CHECK(error(more) == no_state);
    auto const with = [&](std::size_t at, unsigned char value) {
        auto changed = bytes;
        changed[at] = std::byte{value};
        return error(changed);
    };
    CHECK(with(6, 2) == other_type);
    for (std::size_t const at : {8, 17, 22, 23, 31, 32, 33, 34, 35}) CHECK(with(at, 0xf7) == no_state); // range, count, kind, runs
    for (int const kind : {0, 3})
        CHECK(with(32, static_cast<unsigned char>(kind)) == no_state); // elements of no kind, or of no known one
    CHECK(with(24, 0x6f) == "nothing was thrown");                     // fewer count

    // Runs of 2^level blocks, which begin at a multiple of their length. Two of one level would have been joined, if the first has
    // such a multiple for both.
    auto const runs = [&](std::size_t first, std::initializer_list<unsigned char> levels, std::size_t end_48 = 0) {
        std::size_t blocks = 0;
        for (unsigned char const level : levels) blocks += std::size_t{1} << level % 64;
        float_loss other(first * float_loss::block);
        other.update(std::vector<float>(blocks % 64 * float_loss::block), std::vector<float>(blocks % 64 * float_loss::block));
        auto some = bytes_of(other);
        some[33] = std::byte(levels.size());
        some.resize(34 + levels.size() * (1 + sizeof(float) * float_loss::block / 32));
        for (std::size_t k = 0; k < levels.size(); ++k) some[34 + k] = std::byte(levels.begin()[k]);
        if (end_48 != 0) some[22] = std::byte(end_48), some[32] = std::byte{1}; // the end is end_48 · 2^48
        return error(some);
    };
    std::string const none = "nothing was thrown";
    CHECK((runs(0, {3, 1, 0}) == none && runs(4, {2, 2}) == none && runs(3, {0, 2, 2, 0}) == none));
    CHECK((runs(0, {1, 3, 0}) == no_state && runs(0, {2, 2}) == no_state && runs(8, {2, 2, 0}) == no_state));
    CHECK((runs(0, {3, 1}) == none && runs(0, {3, 1, 64}) == no_state && runs(0, {64}) == no_state));
    CHECK((runs(0, {40}, 2) == none && runs(0, {41}, 4) == no_state)); // as long as an accumulator can be, and longer
    CHECK(test::message([&] {
              std::vector<std::byte> out(bytes.size() - 1);
              (void)part.to_bytes(out);
          }) == "l1loss: the output has " + std::to_string(bytes.size() - 1) + " bytes, expected at least " +
                    std::to_string(bytes.size()));

    std::mt19937 random(4);
    std::size_t accepted = 0;
    for (int trial = 0; trial < 4000; ++trial) {
        auto changed = bytes;
        for (auto k = 1 + random() % 3; k > 0; --k) changed[random() % (random() % 2 ? 48 : changed.size())] = std::byte(random());
        try {
            auto hostile = read_from<float_loss>(changed);
            ++accepted;
            CHECK(bytes_of(hostile).size() == bytes.size());
            hostile.update(x, y);
            (void)hostile.mean();
        } catch (std::invalid_argument const&) {}
    }
    CHECK((accepted > 200 && accepted < 3800));
}

#if !defined(_WIN32)
TEST_CASE("Parts of separate processes merge to the bits of one call", "[accumulator]") {
    auto const [x, y] = test::make_pair<float>(test::distribution::wide, 100000);
    std::size_t const cuts[] = {0, 12345, 12400, 70001, 100000};
    l1_accumulator<float> all;
    for (std::size_t k = 0; k < 4; ++k) {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        pid_t const child = fork();
        if (child == 0) {
            l1_accumulator<float> part(cuts[k]);
            part.update(x.data() + cuts[k], y.data() + cuts[k], cuts[k + 1] - cuts[k]);
            auto const bytes = bytes_of(part);
            _exit(write(ends[1], bytes.data(), bytes.size()) == ssize_t(bytes.size()) ? 0 : 1); // a pipe holds 64 KB
        }
        close(ends[1]);
        std::vector<std::byte> bytes(all.max_bytes);
        ssize_t const size = read(ends[0], bytes.data(), bytes.size());
        close(ends[0]);
        int status = 1;
        REQUIRE((waitpid(child, &status, 0) == child && status == 0 && size > 0));
        bytes.resize(std::size_t(size));
        all.merge(l1_accumulator<float>::from_bytes(bytes));
    }
    CHECK(same(all, l1_loss<reduction::sum>(x, y), l1_loss(x, y), x.size()));
}
#endif
