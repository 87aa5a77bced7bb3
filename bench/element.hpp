// How an implementation of the mean of halves or integers enters the comparison.
#pragma once

#include <cstddef>
#include <type_traits>

#include "timed_loop.hpp"

namespace l1loss_bench {

/// What input and target are. `dequantized` is 8-bit codes against floats.
enum class elements { u8, i8, u16, i16, half, bfloat16, dequantized };

/// A dequantised element is (code - zero_point) · scale. The scale is a power of two, so that the exact loss is known.
inline constexpr float scale = 0x1p-7f;
inline constexpr int zero_point = 3;

using element_loop = double (*)(benchmark::State&, void const* input, void const* target, std::size_t n);

struct element_candidate {
    elements of;
    char const* implementation;
    answer expected;
    bool reads_floats; // the same numbers as floats
    element_loop loop;
};

/// Adds an implementation to the comparison, in the order of the calls. In element.bench.cpp.
void enter(element_candidate const& c);

template <class Implementation, class X, class Y>
double time_elements(benchmark::State& state, void const* x, void const* y, std::size_t n) {
    return time_calls<Implementation, work::mean, pace::throughput>(state, static_cast<X const*>(x), static_cast<Y const*>(y), n);
}

/// Enters a struct as for enter_implementation, which gets X const* and Y const*.
template <class Implementation, class X, class Y = X>
bool enter_elements(elements of, char const* name, answer expected = answer::loss) {
    enter(element_candidate{of, name, expected, std::is_same_v<X, float>, &time_elements<Implementation, X, Y>});
    return true;
}

} // namespace l1loss_bench
