// Tests that nothing is read or written outside the arguments, and that nothing is allocated.
#include <algorithm>
#include <cstdlib>
#include <new>
#include <span>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/archs.hpp"
#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/guarded.hpp"
#include "support/inputs.hpp"
#include "support/strided_view.hpp"

using l1loss::l1_loss;
using l1loss::l1_loss_columns;
using l1loss::l1_loss_rows;
using l1loss::reduction;
using test::bits;

#if defined(__SANITIZE_ADDRESS__) // the sanitizer keeps its own operators
#define L1LOSS_TEST_ALLOCATIONS 0
#elif defined(__has_feature)
#define L1LOSS_TEST_ALLOCATIONS !__has_feature(address_sanitizer)
#else
#define L1LOSS_TEST_ALLOCATIONS 1
#endif

#if L1LOSS_TEST_ALLOCATIONS && L1LOSS_TEST_LOGIC

namespace {
std::size_t allocations = 0; // of this program so far
}

[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* p = std::malloc(size == 0 ? 1 : size)) return p;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

#endif

TEMPLATE_TEST_CASE("Nothing outside input, target and output is touched", "[memory]", float, double) {
    constexpr std::size_t longest = 600, longer[] = {1000, 1024, 1537, 2049, 5000};
    test::guarded<TestType> const input(5000), target(5000), output(5000);
    auto const data = test::make_pair<TestType>(test::distribution::wide, 5000);
    std::vector<TestType> const &x = data.first, &y = data.second; // clang 14 cannot capture structured bindings
    auto const check = [&](TestType* a, TestType* b, TestType* out, std::size_t n) {
        std::copy_n(x.begin(), n, a);
        std::copy_n(y.begin(), n, b);
        TestType const sum = l1_loss<reduction::sum>(x.data(), y.data(), n);
        bool same = bits(l1_loss<reduction::sum>(a, b, n)) == bits(sum);
        test::for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            same = same && bits(l1_loss<reduction::sum, void, Arch>(a, b, n)) == bits(sum);
            std::fill_n(out, n, TestType(-1));
            l1_loss<reduction::none, void, Arch>(a, b, n, out);
            for (std::size_t i = 0; i < n; ++i) same = same && out[i] == std::abs(x[i] - y[i]);
        });
        if (!same) FAIL("n = " << n);
    };
    auto const check_both_ends = [&](std::size_t n) {
        check(input.at_end(n), target.at_end(n), output.at_end(n), n);
        check(input.at_begin(), target.at_begin(), output.at_begin(), n);
        check(input.at_begin(), target.at_end(n), output.at_begin(), n);
    };
    for (std::size_t n = 0; n <= longest; ++n) check_both_ends(n);
    for (std::size_t n : longer) check_both_ends(n);
}

TEST_CASE("Weights, masks and gradients are touched within bounds too", "[memory]") {
    test::guarded<float> const input(600), target(600), weights(600), gradient(600), other(600);
    test::guarded<unsigned char> const mask(600);
    auto const data = test::make_pair<float>(test::distribution::wide, 600);
    auto const check = [&](float* x, float* y, float* w, unsigned char* m, float* g, float* h, std::size_t n) {
        std::copy_n(data.first.begin(), n, x);
        std::copy_n(data.second.begin(), n, y);
        std::fill_n(w, n, 1.0f);
        std::fill_n(m, n, static_cast<unsigned char>(1));
        using namespace l1loss;
        bool same = true;
        test::for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            std::fill_n(g, n, -7.0f);
            std::fill_n(h, n, -7.0f);
            float const loss =
                l1_loss_with_gradient<reduction::mean, void, Arch>(x, y, g, n, l1loss::weights(w), where(m), grad_target(h));
            same = same && bits(loss) == bits(l1_loss(x, y, n));
            for (std::size_t i = 0; i < n; ++i) same = same && std::abs(g[i]) == 1 / float(n) && h[i] == -g[i];
            std::size_t counted = 0;
            float const masked = l1_loss<reduction::mean, void, Arch>(x, y, n, where(m), count(counted));
            same = same && bits(masked) == bits(l1_loss(x, y, n)) && counted == n;
            l1_loss_backward<reduction::none, void, Arch>(x, y, g, n, grad_output(w), skip_nan);
            for (std::size_t i = 0; i < n; ++i) same = same && std::abs(g[i]) == 1;
        });
        if (!same) FAIL("n = " << n);
    };
    for (std::size_t n = 1; n <= 600; n += n < 150 ? 1 : 7) {
        check(input.at_end(n), target.at_end(n), weights.at_end(n), mask.at_end(n), gradient.at_end(n), other.at_end(n), n);
        check(input.at_begin(), target.at_begin(), weights.at_begin(), mask.at_begin(), gradient.at_begin(), other.at_begin(), n);
    }
}

TEST_CASE("Chunks of an accumulator and the arrays of a threshold are touched within bounds too", "[memory]") {
    test::guarded<float> const input(600), target(600), weights(600);
    test::guarded<unsigned char> const mask(600);
    auto const data = test::make_pair<float>(test::distribution::wide, 600);
    auto const check = [&](float* x, float* y, float* w, unsigned char* m, std::size_t n) {
        std::copy_n(data.first.begin(), n, x);
        std::copy_n(data.second.begin(), n, y);
        std::fill_n(w, n, 1.0f);
        std::fill_n(m, n, static_cast<unsigned char>(1));
        float const sum = l1_loss<reduction::sum>(data.first.data(), data.second.data(), n);
        bool same = true;
        test::for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            l1loss::l1_accumulator<float> plain, weighted;
            plain.template update<Arch>(x, y, n);
            weighted.template update<Arch>(x, y, n, l1loss::weights(w), l1loss::where(m));
            same = same && bits(plain.template sum<Arch>()) == bits(sum) && bits(weighted.template sum<Arch>()) == bits(sum);
            same = same && l1loss::l1_exceeds<reduction::sum, void, Arch>(x, y, -1, n, l1loss::where(m));
            same = same && !l1loss::l1_exceeds<reduction::sum, void, Arch>(x, y, sum, n);
        });
        if (!same) FAIL("n = " << n);
    };
    for (std::size_t n = 1; n <= 600; n += n < 150 ? 1 : 7) {
        check(input.at_end(n), target.at_end(n), weights.at_end(n), mask.at_end(n), n);
        check(input.at_begin(), target.at_begin(), weights.at_begin(), mask.at_begin(), n);
    }
}

TEST_CASE("Rows, columns and views are touched within bounds too", "[memory]") {
    test::guarded<float> const input(2000), target(2000), losses(100);
    auto const data = test::make_pair<float>(test::distribution::wide, 2000);
    for (std::size_t const columns : std::initializer_list<std::size_t>{1, 5, 8, 15, 31, 64, 100}) {
        std::size_t const rows = columns == 1 ? 100 : 20, pitch = columns == 1 ? 3 : columns, n = (rows - 1) * pitch + columns;
        float *const x = input.at_end(n), *const y = target.at_end(rows * columns);
        std::copy_n(data.first.begin(), n, x);
        std::copy_n(data.second.begin(), rows * columns, y);
        test::strided_view<float const, 2> const view{x, {rows, columns}, {static_cast<std::ptrdiff_t>(pitch), 1}};
        std::vector<float> copy;
        for (std::size_t i = 0; i < rows * columns; ++i) copy.push_back(x[i / columns * pitch + i % columns]);
        CHECK(bits(l1_loss(view, std::span(y, rows * columns))) == bits(l1_loss(copy.data(), y, rows * columns)));
        l1_loss_rows(std::span(copy), std::span(y, rows * columns), rows, losses.at_end(rows));
        CHECK(bits(losses.at_end(rows)[rows - 1]) ==
              bits(l1_loss(copy.data() + (rows - 1) * columns, y + (rows - 1) * columns, columns)));
        l1_loss_columns(view, std::span(y, rows * columns), losses.at_end(columns));
        l1_loss_columns(std::span(x, n / columns * columns), std::span(x, n / columns * columns), n / columns, losses.at_begin());
        CHECK(losses.at_begin()[0] == 0);
    }
}

TEST_CASE("Rows and columns with options are touched within bounds too", "[memory]") {
    using namespace l1loss;
    constexpr std::size_t rows = 3, longest = rows * 200;
    test::guarded<float> const input(longest), target(longest), all_weights(longest), losses(200);
    test::guarded<unsigned char> const masks(longest);
    test::guarded<std::size_t> const numbers(200);
    auto const data = test::make_pair<float>(test::distribution::wide, longest);
    auto const check = [&](float* x, float* y, float* w, unsigned char* m, float* out, std::size_t* counts, std::size_t columns,
                           bool by_column) {
        std::size_t const n = rows * columns, number = by_column ? columns : rows, of_each = n / number;
        std::copy_n(data.first.begin(), n, x);
        std::copy_n(data.second.begin(), n, y);
        std::fill_n(w, n, 1.0f);
        std::fill_n(m, n, static_cast<unsigned char>(1));
        std::span<float const> const input_of_all(x, n), target_of_all(y, n), weights_of_all(w, n);
        std::span<unsigned char const> const chosen(m, n);
        std::span<float> const output(out, number);
        std::span<std::size_t> const counted(counts, number);
        bool same = true;
        test::for_each_arch([&](auto arch) {
            using Arch = decltype(arch);
            for (bool const is_weighted : {true, false}) {
                std::fill_n(out, number, -1.0f);
                std::fill_n(counts, number, std::size_t(7));
                auto const call = [&](auto... options) {
                    if (by_column)
                        l1_loss_columns<reduction::sum, void, Arch>(input_of_all, target_of_all, rows, output, count(counted),
                                                                    options...);
                    else
                        l1_loss_rows<reduction::sum, void, Arch>(input_of_all, target_of_all, rows, output, count(counted),
                                                                 options...);
                };
                if (is_weighted) call(l1loss::weights(weights_of_all), where(chosen));
                else call(where(chosen), skip_nan);
                for (std::size_t k : {std::size_t(0), number - 1}) {
                    std::vector<float> a, b;
                    for (std::size_t i = 0; i < of_each; ++i)
                        a.push_back(x[by_column ? i * columns + k : k * columns + i]),
                            b.push_back(y[by_column ? i * columns + k : k * columns + i]);
                    same = same && bits(out[k]) == bits(l1_loss<reduction::sum>(a, b)) && counts[k] == of_each;
                }
            }
        });
        if (!same) FAIL(rows << " x " << columns << (by_column ? " by columns" : " by rows"));
    };
    for (std::size_t columns = 1; columns <= 200; columns += columns < 40 ? 1 : 13)
        for (bool const by_column : {false, true}) {
            std::size_t const n = rows * columns, number = by_column ? columns : rows;
            check(input.at_end(n), target.at_end(n), all_weights.at_end(n), masks.at_end(n), losses.at_end(number),
                  numbers.at_end(number), columns, by_column);
            check(input.at_begin(), target.at_begin(), all_weights.at_begin(), masks.at_begin(), losses.at_begin(),
                  numbers.at_begin(), columns, by_column);
        }
}

TEST_CASE("Views with gaps are touched within bounds too", "[memory]") {
    test::guarded<float> const input(6000), target(6000);
    test::guarded<unsigned char> const bytes(6000);
    auto const data = test::make_pair<float>(test::distribution::wide, 6000);
    for (std::size_t const columns : std::initializer_list<std::size_t>{7, 63, 64, 65, 100, 131, 520}) {
        std::size_t const rows = 9, pitch = columns + 3, n = (rows - 1) * pitch + columns;
        auto const check = [&](float* x, float* y, unsigned char* m) {
            std::copy_n(data.first.begin(), n, x);
            std::copy_n(data.second.begin(), n, y);
            for (std::size_t i = 0; i < n; ++i) m[i] = test::split_mix(13, i) % 2 == 0;
            for (bool const backwards : {false, true}) { // backwards begins with the last row
                std::ptrdiff_t const step = backwards ? -static_cast<std::ptrdiff_t>(pitch) : static_cast<std::ptrdiff_t>(pitch);
                std::size_t const first = backwards ? (rows - 1) * pitch : 0;
                std::vector<float> a, b;
                std::vector<unsigned char> mask;
                for (std::size_t r = 0; r < rows; ++r) {
                    std::size_t const at = backwards ? (rows - 1 - r) * pitch : r * pitch;
                    a.insert(a.end(), x + at, x + at + columns);
                    b.insert(b.end(), y + at, y + at + columns);
                    mask.insert(mask.end(), m + at, m + at + columns);
                }
                test::strided_view<float const, 2> const v{x + first, {rows, columns}, {step, 1}},
                    w{y + first, {rows, columns}, {step, 1}};
                INFO(rows << " x " << columns << (backwards ? " backwards" : ""));
                test::strided_view<unsigned char const, 2> const chosen{m + first, {rows, columns}, {step, 1}};
                CHECK(bits(l1_loss(v, w, l1loss::where(chosen))) == bits(l1_loss(a, b, l1loss::where(mask))));
                CHECK(bits(l1_loss(v, w)) == bits(l1_loss(a, b)));
                CHECK(bits(l1_loss(v, w, l1loss::weights(v))) == bits(l1_loss(a, b, l1loss::weights(a))));
                CHECK(bits(l1_loss<reduction::sum, double>(v, w)) == bits(l1_loss<reduction::sum, double>(a, b)));
            }
        };
        check(input.at_end(n), target.at_end(n), bytes.at_end(n));
        check(input.at_begin(), target.at_begin(), bytes.at_begin());
    }
}

TEST_CASE("Float data summed in double are read within bounds too", "[memory]") {
    test::guarded<float> const input(600), target(600);
    for (std::size_t n = 0; n <= 600; ++n) {
        std::fill_n(input.at_end(n), n, 1.5f);
        std::fill_n(target.at_end(n), n, 1.0f);
        if (l1_loss<reduction::sum, double>(input.at_end(n), target.at_end(n), n) != 0.5 * double(n)) FAIL("n = " << n);
    }
}

#if L1LOSS_TEST_ALLOCATIONS && L1LOSS_TEST_LOGIC // what allocates does not depend on inlining

TEST_CASE("Nothing is allocated", "[memory]") {
    auto const [x, y] = test::make_pair<float>(test::distribution::uniform, 100000);
    std::vector<float> out(x.size());
    l1loss::tensor<float, 3, 5> const a{1, 2, 3}, b{};

    std::size_t const before = allocations;
    float sink = l1_loss(x, y) + l1_loss<reduction::sum>(x, y) + l1_loss(x, y, reduction::sum) + l1_loss(a, b);
    sink += static_cast<float>(l1_loss<reduction::mean, double>(x, y));
    for (std::size_t n = 1; n < 1100; ++n) sink += l1_loss(x.data(), y.data(), n);
    sink += l1loss::l1_loss_with_gradient(x, y, out, l1loss::weights(x), l1loss::skip_nan);
    l1loss::l1_loss_backward(x, y, out);
    test::strided_view<float const, 2> const transposed{x.data(), {1000, 100}, {1, 1000}}, packed{y.data(), {1000, 100}, {100, 1}};
    sink += l1_loss(transposed, packed) + l1_loss(transposed, l1loss::broadcast(std::span(y).first(100)));
    l1loss::l1_loss_rows(transposed, packed, std::span(out).first(1000));
    l1loss::l1_loss_columns(transposed, packed, std::span(out).first(100));
    l1_loss<reduction::none>(x, y, out);
    sink += l1_loss<reduction::none>(a, b).elements[0];
    std::size_t const after = allocations;

    ::operator delete(::operator new(1)); // shows that allocations are counted
    std::size_t const counted = allocations;
    CHECK(counted == after + 1);
    CHECK(after == before);
    CHECK(sink > 0);
}

#endif
