// What the digest is made of: functions by name, each of which makes numbers of a call's data.
//
//     walk.cpp: distributions × lengths × offsets ──data──▶ functions ──bits──▶ a hash per function ──▶ the digest
//
// kernels.cpp has the functions of the library, and is all that is compiled with the flags under test; walk.cpp is compiled
// plainly. Another file that defines functions<T>() tests another way to the same numbers, by as many of the names as it has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "../support/bits.hpp"
#include "../support/inputs.hpp"

namespace digest {

/// The arrays of a call, of rows × columns elements each.
template <class T>
struct data {
    T const *input, *target, *weights, *scale;
    float const* float_target; // the target, rounded
    unsigned char const* mask;
    std::size_t rows, columns;

    std::size_t size() const { return rows * columns; }
};

/// What became of the numbers so far: Σ split_mix(bits of number k, k). A NaN counts as the quiet one without sign or payload,
/// which reduction::none does not promise.
class hash {
public:
    void put(std::uint64_t count) { sum_ += test::split_mix(count, numbers_++); }
    void put(float x) { put(std::uint64_t{bits_of(x)}); }
    void put(double x) { put(bits_of(x)); }
    template <class T>
    void put(std::vector<T> const& array) {
        for (T const x : array) put(x);
    }
    std::uint64_t value() const { return sum_; }

private:
    template <class T>
    static test::bits_of<T> bits_of(T x) {
        constexpr auto quiet_nan = test::bits(std::numeric_limits<T>::quiet_NaN()), infinity = quiet_nan & (quiet_nan << 1);
        auto const bits = test::bits(x);
        return bits << 1 > infinity << 1 ? quiet_nan : bits;
    }
    std::uint64_t sum_ = 0, numbers_ = 0;
};

enum class shape { vector, matrix, fixed }; // of one row, of many, or known to the function

template <class T>
struct function {
    char const* name;
    shape takes;
    void (*run)(data<T> const&, hash& out);
};

/// What is tested, of float or double.
template <class T>
std::span<function<T> const> functions();

} // namespace digest
