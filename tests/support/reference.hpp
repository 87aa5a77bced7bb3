// A second implementation of the loss that DESIGN.md defines.
//
// It works from a list of terms with a stack of runs. It shares no code with the library and takes no shortcut.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace test {

/// x·y, rounded on its own. The volatile variable keeps the compiler from fusing it with a sum.
template <class T> T rounded_product(T x, T y) {
    T const volatile p = x * y;
    return p;
}

template <class T> T reference_sum(std::vector<T> terms) {
    constexpr std::size_t lanes = 64 / sizeof(T), block = 32 * lanes;
    using line = std::array<T, lanes>;
    std::vector<std::pair<std::size_t, line>> runs; // number of blocks, and their line
    terms.resize((terms.size() + block - 1) / block * block, T(0));
    for (std::size_t first = 0; first < terms.size(); first += block) {
        line x{};
        for (std::size_t l = 0; l < lanes; ++l) {
            std::array<T, 4> c;
            for (std::size_t q = 0; q < 4; ++q) {
                c[q] = terms[first + q * lanes + l];
                for (std::size_t s = 1; s < 8; ++s) c[q] += terms[first + (4 * s + q) * lanes + l]; // stripes
            }
            x[l] = (c[0] + c[2]) + (c[1] + c[3]);
        }
        runs.emplace_back(1, x);
        while (runs.size() > 1 && runs[runs.size() - 2].first == runs.back().first) {
            auto& left = runs[runs.size() - 2];
            for (std::size_t l = 0; l < lanes; ++l) left.second[l] += runs.back().second[l];
            left.first *= 2;
            runs.pop_back();
        }
    }
    line x{};
    if (!runs.empty()) x = runs.back().second;
    for (std::size_t k = runs.size(); k-- > 1;)
        for (std::size_t l = 0; l < lanes; ++l) x[l] = runs[k - 1].second[l] + x[l];
    for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t l = 0; l < half; ++l) x[l] += x[l + half];
    T const sum = x[0] + T(0);
    return std::isnan(sum) ? std::numeric_limits<T>::quiet_NaN() : sum;
}

/// The terms, weights, counts and losses of one call.
template <class T> struct reference {
    std::vector<T> terms, weights; // +0 where an element does not count
    std::vector<bool> counts;
    std::size_t count = 0;
    T sum, mean;

    /// w or mask is null where it is not given.
    reference(T const* x, T const* y, std::size_t n, T const* w, unsigned char const* mask, bool skip_nan) {
        for (std::size_t i = 0; i < n; ++i) {
            bool const is_in = (mask == nullptr || mask[i] != 0) && !(skip_nan && (std::isnan(x[i]) || std::isnan(y[i])));
            T const d = std::abs(x[i] - y[i]);
            counts.push_back(is_in);
            count += is_in;
            terms.push_back(!is_in ? T(0) : w != nullptr ? rounded_product(w[i], d) : d);
            weights.push_back(is_in && w != nullptr ? w[i] : T(0));
        }
        sum = reference_sum(terms);
        denominator = w != nullptr ? double(reference_sum(weights)) : double(count);
        mean = denominator == 0 ? T(NAN) : T(double(sum) / denominator);
        if (std::isnan(mean)) mean = std::numeric_limits<T>::quiet_NaN();
    }
    double denominator;
};

} // namespace test
