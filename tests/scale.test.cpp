// Tests every function with more than 2^32 elements. The same 64 MiB of memory are mapped again and again, so few pages are needed.
//
// Sums are of small integers in double or in std::uint64_t, where every order of additions is exact.
#include <cmath>
#include <span>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include <l1loss/l1loss.hpp>
#include <l1loss/parallel.hpp>
#if L1LOSS_TEST_DISPATCH
#include <l1loss/dispatch.hpp>
#endif

#include "support/catch.hpp"
#include "support/strided_view.hpp"
#include "support/threads.hpp"

using namespace l1loss;
using std::size_t;

namespace {

constexpr size_t n = (size_t{1} << 32) + 4099, bytes_of_file = size_t{64} << 20;

/// n elements, which are those of one file again and again. Element i is value(i % number), where number fits the file.
template <class T> class repeated {
    size_t number_ = bytes_of_file / sizeof(T), bytes_ = (n * sizeof(T) / bytes_of_file + 1) * bytes_of_file;
    T* data_;

public:
    explicit repeated(T (*value)(size_t)) {
        int const file = memfd_create("l1loss", 0);
        REQUIRE((file >= 0 && ftruncate(file, off_t(bytes_of_file)) == 0));
        void* const base = mmap(nullptr, bytes_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        REQUIRE(base != MAP_FAILED);
        for (size_t at = 0; at < bytes_; at += bytes_of_file)
            REQUIRE(mmap(static_cast<char*>(base) + at, bytes_of_file, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) !=
                    MAP_FAILED);
        close(file);
        data_ = static_cast<T*>(base);
        for (size_t i = 0; i < number_; ++i) data_[i] = value(i);
    }
    ~repeated() { munmap(data_, bytes_); }
    repeated(repeated const&) = delete;
    T* data() const { return data_; }
    size_t size() const { return n; }

    /// Σ f(element i) over [first, last), in integers.
    template <class F> std::uint64_t sum(F f, size_t first = 0, size_t last = n) const {
        std::uint64_t of_file = 0, sum = 0;
        for (size_t i = 0; i < number_; ++i) of_file += std::uint64_t(f(data_[i]));
        size_t i = first;
        for (; i < last && i % number_ != 0; ++i) sum += std::uint64_t(f(data_[i]));
        for (; i + number_ <= last; i += number_) sum += of_file;
        for (; i < last; ++i) sum += std::uint64_t(f(data_[i]));
        return sum;
    }
};

template <class T> T values(size_t i) { return T(i % 7); }
template <class T> T sevens(size_t) { return T(7); }
unsigned char mask_bytes(size_t i) { return i % 3 == 0 ? 0 : 1; }

// |x - 7| is 7 - x.
template <class T> std::uint64_t difference(T x) { return std::uint64_t(7 - int(x)); }

} // namespace

TEST_CASE("Losses of more than 2^32 elements", "[scale]") {
    repeated<float> const x(values), y(sevens), w(values);
    auto const sum = double(x.sum(difference<float>));
    auto const in_double = [&](auto const&... options) {
        return l1_loss<reduction::sum, double>(x.data(), y.data(), n, options...);
    };
    CHECK(in_double() == sum);
    CHECK(l1_loss<reduction::mean, double>(x, y) == sum / double(n));
    CHECK(std::abs(l1_loss(x, y) - sum / double(n)) < 1e-5);
    CHECK(in_double(weights(w)) == double(x.sum([](float v) { return difference(v) * std::uint64_t(v); })));
    size_t counted = 0;
    CHECK(in_double(skip_nan, count(counted)) == sum);
    CHECK(counted == n);
    test::threads const pool(2);
    CHECK(l1_loss<reduction::sum, double>(pool, x, y) == sum);
    CHECK(l1_exceeds<reduction::sum, double>(x, y, sum) == false);
    CHECK(l1_exceeds<reduction::sum, double>(x, y, sum - 1));
    test::strided_view<float const, 2> const v{x.data(), {2, n / 2}, {std::ptrdiff_t(n / 2), 1}},
        of_one{y.data(), {2, n / 2}, {0, 0}};
    CHECK(l1_loss<reduction::sum, double>(v, of_one) == double(x.sum(difference<float>, 0, n / 2 * 2)));
    l1_accumulator<double> first, second(n / 3);
    first.update(x.data(), y.data(), n / 3);
    second.update(x.data() + n / 3, y.data() + n / 3, n - n / 3);
    first.merge(second);
    CHECK((first.sum() == sum && first.count() == n && first.last_index() == n));
    std::vector<std::byte> bytes(first.max_bytes);
    bytes.resize(first.to_bytes(bytes));
    CHECK(l1_accumulator<double>::from_bytes(bytes).sum() == sum);
}

TEST_CASE("Masks of more than 2^32 elements", "[scale]") {
    repeated<float> const x(sevens), y([](size_t) { return 5.f; });
    repeated<unsigned char> const mask(mask_bytes);
    size_t counted = 0, expected = mask.sum([](unsigned char byte) { return byte; });
    CHECK(l1_loss<reduction::sum, double>(x, y, where(mask), count(counted)) == double(2 * expected));
    CHECK(counted == expected);
    CHECK(l1_loss<reduction::mean, double>(x, y, where(mask)) == 2);
    CHECK(l1_exceeds<reduction::mean, double>(x, y, 2, where(mask)) == false);
}

TEST_CASE("Outputs of more than 2^32 elements", "[scale]") {
    repeated<float> const x(values), y(sevens), out([](size_t) { return -1.f; });
    auto const written = [&](float expected) { return out.data()[0] == expected && out.data()[n - 1] == expected; };
    l1_loss<reduction::none>(y, x, out);
    for (size_t i = n - 100; i < n; ++i) CHECK(out.data()[i] == 7 - x.data()[i]);
    l1_loss_backward<reduction::sum>(x, y, out);
    CHECK(written(-1));
    CHECK(l1_loss_with_gradient(x, y, out, reduction::sum) > 0);
    CHECK(written(-1));
    l1_loss_backward(y, x, out);
    CHECK(written(float(1 / double(n))));
}

TEST_CASE("Rows and columns of more than 2^32 elements", "[scale]") {
    repeated<float> const x(values), y(sevens);
    size_t const columns = (size_t{1} << 31) + 100;
    std::vector<double> losses(2);
    l1_loss_rows<reduction::sum, double>(std::span(x.data(), 2 * columns), std::span(y.data(), 2 * columns), 2, losses);
    for (size_t r = 0; r < 2; ++r) CHECK(losses[r] == double(x.sum(difference<float>, r * columns, (r + 1) * columns)));
    std::vector<double> of_columns(7);
    size_t const rows = n / 7;
    l1_loss_columns<reduction::sum, double>(std::span(x.data(), 7 * rows), std::span(y.data(), 7 * rows), rows, of_columns);
    double all = 0;
    for (double const loss : of_columns) all += loss;
    CHECK(all == double(x.sum(difference<float>, 0, 7 * rows)));
}

TEST_CASE("More elements of a column count than 32 bits hold", "[scale]") {
    float const one = 3, other = 1;
    float mean = 0;
    size_t counted = 0;
    test::strided_view<float const, 2> const input{&one, {n, 1}, {0, 1}}, target{&other, {n, 1}, {0, 1}};
    l1_loss_columns(input, target, std::span(&mean, 1), skip_nan, count(std::span(&counted, 1)));
    CHECK(counted == n);
    CHECK(mean == 2);
}

TEMPLATE_TEST_CASE("Elements of one and two bytes, more than 2^32", "[scale]", std::uint8_t, std::int16_t, float16_t) {
    repeated<TestType> const x(values), y(sevens);
    auto const f = [](TestType v) { return difference(float(v)); };
    CHECK(l1_loss<reduction::mean, double>(x, y) == double(x.sum(f)) / double(n));
    if constexpr (std::integral<TestType>) {
        CHECK(l1_loss<reduction::sum, std::uint64_t>(x, y) == x.sum(f));
        l1_accumulator<std::uint64_t> loss;
        loss.update(x, y);
        CHECK((loss.sum() == x.sum(f) && loss.count() == n));
    }
}

#if L1LOSS_TEST_DISPATCH
TEST_CASE("The compiled library with more than 2^32 elements", "[scale]") {
    repeated<float> const x(values), y(sevens), out(sevens);
    repeated<unsigned char> const mask(mask_bytes);
    double const mean = double(x.sum(difference<float>)) / double(n);
    CHECK(l1loss_mean_f32(x.data(), y.data(), n) == l1_loss(x, y));
    CHECK(std::abs(l1loss_mean_f32(x.data(), y.data(), n) - mean) < 1e-5);
    size_t counted = 0;
    CHECK(l1loss_weighted_mean_f32(x.data(), y.data(), nullptr, mask.data(), n, &counted) == l1_loss(x, y, where(mask)));
    CHECK(counted == mask.sum([](unsigned char byte) { return byte; }));
    CHECK(l1loss_mean_exceeds_f32(x.data(), y.data(), n, 3.9f) != 0);
    CHECK(l1loss_mean_exceeds_f32(x.data(), y.data(), n, 4.1f) == 0);
    CHECK(l1loss_none_f32(y.data(), x.data(), n, out.data()) == L1LOSS_OK);
    CHECK(l1loss_backward_f32(x.data(), y.data(), n, L1LOSS_SUM, 2, out.data()) == L1LOSS_OK);
    CHECK((out.data()[0] == -2 && out.data()[n - 1] == -2));
    repeated<std::uint8_t> const a(values), b(sevens);
    CHECK(l1loss_sum_u8(a.data(), b.data(), n) == a.sum(difference<std::uint8_t>));
    float losses[2];
    CHECK(l1loss_rows_f32(x.data(), y.data(), 2, n / 2, L1LOSS_MEAN, losses) == L1LOSS_OK);
    CHECK(losses[1] == l1_loss(x.data() + n / 2, y.data() + n / 2, n / 2));
}
#endif
