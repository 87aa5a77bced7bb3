// The definition of the order at run time. In a translation unit of its own, without -ffast-math: unlike the batches, it has no
// guard against it, since it is there to be read and for constant evaluation.
#pragma once

#include <cstddef>

#include <l1loss/reduction.hpp>

namespace test {

/// Of float or double; R is mean or sum.
template <l1loss::reduction R, class T>
T by_definition(T const* x, T const* y, std::size_t n);

} // namespace test
