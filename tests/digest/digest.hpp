// What the two halves of the digest share: walk.cpp makes data, and functions turn data into bits.
//
//     walk.cpp: distributions × lengths × offsets ──data──▶ functions ──bits──▶ a hash per function ──▶ the digest
//
// kernels.cpp defines the functions of the library. matrix.sh compiles it alone with the flags under test. Another file that
// defines functions<T>() tests another way to the same numbers, under as many of the names as it has.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "../support/bits.hpp"
#include "../support/inputs.hpp"

namespace digest {

/// The arrays of a call, of rows × columns elements each.
template <class T> struct data {
    T const *input, *target, *weights, *scale;
    float const* float_target; // the target, rounded
    unsigned char const* mask;
    std::size_t rows, columns;

    std::size_t size() const { return rows * columns; }
};

/// A hash of all numbers so far: Σ split_mix(bits of number k, k). Every NaN counts as the positive quiet NaN, because
/// reduction::none promises neither sign nor payload.
class hash {
public:
    void put(std::unsigned_integral auto count) { sum_ += test::split_mix(count, numbers_++); }
    void put(float x) { put(std::uint64_t{bits_of(x)}); }
    void put(double x) { put(bits_of(x)); }
    template <class T> void put(std::vector<T> const& array) {
        for (T const x : array) put(x);
    }
    std::uint64_t value() const { return sum_; }

private:
    template <class T> static test::bits_of<T> bits_of(T x) {
        constexpr auto quiet_nan = test::bits(std::numeric_limits<T>::quiet_NaN()), infinity = quiet_nan & (quiet_nan << 1);
        auto const bits = test::bits(x);
        return bits << 1 > infinity << 1 ? quiet_nan : bits;
    }
    std::uint64_t sum_ = 0, numbers_ = 0;
};

enum class shape { vector, matrix, fixed }; // one row, many rows, or a shape that the function knows

template <class T> struct function {
    char const* name;
    shape takes;
    void (*run)(data<T> const&, hash& out);
};

/// The functions under test, for float or double.
template <class T> std::span<function<T> const> functions();
/// Those of other types of elements, which they make of floats.
std::span<function<float> const> functions_of_elements();

} // namespace digest
