// Tests exact sums of integers in views, rows, columns, threads and parts.
//
// Every expected value is computed in std::int64_t, or is scikit-learn's.
#include <algorithm>
#include <array>
#include <bit>
#include <fstream>
#include <limits>
#include <span>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/executors.hpp"
#include "support/inputs.hpp"
#include "support/integers.hpp"

using namespace l1loss;
using namespace test;
using std::int16_t, std::int8_t, std::size_t, std::uint16_t, std::uint64_t, std::uint8_t;
using test::bits;

TEST_CASE("Views of integers have the sums of their copies", "[exact_variants]") {
    constexpr int rows = 9, columns = 70, n = rows * columns;
    auto const x = random_integers<int16_t>(13, n), y = random_integers<int16_t>(14, n);
    std::vector<unsigned char> mask;
    for (size_t i = 0; i < size_t(n); ++i) mask.push_back(split_mix(15, i) % 2 != 0);
    struct {
        char const* name;
        int rows, row_step, columns, column_step, first;
    } const views[] = {
        {"dense", rows, columns, columns, 1, 0},          {"backwards", rows, -columns, columns, -1, n - 1},
        {"transposed", columns, 1, rows, columns, 0},     {"every second", rows, columns, columns / 2, 2, 1},
        {"one row repeated", rows, 0, columns, 1, 70},    {"one column repeated", rows, columns, columns, 0, 5},
        {"one element repeated", rows, 0, columns, 0, 3}, {"up, every third", rows, -columns, 23, 3, (rows - 1) * columns},
        {"rows of one", rows, columns, 1, 1, 7},          {"rows of three", rows, columns, 3, 1, 1},
        {"rows of seven", rows, -columns, 7, 1, n - 7},   {"rows of twelve", rows, columns, 12, 1, 58},
    };
    for (auto const& v : views) {
        INFO(v.name);
        auto const view_of = [&](auto const& m) {
            return strided(m.data() + v.first, {{v.rows, v.row_step}, {v.columns, v.column_step}});
        };
        std::vector<int16_t> a, b;
        std::vector<unsigned char> chosen;
        uint64_t sum = 0, chosen_sum = 0;
        size_t number = 0, count = 0;
        for (int i = 0; i < v.rows * v.columns; ++i) {
            auto const at = size_t(v.first + i / v.columns * v.row_step + i % v.columns * v.column_step);
            a.push_back(x[at]);
            b.push_back(y[size_t(i)]);
            sum += difference(a.back(), b.back());
            if (mask[at] != 0) chosen_sum += difference(a.back(), b.back()), ++number;
        }
        auto const target = strided(y.data(), {{v.rows, v.columns}, {v.columns, 1}});
        CHECK(l1_loss<reduction::sum, uint64_t>(view_of(x), target) == sum);
        CHECK(l1_loss<reduction::sum, uint64_t>(target, view_of(x)) == sum);
        CHECK(bits(l1_loss(view_of(x), target)) == bits(mean_of<float>(sum, a.size())));
        CHECK(l1_loss<reduction::sum, uint64_t>(view_of(x), target, where(view_of(mask)), l1loss::count(count)) == chosen_sum);
        CHECK(count == number);
        std::vector<uint16_t> none(a.size());
        l1_loss<reduction::none>(view_of(x), target, none);
        for (size_t i = 0; i < a.size(); ++i)
            if (none[i] != difference(a[i], b[i])) FAIL(i);
    }
    auto const matrix = strided(x.data(), {{rows, columns}, {columns, 1}});
    uint64_t of_row = 0, of_number = 0;
    for (size_t i = 0; i < size_t(n); ++i) of_row += difference(x[i], y[i % columns]), of_number += difference(x[i], y[0]);
    CHECK(l1_loss<reduction::sum, uint64_t>(matrix, broadcast(std::span(y).first(columns))) == of_row);
    CHECK(l1_loss<reduction::sum, uint64_t>(broadcast(std::span(y).first(1)), matrix) == of_number);
}

TEST_CASE("Rows and columns of integers are exact", "[exact_variants]") {
    auto const check = [](auto const& x, auto const& y, size_t rows) {
        size_t const columns = x.size() / rows;
        std::vector<unsigned char> mask;
        for (size_t i = 0; i < x.size(); ++i) mask.push_back(split_mix(16, i) % 4 != 0);
        std::vector<uint64_t> row_sum(rows), column_sum(columns), chosen_row(rows), chosen_column(columns), sum_rows(rows),
            sum_columns(columns);
        std::vector<size_t> row_count(rows), column_count(columns), count_rows(rows), count_columns(columns);
        for (size_t i = 0; i < x.size(); ++i) {
            uint64_t const d = difference(x[i], y[i]);
            row_sum[i / columns] += d, column_sum[i % columns] += d;
            if (mask[i] == 0) continue;
            chosen_row[i / columns] += d, chosen_column[i % columns] += d, ++row_count[i / columns], ++column_count[i % columns];
        }
        INFO(rows << " x " << columns);
        l1_loss_rows<reduction::sum, uint64_t>(x, y, rows, sum_rows);
        l1_loss_columns<reduction::sum, uint64_t>(x, y, rows, sum_columns);
        CHECK(sum_rows == row_sum);
        CHECK(sum_columns == column_sum);
        std::vector<float> mean_rows(rows), mean_columns(columns);
        l1_loss_rows(x, y, rows, mean_rows, where(mask), l1loss::count(count_rows));
        l1_loss_columns(x, y, rows, mean_columns, where(mask), l1loss::count(count_columns));
        CHECK(count_rows == row_count);
        CHECK(count_columns == column_count);
        for (size_t r = 0; r < rows; ++r) CHECK(bits(mean_rows[r]) == bits(mean_of<float>(chosen_row[r], row_count[r])));
        for (size_t c = 0; c < columns; ++c)
            CHECK(bits(mean_columns[c]) == bits(mean_of<float>(chosen_column[c], column_count[c])));
        auto const transposed = [&](auto const& m) { return strided(m.data(), {{columns, 1}, {rows, columns}}); };
        l1_loss_rows<reduction::sum, uint64_t>(transposed(x), transposed(y), sum_columns);
        l1_loss_columns<reduction::sum, uint64_t>(transposed(x), transposed(y), sum_rows);
        CHECK(sum_rows == row_sum);
        CHECK(sum_columns == column_sum);
    };
    auto const x = random_integers<uint8_t>(17, 2310), y = random_integers<uint8_t>(18, 2310);
    for (size_t const rows : {1u, 2u, 33u, 770u}) check(x, y, rows);
}

TEST_CASE("The extremes of integers do not overflow the sums of columns", "[exact_variants]") {
    auto const check = [](auto low, auto high, size_t rows, size_t columns) {
        INFO(rows << " x " << columns << " of " << +low << " and " << +high);
        std::vector const x(rows * columns, low);
        std::vector const y(rows * columns, high);
        uint64_t const sum = rows * difference(low, high);
        std::vector<uint64_t> sums(columns), reversed(columns);
        l1_loss_columns<reduction::sum, uint64_t>(x, y, rows, sums);
        l1_loss_columns<reduction::sum, uint64_t>(y, x, rows, reversed);
        CHECK(sums == std::vector<uint64_t>(columns, sum));
        CHECK(reversed == sums);
    };
    constexpr int16_t lowest = -32768, highest = 32767;
    constexpr uint16_t most = 65535;
    check(uint8_t{0}, uint8_t{255}, 1500, 70);
    check(int8_t{-128}, int8_t{127}, 1500, 1);
    check(uint8_t{255}, int8_t{-128}, 1500, 9);
    check(lowest, highest, 140000, 1);
    check(lowest, most, 140000, 3);
    check(int8_t{-128}, most, 140000, 2);
    check(uint16_t{0}, uint8_t{255}, 1500, 33);
    check(lowest, uint8_t{255}, 1500, 2);
}

TEMPLATE_TEST_CASE("Means of integers are those of scikit-learn", "[exact_variants]", uint8_t, int8_t, uint16_t, int16_t) {
    std::string const name = std::string(std::is_signed_v<TestType> ? "int" : "uint") + (sizeof(TestType) == 1 ? "8" : "16");
    std::ifstream file(L1LOSS_GOLDEN_SKLEARN);
    size_t cases = 0, rows, columns;
    for (std::string line, type, key; std::getline(file, line);) {
        std::istringstream words(line);
        words >> type;
        if (type != name) continue;
        words >> rows >> columns >> key >> std::hex;
        INFO(line);
        std::vector<double> expected;
        for (uint64_t word; words >> word;) expected.push_back(std::bit_cast<double>(word));
        auto x = random_integers<TestType>(30, rows * columns), y = random_integers<TestType>(31, rows * columns);
        x[0] = y.back() = (std::numeric_limits<TestType>::min)();
        y[0] = x.back() = (std::numeric_limits<TestType>::max)();
        std::vector<double> w, ours(key.ends_with("columns") ? columns : 1);
        for (size_t i = 0; i < x.size(); ++i) w.push_back(0.25 + double(split_mix(32, i) % 31) / 4);
        std::vector<float> in_float(ours.size());
        if (key == "mean") ours[0] = l1_loss<reduction::mean, double>(x, y), in_float[0] = l1_loss(x, y);
        else if (key == "columns")
            l1_loss_columns<reduction::mean, double>(x, y, rows, ours), l1_loss_columns(x, y, rows, in_float);
        else if (key == "weighted") ours[0] = l1_loss<reduction::mean, double>(x, y, weights(w));
        else l1_loss_columns(x, y, rows, ours, weights(broadcast(strided(w.data(), {{rows, 1}, {1, 1}}))));
        CHECK(ours == expected); // no rounding but that of the quotient, so scikit-learn's order does not matter
        if (!key.starts_with("weighted")) CHECK(in_float == std::vector<float>(expected.begin(), expected.end()));
        ++cases;
    }
    CHECK(cases == 16);
}

TEST_CASE("Threads give the exact sums of integers", "[exact_variants]") {
    constexpr size_t n = (size_t{1} << 19) + 77, rows = 3; // fewer stay on one thread
    auto const x = random_integers<int8_t>(19, n), y = random_integers<int8_t>(20, n);
    std::vector<unsigned char> mask(n);
    for (size_t i = 0; i < n; ++i) mask[i] = split_mix(21, i) % 4 != 0;
    uint64_t chosen = 0;
    size_t number = 0;
    for (size_t i = 0; i < n; ++i)
        if (mask[i] != 0) chosen += difference(x[i], y[i]), ++number;
    uint64_t const sum = sum_of(x, y);
    std::vector<uint64_t> sums(rows), expected(rows);
    constexpr size_t columns = n / rows;
    for (size_t r = 0; r < rows; ++r) expected[r] = sum_of(part_of(x, r * columns, columns), part_of(y, r * columns, columns));
    for_each_executor([&](executor const& run, char const* name) {
        INFO(name);
        CHECK(l1_loss<reduction::sum, uint64_t>(run, x, y) == sum);
        CHECK(bits(l1_loss(run, x, y)) == bits(mean_of<float>(sum, n)));
        size_t count = 0;
        CHECK(bits(l1_loss(run, x, y, where(mask), l1loss::count(count))) == bits(mean_of<float>(chosen, number)));
        CHECK(count == number);
        l1_loss_rows<reduction::sum, uint64_t>(run, std::span(x).first(rows * columns), std::span(y).first(rows * columns), rows,
                                               sums);
        CHECK(sums == expected);
        std::vector<uint8_t> none(n);
        l1_loss<reduction::none>(run, x, y, none);
        for (size_t i = 0; i < n; ++i)
            if (none[i] != difference(x[i], y[i])) FAIL(i);
    });
}

TEST_CASE("Parts of integers are merged in any order", "[exact_variants]") {
    auto const x = random_integers<uint16_t>(22, 1000), y = random_integers<uint16_t>(23, 1000);
    uint64_t const sum = sum_of(x, y);
    std::vector<l1_accumulator<uint64_t>> parts;
    for (size_t first = 0, step = 1; first < 1000; first += step, step = (std::min)(2 * step + 1, 1000 - first)) {
        parts.emplace_back().update(x.data() + first, y.data() + first, step);
        CHECK(parts.back().sum() == sum_of(part_of(x, first, step), part_of(y, first, step)));
    }
    CHECK(parts.size() > 8);
    for (unsigned order = 0; order < 3; ++order) {
        auto some = parts;
        if (order == 1) std::reverse(some.begin(), some.end());
        if (order == 2) std::rotate(some.begin(), some.begin() + 4, some.end());
        l1_accumulator<uint64_t> all;
        CHECK(bits(all.mean()) == bits(std::numeric_limits<float>::quiet_NaN()));
        for (auto const& part : some) all.merge(part);
        CHECK(all.sum() == sum);
        CHECK(all.count() == 1000);
        CHECK(bits(all.mean()) == bits(mean_of<float>(sum, 1000)));
        CHECK(bits(all.mean<double>()) == bits(mean_of<double>(sum, 1000)));
        all.reset();
        CHECK((all.sum() == 0 && all.count() == 0));
    }
    l1_accumulator<uint64_t> masked;
    std::array<bool, 2> const mask{false, true};
    masked.update(std::array<int8_t, 2>{-128, 127}, std::array<uint8_t, 2>{255, 255}, where(mask));
    masked.update(strided(x.data() + 9, {{10, -1}}), strided(x.data() + 9, {{10, -1}}));
    CHECK((masked.sum() == 128 && masked.count() == 11));
    static_assert(sizeof masked == 16 && std::is_trivially_copyable_v<l1_accumulator<uint64_t>>);
}
