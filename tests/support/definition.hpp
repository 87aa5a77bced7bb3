// The definition of the order at run time.
//
// It has its own translation unit, without -ffast-math, because the definition has no guard against that flag. Its purpose is to be
// read and evaluated as a constant.
#pragma once

#include <cstddef>

#include <l1loss/reduction.hpp>

namespace test {

/// T is float or double, R is mean or sum.
template <l1loss::reduction R, class T> T by_definition(T const* x, T const* y, std::size_t n);

} // namespace test
