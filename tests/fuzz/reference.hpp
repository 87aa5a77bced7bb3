// The loss and its gradient by DESIGN.md, section 2, as plain scalar code that shares nothing with the library.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace reference {

/// The number that a pattern of a floating-point format stands for. The format has so many digits of fraction.
inline double decode(unsigned pattern, int digits, int max_exponent) {
    unsigned const magnitude = pattern & 0x7fff, fraction = magnitude & ((1u << digits) - 1), exponent = magnitude >> digits;
    double x = std::ldexp(fraction + (exponent == 0 ? 0 : 1u << digits), std::max(int(exponent), 1) - max_exponent - digits);
    if (int(exponent) > 2 * max_exponent) x = fraction == 0 ? HUGE_VAL : NAN;
    return (pattern & 0x8000) != 0 ? -x : x;
}
/// x as a number of such a format, rounded to the nearest, ties to even.
inline double rounded(double x, int digits, int max_exponent) {
    if (x == 0 || !std::isfinite(x)) return x;
    double const unit = std::ldexp(1., std::max(std::ilogb(x), 1 - max_exponent) - digits), y = std::nearbyint(x / unit) * unit;
    return std::abs(y) < std::ldexp(1., max_exponent + 1) ? y : std::copysign(HUGE_VAL, x);
}

template <class A> A one_nan(A x) { return std::isnan(x) ? std::numeric_limits<A>::quiet_NaN() : x; }
/// x·y, rounded on its own. The volatile variable keeps the compiler from fusing it with a sum.
template <class A> A product(A x, A y) {
    A const volatile p = x * y;
    return p;
}

template <class A> inline constexpr std::size_t lanes = 64 / sizeof(A);
template <class A> inline constexpr std::size_t block = 32 * lanes<A>;
template <class A> using line = std::array<A, lanes<A>>;

/// Steps 1 and 2. A term that is missing is +0.
template <class A> line<A> sum_of_block(std::vector<A> const& terms, std::size_t first) {
    A t[8][4][lanes<A>] = {};
    std::copy_n(terms.begin() + std::ptrdiff_t(first), std::min(block<A>, terms.size() - first), &t[0][0][0]);
    line<A> x{};
    for (std::size_t l = 0; l < lanes<A>; ++l) {
        A c[4];
        for (std::size_t q = 0; q < 4; ++q) {
            c[q] = t[0][q][l];
            for (std::size_t s = 1; s < 8; ++s) c[q] += t[s][q][l];
        }
        x[l] = (c[0] + c[2]) + (c[1] + c[3]);
    }
    return x;
}
template <class A> line<A> added(line<A> left, line<A> const& right) {
    for (std::size_t l = 0; l < lanes<A>; ++l) left[l] += right[l];
    return left;
}
/// Step 3: blocks [first, last) of a sequence, whose block `begin` has the first of the terms. If `is_run`, they are one run.
template <class A>
line<A> sum_of_blocks(std::vector<A> const& terms, std::size_t begin, std::size_t first, std::size_t last, bool is_run = false) {
    if (last - first == 1) return sum_of_block(terms, (first - begin) * block<A>);
    std::size_t number = 1;
    if (is_run) number = (last - first) / 2;
    else
        while (first % (2 * number) == 0 && first + 2 * number <= last) number *= 2;
    if (first + number == last) return sum_of_blocks(terms, begin, first, last, true);
    return added(sum_of_blocks(terms, begin, first, first + number, true),
                 sum_of_blocks(terms, begin, first + number, last, is_run));
}
/// Steps 1 to 5, of terms that begin at block `begin` of a sequence.
template <class A> A sum(std::vector<A> const& terms, std::size_t begin = 0) {
    if (terms.empty()) return 0;
    auto x = sum_of_blocks(terms, begin, begin, begin + (terms.size() + block<A> - 1) / block<A>);
    for (std::size_t half = lanes<A> / 2; half > 0; half /= 2)
        for (std::size_t l = 0; l < half; ++l) x[l] += x[l + half];
    return one_nan(x[0] + A(0));
}

/// What a call is given, as numbers in the order of their indexes. An array that is empty was not given.
template <class A> struct call {
    std::vector<A> input, target, weights;
    std::vector<unsigned char> mask;
    bool skips_nan = false, is_weighted = false;

    std::size_t size() const { return input.size(); }
    bool counts(std::size_t i) const {
        return (mask.empty() || mask[i] != 0) && !(skips_nan && (std::isnan(input[i]) || std::isnan(target[i])));
    }
    /// n elements, `step` apart.
    call part(std::size_t first, std::size_t n, std::size_t step) const {
        call c{{}, {}, {}, {}, skips_nan, is_weighted};
        for (std::size_t i = 0; i < n; ++i) {
            c.input.push_back(input[first + i * step]);
            c.target.push_back(target[first + i * step]);
            if (!weights.empty()) c.weights.push_back(weights[first + i * step]);
            if (!mask.empty()) c.mask.push_back(mask[first + i * step]);
        }
        return c;
    }
};

template <class A> struct result {
    std::vector<A> none;
    std::size_t count = 0;
    A sum, mean;
    double denominator;
};

template <class A> result<A> loss(call<A> const& c, std::size_t first_block = 0) {
    result<A> r{};
    std::vector<A> weights;
    for (std::size_t i = 0; i < c.size(); ++i) {
        bool const counts = c.counts(i);
        A const d = std::abs(c.input[i] - c.target[i]);
        r.count += counts;
        r.none.push_back(!counts ? A(0) : c.is_weighted ? product(c.weights[i], d) : d);
        if (c.is_weighted) weights.push_back(counts ? c.weights[i] : A(0));
    }
    r.sum = sum(r.none, first_block);
    r.denominator = c.is_weighted ? double(sum(weights, first_block)) : double(r.count);
    r.mean = r.denominator == 0 ? std::numeric_limits<A>::quiet_NaN() : one_nan(A(double(r.sum) / r.denominator));
    return r;
}

/// The gradient with respect to input, where `g` is one number or one per element. `divisor` is 1, or for a mean its denominator.
template <class A> std::vector<A> gradient(call<A> const& c, std::vector<A> const& g, double divisor) {
    std::vector<A> all;
    for (std::size_t i = 0; i < c.size(); ++i) {
        A s = A(double(g[g.size() == 1 ? 0 : i]) / divisor);
        if (c.is_weighted) s = product(s, c.weights[i]);
        all.push_back(!c.counts(i) ? A(0) : c.input[i] > c.target[i] ? s : c.input[i] < c.target[i] ? -s : A(0));
    }
    return all;
}

/// The gradient of an argument of own_rows × own_columns that was broadcast to a matrix of `columns`, from that of the matrix.
template <class A>
std::vector<A> reduced(std::vector<A> const& g, std::size_t columns, std::size_t own_rows, std::size_t own_columns) {
    std::vector<std::vector<A>> terms(own_rows * own_columns);
    for (std::size_t i = 0; i < g.size(); ++i)
        terms[(own_rows == 1 ? 0 : i / columns) * own_columns + (own_columns == 1 ? 0 : i % columns)].push_back(g[i]);
    std::vector<A> all;
    for (auto const& each : terms) all.push_back(sum(each));
    return all;
}

// reference.cpp compiles these, optimised and without sanitizers. They would take half of the time.
#define REFERENCE(PREFIX, A)                                                                                                       \
    PREFIX template A sum(std::vector<A> const&, std::size_t);                                                                     \
    PREFIX template call<A> call<A>::part(std::size_t, std::size_t, std::size_t) const;                                            \
    PREFIX template result<A> loss(call<A> const&, std::size_t);                                                                   \
    PREFIX template std::vector<A> gradient(call<A> const&, std::vector<A> const&, double);                                        \
    PREFIX template std::vector<A> reduced(std::vector<A> const&, std::size_t, std::size_t, std::size_t);
#if !defined(REFERENCE_IS_COMPILED_HERE)
REFERENCE(extern, float)
REFERENCE(extern, double)
#endif

} // namespace reference
