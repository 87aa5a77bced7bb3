// Tests l1_loss as its users meet it: every kind of argument, special values, errors.
#include <array>
#include <cmath>
#include <cstdint>
#include <deque>
#include <limits>
#include <list>
#include <span>
#include <string>
#include <vector>

#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/message.hpp"

using l1loss::l1_loss;
using l1loss::reduction;
using l1loss::tensor;
using test::bits;

namespace {

// Random numbers of torch.manual_seed(42), rounded to four digits. Their mean in PyTorch 1.13.1 is 0.8502200245857239.
constexpr tensor<float, 3, 5> input{0.3367f, 0.1288f, 0.2345f, 0.2303f, -1.1229f, -0.1863f, 2.2082f, -0.6380f,
                                    0.4617f, 0.2674f, 0.5349f, 0.8094f, 1.1103f,  -1.6898f, -0.9890f};
constexpr tensor<float, 3, 5> target{0.9580f, 1.3221f, 0.8172f, -0.7658f, -0.7506f, 1.3525f,  0.6863f, -0.3278f,
                                     0.7950f, 0.2815f, 0.0562f, 0.5227f,  -0.2384f, -0.0499f, 0.5263f};

constexpr bool close(float a, float b, reduction r) {
    float const bound = l1loss::relative_error_bound<float>(15, r);
    return a - b <= bound * b && b - a <= bound * b;
}

static_assert(close(l1_loss(input, target), 0.8502200245857239f, reduction::mean));
static_assert(l1_loss(input, target) == 0.8502199649810791f); // the bits of the canonical order
static_assert(l1_loss<reduction::mean>(input, target) == l1_loss(input, target, reduction::mean));
static_assert(l1_loss<reduction::sum>(input, target) == l1_loss(input, target, reduction::sum));
static_assert(close(l1_loss<reduction::sum>(input, target), 15 * 0.8502200245857239f, reduction::mean));
static_assert(l1_loss<reduction::none>(input, target)(0, 1) == 1.3221f - 0.1288f);
static_assert(std::is_same_v<decltype(l1_loss<reduction::none>(input, target)), tensor<float, 3, 5>>);

constexpr std::array<float, 3> two_three_four{2, 3, 4};
constexpr float one_two_three[] = {1, 2, 3};
static_assert(l1_loss(two_three_four, one_two_three) == 1);
static_assert(l1_loss<reduction::sum>(two_three_four, one_two_three) == 3);
static_assert(l1_loss<reduction::none>(two_three_four, one_two_three) == std::array<float, 3>{1, 1, 1});
static_assert(l1_loss(std::span(two_three_four), std::span(one_two_three)) == 1);
static_assert(l1_loss(two_three_four.data(), &one_two_three[0], 2) == 1); // pointers with a length
static_assert(l1_loss(std::span<float const>(two_three_four), tensor<float, 3>{1, 2, 3}) == 1);
static_assert(bits(l1_loss(tensor<float, 0>{}, tensor<float, 0>{})) == bits(std::numeric_limits<float>::quiet_NaN()));
static_assert(bits(l1_loss<reduction::sum>(tensor<float, 4, 0>{}, tensor<float, 4, 0>{})) == 0);
static_assert(bits(l1_loss<reduction::sum>(tensor<float, 2>{-0.f, 0}, tensor<float, 2>{0, -0.f})) == 0);
static_assert(l1_loss<reduction::none, double>(tensor<float, 1>{0.1f}, tensor<float, 1>{0.2f}) ==
              tensor<double, 1>{double(0.2f) - double(0.1f)});

static_assert(noexcept(l1_loss(input, target)) && noexcept(l1_loss<reduction::none>(input, target)));
static_assert(!noexcept(l1_loss(std::vector<float>{}, target)));

template <class... Arguments>
concept has_mean = requires(Arguments... arguments) { l1_loss(arguments...); };
template <class... Arguments>
concept has_none = requires(Arguments... arguments) { l1_loss<reduction::none>(arguments...); };
template <class Accumulator, class... Arguments>
concept has_mean_in = requires(Arguments... arguments) { l1_loss<reduction::mean, Accumulator>(arguments...); };
using floats = std::vector<float>;
using doubles = std::vector<double>;

// Shapes that differ do not compile. Equal sizes do, where at least one argument has a size and no shape.
static_assert(!has_mean<tensor<float, 15>, tensor<float, 16>> && !has_mean<tensor<float, 3, 5>, tensor<float, 5, 3>>);
static_assert(!has_mean<tensor<float, 15>, tensor<float, 3, 5>> && !has_mean<std::array<float, 14>, tensor<float, 3, 5>>);
static_assert(!has_mean<std::span<float, 15>, std::span<float const, 16>>);
static_assert(has_mean<std::array<float, 15>, tensor<float, 3, 5>> && has_mean<std::span<float, 15>, std::span<float const, 15>>);
static_assert(has_mean<floats, tensor<float, 3, 5>> && has_mean<floats, std::span<float const>>);
// These are refused: containers without contiguous elements, other element types, and missing or surplus arguments.
static_assert(!has_mean<std::list<float>, floats> && !has_mean<floats, std::deque<float>> && !has_mean<std::vector<bool>, floats>);
static_assert(!has_mean<std::vector<int>, std::vector<int>> && !has_mean<std::vector<long double>, std::vector<long double>>);
static_assert(!has_mean<floats> && !has_mean<float, float> && !has_mean<floats, floats, floats> && !has_mean<floats, floats, bool>);
static_assert(has_mean<float*, float const*, int> && has_mean<float*, float const*, std::size_t> && !has_mean<float*, float*>);
static_assert(!has_mean<floats, floats, int> && !has_mean<floats, floats, reduction, reduction>);
// For lengths known at run time, none needs an output of the accumulator type.
static_assert(has_none<floats, floats, floats> && !has_none<floats, floats> && !has_none<floats, floats, floats const>);
static_assert(!has_none<floats, floats, doubles> && has_none<floats, doubles, doubles> && !has_none<floats, doubles, floats>);
static_assert(has_none<float*, float*, int, float*> && has_none<float*, float*, float*, int> && !has_none<float*, float*, int>);
static_assert(has_none<floats, floats, std::span<float>> && has_none<floats, floats, std::span<float, 3> const>);
static_assert(!has_none<floats, floats, floats, reduction>);
static_assert(!has_none<tensor<float, 3, 5>, tensor<float, 3, 5>, tensor<float, 5, 3>>); // the shape of the output counts too
static_assert(!has_mean<float*, float*, char> && !has_mean<float volatile*, float*, int>);
// The accumulator is the wider type, or the type that is asked for if that is not narrower.
static_assert(std::is_same_v<decltype(l1_loss(floats{}, floats{})), float> &&
              std::is_same_v<decltype(l1_loss(floats{}, doubles{})), double>);
static_assert(has_mean_in<double, floats, floats> && !has_mean_in<float, doubles, floats> && !has_mean_in<int, floats, floats>);

/// An object with data() and size() and nothing else.
struct buffer {
    floats values;
    float const* data() const { return values.data(); }
    int size() const { return int(values.size()); }
};

/// An object that has strides but says too little to be a view.
struct padded {
    floats values;
    float const* data() const { return values.data(); }
    std::size_t size() const { return values.size(); }
    std::array<int, 2> strides() const { return {8, 1}; }
};
static_assert(!has_mean<padded, padded> && !has_mean<padded, floats>);

template <bool RowMajor> struct matrix_view { // the interface of an Eigen::Map with strides
    static constexpr bool IsRowMajor = RowMajor;
    float const* values;
    long rows_, cols_, inner_stride, outer_stride;
    float const* data() const { return values; }
    long size() const { return rows_ * cols_; }
    long rows() const { return rows_; }
    long cols() const { return cols_; }
    long innerSize() const { return RowMajor ? cols_ : rows_; }
    long outerSize() const { return RowMajor ? rows_ : cols_; }
    long innerStride() const { return inner_stride; }
    long outerStride() const { return outer_stride; }
};

} // namespace

TEST_CASE("Every kind of argument gives the same bits", "[loss]") {
    floats const x(input.begin(), input.end()), y(target.begin(), target.end());
    std::array<float, 15> array_x{}, array_y{};
    float c_x[15], c_y[15];
    for (std::size_t i = 0; i < 15; ++i) {
        array_x[i] = c_x[i] = x[i];
        array_y[i] = c_y[i] = y[i];
    }
    constexpr auto expected = bits(l1_loss(input, target));
    CHECK(bits(l1_loss(input, target)) == expected);
    CHECK(bits(l1_loss(x, y)) == expected);
    CHECK(bits(l1_loss(array_x, array_y)) == expected);
    CHECK(bits(l1_loss(c_x, c_y)) == expected);
    CHECK(bits(l1_loss(std::span<float const, 15>(x), std::span<float, 15>(array_y))) == expected);
    CHECK(bits(l1_loss(std::span(x), std::span(y))) == expected);
    CHECK(bits(l1_loss(x.data(), y.data(), 15)) == expected);
    CHECK(bits(l1_loss(buffer{x}, buffer{y})) == expected);
    CHECK(bits(l1_loss(input, y)) == expected);        // a fixed shape against a run-time length
    CHECK(bits(l1_loss(x, c_y)) == expected);          // and the reverse
    CHECK(bits(l1_loss(x, y.data(), 15)) == expected); // a range against a pointer
    CHECK(bits(l1_loss(x, y, reduction::mean)) == expected);
    CHECK(bits(l1_loss(x.data(), y.data(), 15, reduction::mean)) == expected);
    CHECK(bits(l1_loss<reduction::sum>(x, y)) == bits(l1_loss(x, y, reduction::sum)));
    CHECK(bits(l1_loss(floats(x), floats(y))) == expected); // temporaries
}

TEST_CASE("none gives each absolute difference", "[loss]") {
    constexpr auto expected = l1_loss<reduction::none>(input, target);
    floats const x(input.begin(), input.end()), y(target.begin(), target.end());
    CHECK(l1_loss<reduction::none>(input, target) == expected);

    floats out(15);
    l1_loss<reduction::none>(x, y, out);
    CHECK(out == floats(expected.begin(), expected.end()));
    tensor<float, 3, 5> fixed{};
    l1_loss<reduction::none>(input, target, fixed);
    CHECK(fixed == expected);
    fixed = {};
    l1_loss<reduction::none>(x.data(), y.data(), 15, fixed.data());
    CHECK(fixed == expected);
    fixed = {};
    l1_loss<reduction::none>(x, y, std::span(fixed));
    CHECK(fixed == expected);
    l1_loss<reduction::none>(floats{}, floats{}, std::span<float>{});

    for (std::size_t n = 0; n <= 300; ++n) {
        auto [a, b] = test::make_pair<double>(test::distribution::wide, n);
        doubles result(n);
        l1_loss<reduction::none>(a, b, result);
        for (std::size_t i = 0; i < n; ++i)
            if (result[i] != std::abs(a[i] - b[i])) FAIL("n = " << n << ", i = " << i);
    }
}

TEST_CASE("none may write over one of its inputs", "[loss]") {
    for (std::size_t n = 0; n <= 300; ++n) {
        auto const [x, y] = test::make_pair<float>(test::distribution::wide, n);
        floats expected(n), over_input = x, over_target = y;
        l1_loss<reduction::none>(x, y, expected);
        l1_loss<reduction::none>(over_input, y, over_input);
        l1_loss<reduction::none>(x, over_target, over_target);
        if (over_input != expected || over_target != expected) FAIL("n = " << n);
    }
}

TEST_CASE("none clears the sign of zero and passes NaN and infinities on", "[loss]") {
    float const inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    floats const x{0, -0.f, 0, inf, -inf, inf, nan, 1}, y{-0.f, -0.f, 0, 1, 1, inf, 1, nan};
    floats out(8);
    l1_loss<reduction::none>(x, y, out);
    for (std::size_t i : {0u, 1u, 2u}) CHECK(bits(out[i]) == 0);
    for (std::size_t i : {3u, 4u}) CHECK(out[i] == inf);
    for (std::size_t i : {5u, 6u, 7u}) CHECK(std::isnan(out[i]));
}

TEST_CASE("float and double together, and double on request, are computed in double", "[loss]") {
    for (std::size_t n = 1; n <= 700; n += (n < 80 ? 1 : 31)) {
        auto const [x, y] = test::make_pair<float>(test::distribution::wide, n);
        doubles const wide_x(x.begin(), x.end()), wide_y(y.begin(), y.end());
        auto const expected = bits(l1_loss(wide_x, wide_y)); // the conversion to double is exact
        if (bits(l1_loss<reduction::mean, double>(x, y)) != expected || bits(l1_loss(x, wide_y)) != expected ||
            bits(l1_loss(wide_x, y)) != expected)
            FAIL("n = " << n);
    }
    doubles out(3);
    l1_loss<reduction::none, double>(floats{1, 2, 3}, floats{3, 2, 1}, out);
    CHECK(out == doubles{2, 0, 2});
}

TEST_CASE("Empty input: the mean is NaN, the sum is +0", "[loss]") {
    CHECK(bits(l1_loss(floats{}, floats{})) == bits(std::numeric_limits<float>::quiet_NaN()));
    CHECK(bits(l1_loss<reduction::sum>(floats{}, floats{})) == 0);
    CHECK(bits(l1_loss(doubles{}, doubles{})) == bits(std::numeric_limits<double>::quiet_NaN()));
    CHECK(bits(l1_loss(static_cast<float*>(nullptr), static_cast<float*>(nullptr), 0, reduction::sum)) == 0);
    CHECK(l1_loss<reduction::none>(tensor<float, 0>{}, tensor<float, 0>{}) == tensor<float, 0>{});
}

TEST_CASE("Sizes that differ are an error that names both", "[loss]") {
    floats x(15, 1), y(16, 2);
    CHECK(test::message([&] { (void)l1_loss(x, y); }) == "l1loss: input has 15 elements, target has 16");
    CHECK(test::message([&] { (void)l1_loss(y, input); }) == "l1loss: input has 16 elements, target has 15");
    CHECK(test::message([&] { (void)l1_loss(x, y.data(), 16); }) == "l1loss: input has 15 elements, target has 16");
    CHECK(test::message([&] { (void)l1_loss(x.data(), y, 15); }) == "l1loss: input has 15 elements, target has 16");
    auto const of_length = [&](auto length) { return test::message([&] { (void)l1_loss(x, y.data(), length); }); };
    CHECK(of_length(-3) == "l1loss: length is -3, expected 0 or more");
    CHECK(of_length(short{-1}) == "l1loss: length is -1, expected 0 or more");
    CHECK(of_length(std::numeric_limits<long long>::min()) ==
          "l1loss: length is " + std::to_string(std::numeric_limits<long long>::min()) + ", expected 0 or more");
    std::size_t const most = PTRDIFF_MAX;
    CHECK(of_length(most) == "l1loss: input has 15 elements, target has " + std::to_string(most));
    CHECK(of_length(most + 1) == "l1loss: length is " + std::to_string(most + 1) + ", which is too large to be addressed");
    CHECK(test::message([&] { (void)l1_loss<reduction::none>(x, x, y); }) == "l1loss: input has 15 elements, output has 16");
    CHECK(y == floats(16, 2)); // nothing was written
    CHECK(test::message([&] { (void)l1_loss<reduction::none>(x, y, x); }) == "l1loss: input has 15 elements, target has 16");
    CHECK(x == floats(15, 1));
}

TEST_CASE("none where one number is asked for is an error", "[loss]") {
    CHECK(test::message([&] { (void)l1_loss(input, target, reduction::none); }) ==
          "l1loss: reduction is \"none\", expected \"mean\" or \"sum\" where the result is one number");
    CHECK(test::message([&] { (void)l1_loss(input, target, static_cast<reduction>(7)); }) ==
          "l1loss: 7 is no value of l1loss::reduction");
}

TEST_CASE("An output that overlaps an input in part is an error", "[loss]") {
    floats memory(20, 1), other(10, 2);
    auto const first = std::span(memory).first(10), shifted = std::span(memory).subspan(3, 10), apart = std::span(memory).last(10);
    std::string const tail = " in part, expected the same memory and type, or none of it";
    CHECK(test::message([&] { l1_loss<reduction::none>(first, other, shifted); }) == "l1loss: output overlaps input" + tail);
    CHECK(test::message([&] { l1_loss<reduction::none>(other, shifted, first); }) == "l1loss: output overlaps target" + tail);
    CHECK(memory == floats(20, 1));
    l1_loss<reduction::none>(first, other, apart); // adjacent memory does not overlap
    CHECK(memory[9] == 1);
    CHECK(memory[10] == 1);
}

TEST_CASE("A strided object is never taken for a dense one", "[loss]") {
    floats const x{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, y(12, 0);
    using row_major = matrix_view<true>;
    using column_major = matrix_view<false>;
    row_major const dense{x.data(), 3, 4, 1, 4}, zeros{y.data(), 3, 4, 1, 4}, padded_rows{x.data(), 3, 2, 1, 4};
    column_major const columns{x.data(), 4, 3, 1, 4}, zero_columns{y.data(), 4, 3, 1, 4}, spread{x.data(), 2, 2, 2, 4};

    CHECK(l1_loss<reduction::sum>(dense, zeros) == 78);
    CHECK(l1_loss<reduction::sum>(dense, y) == 78); // row after row, like the elements of a vector
    CHECK(l1_loss<reduction::sum>(dense, tensor<float, 3, 4>{}) == 78);
    CHECK(l1_loss<reduction::sum>(columns, zero_columns) == 78);
    CHECK(l1_loss<reduction::sum>(row_major{x.data(), 1, 6, 1, 99}, row_major{y.data(), 1, 6, 1, 6}) == 21); // one row has no gaps
    CHECK(l1_loss<reduction::sum>(column_major{x.data(), 6, 1, 1, 6}, floats(6)) == 21);

    CHECK(l1_loss<reduction::sum>(padded_rows, floats{1, 2, 5, 6, 9, 10}) == 0);
    CHECK(l1_loss<reduction::sum>(floats{1, 5, 3, 7}, row_major{x.data(), 2, 2, 4, 2}) == 0);
    CHECK(l1_loss<reduction::sum>(spread, column_major{x.data(), 2, 2, 2, 4}) == 0);
    CHECK(l1_loss<reduction::sum>(row_major{x.data(), 1, 6, 2, 12}, floats{1, 3, 5, 7, 9, 11}) == 0);
    CHECK(test::message([&] { (void)l1_loss(columns, y); }) ==
          "l1loss: target has no shape and the others are stored column by column, expected one storage order");
    CHECK(l1_loss<reduction::sum>(row_major{y.data(), 4, 3, 1, 3}, columns) == 78);
    CHECK(test::message([&] { (void)l1_loss(dense, row_major{y.data(), 4, 3, 1, 3}); }) ==
          "l1loss: input is 3 x 4, target is 4 x 3, expected one shape, or l1loss::broadcast");
}

TEMPLATE_TEST_CASE("Any integer is a length", "[loss]", short, unsigned short, int, unsigned, long, unsigned long, long long,
                   unsigned long long) {
    float const x[] = {3, 5, 9}, y[] = {1, 2, 3};
    CHECK(l1_loss<reduction::sum>(&x[0], &y[0], TestType(2)) == 5);
}
