// The table of functions that every instruction set provides.
//
// They take checked arguments. kernels.cpp defines them, isas.cpp chooses a table, and c_interface.cpp calls it.
#pragma once

#include <cstddef>

#include <l1loss/l1loss.h>

namespace l1loss::compiled {

template <class T> struct kernels {
    T (*mean)(T const* input, T const* target, std::size_t n) noexcept;
    T (*sum)(T const* input, T const* target, std::size_t n) noexcept;
    void (*none)(T const* input, T const* target, std::size_t n, T* output) noexcept;
    void (*backward)(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) noexcept;
    T (*with_gradient)(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) noexcept;
    void (*rows)(T const* input, T const* target, std::size_t rows, std::size_t columns, l1loss_reduction r, T* output) noexcept;
};

struct kernel_table : kernels<float>, kernels<double> {};

} // namespace l1loss::compiled
