// Executors, data and thresholds for the tests of threads.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <limits>
#include <numeric>
#include <random>
#include <tuple>
#include <vector>

#include <l1loss/accumulator.hpp>
#include <l1loss/parallel.hpp>

#include "bits.hpp"
#include "inputs.hpp"
#include "threads.hpp"

namespace test {

/// Runs all tasks on the calling thread: in reverse for seed 0, else in a random order.
struct shuffled {
    unsigned seed;

    void operator()(std::size_t n, l1loss::indexed_task task) const {
        std::vector<std::size_t> indexes(n);
        std::iota(indexes.begin(), indexes.end(), 0);
        if (seed == 0) std::reverse(indexes.begin(), indexes.end());
        else std::shuffle(indexes.begin(), indexes.end(), std::mt19937(seed));
        for (std::size_t const i : indexes) task(i);
    }
};

/// One type for all executors. Otherwise the tests would take minutes to compile.
using executor = std::function<void(std::size_t, l1loss::indexed_task)>;

inline std::array<threads, 4> const& pools() {
    static std::array const all{threads{1}, threads{2}, threads{7}, threads{64}};
    return all;
}

template <class F> void for_each_executor(F f) {
    f(executor(shuffled{0}), "in reverse");
    f(executor(shuffled{7}), "shuffled");
    for (threads const& pool : pools()) f(executor(pool), "threads");
}

template <class T> struct parallel_data {
    std::vector<T> x, y, w, g;
    std::vector<unsigned char> mask;

    explicit parallel_data(std::size_t n) : g(n), mask(n) {
        std::tie(x, y) = make_pair<T>(distribution::wide, n);
        std::tie(g, w) = make_pair<T>(distribution::uniform, n);
        for (std::size_t i = 0; i < n; ++i) mask[i] = split_mix(5, i) % 4 != 0;
    }
    void add_nan() {
        for (std::size_t i = 0; i < x.size(); i += 50) (split_mix(6, i) % 2 ? x : y)[i] = std::numeric_limits<T>::quiet_NaN();
    }
};

template <class T> bool same(std::vector<T> const& x, std::vector<T> const& y) {
    return std::ranges::equal(x, y, [](T a, T b) { return bits(a) == bits(b); });
}

template <class T> inline constexpr std::size_t block = l1loss::l1_accumulator<T>::block;
template <class T> // the least length that parallel.hpp gives to several threads: 2^17 floats, 2^16 doubles
inline constexpr std::size_t least = (std::size_t{1} << 19) / sizeof(T);
template <class T> inline constexpr std::size_t chunk = least<T> / 4;

} // namespace test
