// What an instruction set has to offer: functions on arguments that are checked already. Each compiled from kernels.cpp with the
// flags of that instruction set; isas.cpp chooses among them, and c_interface.cpp calls what is chosen.
#pragma once

#include <cstddef>

#include <l1loss/l1loss.h>

namespace l1loss::compiled {

template <class T>
struct kernels {
    T (*mean)(T const* input, T const* target, std::size_t n) noexcept;
    T (*sum)(T const* input, T const* target, std::size_t n) noexcept;
    void (*none)(T const* input, T const* target, std::size_t n, T* output) noexcept;
    void (*backward)(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) noexcept;
    T (*with_gradient)(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) noexcept;
    void (*rows)(T const* input, T const* target, std::size_t rows, std::size_t columns, l1loss_reduction r, T* output) noexcept;
};

struct kernel_table : kernels<float>, kernels<double> {};

} // namespace l1loss::compiled
