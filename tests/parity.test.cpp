// Tests parity with PyTorch, whose results golden/make_torch.py recorded.
//
// One subtraction, product or division rounds alike everywhere, so elementwise losses and gradients compare bit for bit. Sums are
// in another order, so they compare within the error bounds.
#include <algorithm>
#include <bit>
#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <boost/multiprecision/cpp_bin_float.hpp>

#include <l1loss/l1loss.hpp>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/inputs.hpp"
#include "support/strided_view.hpp"

using namespace l1loss;
using test::bits;

namespace {

// Wide enough that every sum below is exact: of floats between 2^-149 and 2^130, of doubles near 1 or near 2^-1074.
namespace mp = boost::multiprecision;
using exact_number = mp::number<mp::cpp_bin_float<400, mp::digit_base_2>, mp::et_off>;

// ---- The file.

struct record {
    std::string name, type;
    std::map<std::string, std::string> fields;

    bool has(std::string const& key) const { return fields.count(key) > 0; }
    std::vector<std::string> words(std::string const& key) const {
        std::istringstream text(fields.at(key));
        return {std::istream_iterator<std::string>(text), {}};
    }
    template <class T> std::vector<T> numbers(std::string const& key) const {
        std::vector<T> all;
        for (auto const& word : words(key)) all.push_back(std::bit_cast<T>(test::bits_of<T>(std::stoull(word, nullptr, 16))));
        return all;
    }
    template <class Integer> std::vector<Integer> integers(std::string const& key) const {
        std::vector<Integer> all;
        for (auto const& word : words(key)) all.push_back(static_cast<Integer>(std::stoll(word)));
        return all;
    }
};

std::string field_of(reduction r) { return std::string("gradient_").append(to_string(r)); }

std::vector<record> read_records() {
    std::ifstream file(L1LOSS_GOLDEN_TORCH);
    std::vector<record> all;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line[0] == '#') continue;
        std::istringstream text(line);
        std::string key;
        text >> key >> std::ws;
        if (key == "case") text >> all.emplace_back().name >> all.back().type;
        else std::getline(text, all.back().fields[key]);
    }
    return all;
}

std::vector<record> const& records() {
    static std::vector<record> const all = read_records();
    return all;
}

/// Calls f(record) for the records of T that have a field of this name. Returns their number.
template <class T, class F> std::size_t for_each_record(std::string const& key, F f) {
    auto const& all = records();
    std::size_t count = 0;
    for (record const& r : all) {
        if (r.type != (sizeof(T) == 4 ? "float32" : "float64") || !r.has(key)) continue;
        INFO(r.name << " " << r.type << ", case " << &r - all.data());
        f(r);
        ++count;
    }
    return count;
}

// ---- Arguments.

/// A view with the rank of a case, which is at most `most`.
constexpr std::size_t most = 4;
template <class T> struct shaped : test::strided_view<T const, most> {
    std::size_t dimensions = 0;
    std::size_t rank() const { return dimensions; }
};

template <class T> shaped<T> read_view(record const& r, std::string const& name, std::vector<T> const& memory) {
    shaped<T> v{{memory.data(), {memory.size()}, {1}}, 1};
    if (r.has(name + "_shape")) {
        auto const shape = r.integers<std::size_t>(name + "_shape");
        auto const strides = r.integers<std::ptrdiff_t>(name + "_strides");
        v.data += r.integers<std::ptrdiff_t>(name + "_offset")[0];
        v.dimensions = shape.size();
        std::copy(shape.begin(), shape.end(), v.extents.begin());
        std::copy(strides.begin(), strides.end(), v.strides.begin());
    }
    return v;
}

/// The same view with a rank known to the compiler. Leading extents are 1.
template <std::size_t Rank, class T> test::strided_view<T const, Rank> of_rank(shaped<T> const& v) {
    REQUIRE(v.rank() <= Rank);
    test::strided_view<T const, Rank> all{v.data, {}, {}};
    all.extents.fill(1);
    all.strides.fill(1);
    std::copy_n(v.extents.begin(), v.rank(), all.extents.end() - v.rank());
    std::copy_n(v.strides.begin(), v.rank(), all.strides.end() - v.rank());
    return all;
}

template <class T> std::size_t size_of(shaped<T> const& v) {
    std::size_t n = 1;
    for (std::size_t d = 0; d < v.rank(); ++d) n *= v.extent(d);
    return n;
}

/// The elements in row-major order.
template <class T> std::vector<T> copy(shaped<T> const& v) {
    std::vector<T> all(size_of(v));
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::ptrdiff_t at = 0;
        for (std::size_t d = v.rank(), rest = i; d-- > 0; rest /= v.extent(d))
            at += static_cast<std::ptrdiff_t>(rest % v.extent(d)) * v.stride(d);
        all[i] = v.data[at];
    }
    return all;
}

/// v in the common shape of v and other, with strides of 0, like PyTorch's expand.
template <class T> shaped<T> expanded(shaped<T> const& v, shaped<T> const& other) {
    shaped<T> wide{{v.data, {}, {}}, std::max(v.rank(), other.rank())};
    for (std::size_t d = 0; d < wide.rank(); ++d) {
        // Dimension d of each view. It wraps around where the view does not have it.
        std::size_t const own = d + v.rank() - wide.rank(), others = d + other.rank() - wide.rank();
        wide.extents[d] = std::max(own < v.rank() ? v.extent(own) : 1, others < other.rank() ? other.extent(others) : 1);
        wide.strides[d] = own < v.rank() && v.extent(own) == wide.extents[d] ? v.stride(own) : 0;
    }
    return wide;
}

// ---- Comparisons, out of line because many tests use them and they compile slowly.

/// Bits, the same for every NaN and the same for both zeros.
template <class T> std::vector<test::bits_of<T>> comparable(std::vector<T> const& numbers) {
    std::vector<test::bits_of<T>> all;
    for (T x : numbers) all.push_back(x == 0 ? 0 : x != x ? bits(std::numeric_limits<T>::quiet_NaN()) : bits(x));
    return all;
}

template <class T> [[gnu::noinline]] void check_same(std::vector<T> const& ours, std::vector<T> const& theirs) {
    CHECK(comparable(ours) == comparable(theirs));
}

/// PyTorch's gradient with respect to input (which = 0) or target (1), in the shape of the result.
template <class T> std::vector<T> expected_gradient(record const& r, std::string const& name, std::size_t which) {
    std::string const pattern = r.words("pattern_" + name)[which];
    auto const numbers = r.numbers<T>("gradient_" + name);
    std::vector<T> all;
    for (std::size_t i = 0; i < pattern.size() && pattern != "."; ++i) {
        T const s = name == "none" ? numbers[i] : numbers[1];
        all.push_back(pattern[i] == '+' ? s : pattern[i] == '-' ? -s : 0);
    }
    return all;
}

/// Checks that our number is within `bound`, relative, of the exact value. Then it is no further from PyTorch's than that plus
/// PyTorch's own error.
template <class T> [[gnu::noinline]] void check_number(T ours, T theirs, exact_number const& exact, T bound, std::size_t n) {
    INFO("ours " << ours << ", PyTorch's " << theirs);
    if (!std::isfinite(theirs)) return check_same<T>({ours}, {theirs});
    exact_number const smallest = std::numeric_limits<T>::denorm_min(); // a subnormal mean is rounded by up to half of this
    exact_number const allowed = bound * exact + smallest;
    exact_number const their_error = abs(exact_number(theirs) - exact);
    bool const is_record_right = their_error <= exact_number(n + 2) * std::numeric_limits<T>::epsilon() * exact + smallest;
    bool const is_exact_enough = abs(exact_number(ours) - exact) <= allowed;
    bool const is_close_enough = abs(exact_number(ours) - exact_number(theirs)) <= allowed + their_error;
    CHECK(is_record_right); // otherwise the record is of other elements
    CHECK(is_exact_enough);
    CHECK(is_close_enough);
}

/// Compares sum and mean with PyTorch's, for elements x and y with weights w.
template <class T>
[[gnu::noinline]] void check_loss_numbers(record const& r, std::vector<T> const& x, std::vector<T> const& y,
                                          std::vector<T> const& w, T our_sum, T our_mean) {
    T const sum = r.numbers<T>("sum")[0], mean = r.numbers<T>("mean")[0];
    exact_number exact = 0, weight = 0;
    for (std::size_t i = 0; i < x.size() && std::isfinite(sum); ++i) {
        if (w[i] == 0) continue; // the elements may be infinite or NaN
        exact += w[i] * abs(exact_number(x[i]) - exact_number(y[i]));
        weight += w[i];
    }
    std::size_t const n = x.size();
    T const errors = r.has("weights") ? 2 : 1; // the mean divides one sum by another
    check_number(our_sum, sum, exact, relative_error_bound<T>(n, reduction::sum) * errors, n);
    check_number(our_mean, mean, weight == 0 ? exact : exact_number(exact / weight),
                 relative_error_bound<T>(n, reduction::mean) * errors, n);
}

/// Compares none, sum and mean of arguments whose elements in row-major order are x and y.
template <class T, class Input, class Target, class... Options>
void check_losses(record const& r, Input const& input, Target const& target, std::vector<T> const& x, std::vector<T> const& y,
                  std::vector<T> const& w, Options const&... options) {
    std::vector<T> none(x.size());
    l1_loss<reduction::none>(input, target, none, options...);
    check_same(none, r.numbers<T>("none"));
    check_loss_numbers(r, x, y, w, l1_loss(input, target, reduction::sum, options...),
                       l1_loss(input, target, reduction::mean, options...));
}

/// Checks that the gradients are PyTorch's, and +0 where it has a zero of either sign. Then overwrites them.
template <class T>
[[gnu::noinline]] void check_both_gradients(record const& r, std::string const& name, std::vector<T> const& x,
                                            std::vector<T> const& y, std::vector<T>& of_input, std::vector<T>& of_target) {
    INFO("gradient of " << name);
    check_same(of_input, expected_gradient<T>(r, name, 0));
    check_same(of_target, expected_gradient<T>(r, name, 1));
    bool is_plus_zero = true;
    for (std::size_t i = 0; i < x.size(); ++i)
        if (!(x[i] < y[i]) && !(x[i] > y[i])) is_plus_zero = is_plus_zero && bits(of_input[i]) == 0 && bits(of_target[i]) == 0;
    CHECK(is_plus_zero);
    std::fill(of_input.begin(), of_input.end(), T(7));
    std::fill(of_target.begin(), of_target.end(), T(7));
}

/// Checks both gradients, for every reduction and of both functions.
template <class T, class Input, class Target>
void check_gradients(record const& r, Input const& input, Target const& target, std::vector<T> const& x, std::vector<T> const& y) {
    std::vector<T> of_input(x.size()), of_target(x.size());
    auto const check = [&](std::string const& name) { check_both_gradients(r, name, x, y, of_input, of_target); };
    auto const g = r.numbers<T>("gradient_none");
    l1_loss_backward<reduction::none>(input, target, of_input, grad_output(g), grad_target(of_target));
    check("none");
    for (reduction reduced : {reduction::sum, reduction::mean}) {
        std::string const name(to_string(reduced));
        T const one_g = r.numbers<T>("gradient_" + name)[0];
        l1_loss_backward(input, target, of_input, reduced, grad_output(one_g), grad_target(of_target));
        check(name);
        if (one_g == 1) { // the default
            T const loss = l1_loss_with_gradient(input, target, of_input, reduced, grad_target(of_target));
            CHECK(bits(loss) == bits(l1_loss(input, target, reduced)));
            check(name);
        }
    }
}

} // namespace

TEMPLATE_TEST_CASE("Losses and gradients are PyTorch's, side by side and through views", "[parity]", float, double) {
    std::size_t const count = for_each_record<TestType>("gradient_none", [](record const& r) {
        auto const input_memory = r.numbers<TestType>("input"), target_memory = r.numbers<TestType>("target");
        auto const input = read_view(r, "input", input_memory), target = read_view(r, "target", target_memory);
        auto const wide_input = expanded(input, target), wide_target = expanded(target, input); // unchanged unless broadcast
        auto const x = copy(wide_input), y = copy(wide_target);
        std::vector<TestType> const ones(x.size(), TestType(1));
        check_losses(r, x, y, x, y, ones);
        check_loss_numbers(r, x, y, ones, l1_loss<reduction::sum>(x, y), l1_loss(x, y));
        check_gradients(r, x, y, x, y);
        if (!r.has("input_shape") && !r.has("target_shape")) return;
        check_losses(r, of_rank<most>(wide_input), of_rank<most>(wide_target), x, y, ones);
        if constexpr (sizeof(TestType) == 4) {
            check_gradients(r, of_rank<most>(wide_input), of_rank<most>(wide_target), x, y);
            auto const check = [&](auto const& a, auto const& b) { CHECK(bits(l1_loss(a, b)) == bits(l1_loss(x, y))); };
            if (wide_input.rank() == 0) check(of_rank<0>(wide_input), of_rank<0>(wide_target));
            if (wide_input.rank() == 2) check(of_rank<2>(wide_input), of_rank<2>(wide_target));
        } else if (r.name == "broadcast") {
            check_losses(r, broadcast(of_rank<3>(input)), broadcast(of_rank<2>(target)), x, y, ones);
        }
    });
    CHECK(count > 45);
}

TEST_CASE("Gradients of what is broadcast are PyTorch's", "[parity]") {
    std::size_t count = 0;
    for_each_record<double>("gradient_sum_input", [&](record const& r) {
        if (r.name != "broadcast") return;
        ++count;
        auto const input_memory = r.numbers<double>("input"), target_memory = r.numbers<double>("target");
        auto const input = read_view(r, "input", input_memory), target = read_view(r, "target", target_memory);
        std::size_t const n = size_of(expanded(input, target));
        std::vector<double> of_input(size_of(input)), of_target(size_of(target));
        for (reduction reduced : {reduction::sum, reduction::mean}) {
            std::string const name = field_of(reduced);
            l1_loss_backward(broadcast(of_rank<3>(input)), broadcast(of_rank<2>(target)), of_input, reduced,
                             grad_target(of_target));
            auto const close = [&](std::vector<double> const& ours, std::vector<double> const& theirs) {
                REQUIRE(ours.size() == theirs.size());
                double const terms = double(n) / double(ours.size()) * (reduced == reduction::mean ? 1 / double(n) : 1);
                for (std::size_t i = 0; i < ours.size(); ++i) // our sum of ±s is in another order
                    CHECK(std::abs(ours[i] - theirs[i]) <= double(n) * std::numeric_limits<double>::epsilon() * terms);
            };
            close(of_input, r.numbers<double>(name + "_input"));
            close(of_target, r.numbers<double>(name + "_target"));
        }
    });
    CHECK(count == 6);
}

namespace {

/// Checks a case with weights, a mask or skip_nan. w is 0 for elements that do not count.
template <class T, class... Options>
void check_selected(record const& r, std::vector<T> const& x, std::vector<T> const& y, std::vector<T> const& w,
                    Options const&... options) {
    check_losses(r, x, y, x, y, w, options...);
    std::vector<T> of_input(x.size()), of_target(x.size());
    for (reduction reduced : {reduction::sum, reduction::mean}) {
        std::string const name = field_of(reduced);
        (void)l1_loss_with_gradient(x, y, of_input, reduced, grad_target(of_target), options...);
        // If no element counts, the gradient of torch.nanmean is NaN, from 0 times 1/0. Ours is 0.
        bool const is_nothing = std::all_of(w.begin(), w.end(), [](T of_one) { return of_one == 0; });
        check_same(of_input, is_nothing ? w : r.numbers<T>(name + "_input"));
        check_same(of_target, is_nothing ? w : r.numbers<T>(name + "_target"));
    }
}

} // namespace

TEST_CASE("Weights are those of numpy.average", "[parity]") {
    std::size_t const count = for_each_record<double>("weights", [](record const& r) {
        auto const w = r.numbers<double>("weights");
        check_selected(r, r.numbers<double>("input"), r.numbers<double>("target"), w, weights(w));
    });
    CHECK(count == 4);
}

TEST_CASE("skip_nan is torch.nanmean", "[parity]") {
    std::size_t const count = for_each_record<double>("skip_nan", [](record const& r) {
        auto const x = r.numbers<double>("input"), y = r.numbers<double>("target");
        std::vector<double> w(x.size());
        for (std::size_t i = 0; i < w.size(); ++i) w[i] = std::isnan(x[i] - y[i]) ? 0 : 1;
        check_selected(r, x, y, w, skip_nan);
    });
    CHECK(count == 4);
}

TEST_CASE("where is a selection before the loss", "[parity]") {
    std::size_t const count = for_each_record<float>("where", [](record const& r) {
        auto const mask = r.integers<unsigned char>("where");
        std::vector<float> const w(mask.begin(), mask.end());
        check_selected(r, r.numbers<float>("input"), r.numbers<float>("target"), w, where(mask));
    });
    CHECK(count == 4);
}

TEST_CASE("What PyTorch refuses is refused", "[parity]") {
    std::size_t count = for_each_record<double>("refused", [](record const& r) {
        auto const input_memory = r.numbers<double>("input"), target_memory = r.numbers<double>("target");
        auto const input = of_rank<2>(read_view(r, "input", input_memory)),
                   target = of_rank<2>(read_view(r, "target", target_memory));
        std::vector<double> gradient(input_memory.size(), 7);
        CHECK_THROWS_AS(l1_loss(input, target), std::invalid_argument);
        CHECK_THROWS_AS(l1_loss(broadcast(input), broadcast(target)), std::invalid_argument);
        CHECK_THROWS_AS(l1_loss_backward(input, target, gradient, reduction::mean, grad_target(gradient)), std::invalid_argument);
        CHECK(gradient == std::vector<double>(input_memory.size(), 7));
    });
    CHECK(count == 3);
    count = for_each_record<double>("name", [](record const& r) {
        std::string const name = r.fields.at("name");
        CHECK_THROWS_AS(parse_reduction(name.substr(1, name.size() - 2)), std::invalid_argument);
    });
    CHECK(count == 5);
}

TEST_CASE("The gradient is the slope of the loss", "[parity]") {
    // The loss is linear within h of every element. So a central difference is off only by the rounding of the two losses, which is
    // at most bound·loss/h. All elements, shifted or not, are multiples of 2^-24 and therefore exact.
    double const h = 0x1p-10;
    for (std::size_t n : {2u, 3u, 8u, 37u, 300u}) {
        auto const [floats, others] = test::make_pair<float>(test::distribution::uniform, n);
        std::vector<double> x(floats.begin(), floats.end()), y(others.begin(), others.end()), of_input(n), of_target(n);
        for (std::size_t i = 0; i < n; ++i)
            if (i % 7 == 2) y[i] = x[i]; // a kink, where the slopes of both sides cancel
            else if (std::abs(x[i] - y[i]) <= h) y[i] = x[i] + 4 * h;
        for (reduction r : {reduction::mean, reduction::sum}) {
            double const loss = l1_loss_with_gradient(x, y, of_input, r, grad_target(of_target));
            double const tolerance = relative_error_bound<double>(n, r) * (loss + h) / h + 0x1p-52;
            double const other_scale = r == reduction::mean ? double(n) : 1 / double(n); // the scale of the other reduction
            auto const check = [&](std::vector<double>& at, std::vector<double> const& gradient) {
                for (std::size_t i = 0; i < n; ++i) {
                    INFO(to_string(r) << ", n = " << n << ", element " << i);
                    double const before = at[i];
                    at[i] = before + h;
                    double const above = l1_loss(x, y, r);
                    at[i] = before - h;
                    double const below = l1_loss(x, y, r);
                    at[i] = before;
                    double const slope = (above - below) / (2 * h);
                    CHECK(std::abs(slope - gradient[i]) <= tolerance);
                    // The scale of the other reduction would fail.
                    if (gradient[i] != 0) CHECK(std::abs(slope - gradient[i] * other_scale) > 1000 * tolerance);
                }
            };
            check(x, of_input);
            check(y, of_target);
        }
    }
}
