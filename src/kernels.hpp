// The table of functions that every instruction set provides.
//
// They take checked arguments. kernels.cpp defines them, isas.cpp chooses a table, and c_interface.cpp calls it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>

#include <l1loss/element.hpp>
#include <l1loss/l1loss.h>

namespace l1loss::compiled {

/// The type of a sum of elements T: exact for integers.
template <class T> using sum_of = std::conditional_t<std::integral<T>, std::uint64_t, accumulator_of<T>>;

/// The functions of every element type.
template <class T> struct losses {
    using A = accumulator_of<T>;
    A (*mean)(T const* input, T const* target, std::size_t n) noexcept;
    sum_of<T> (*sum)(T const* input, T const* target, std::size_t n) noexcept;
    void (*rows)(T const* input, T const* target, std::size_t rows, std::size_t columns, l1loss_reduction r, A* output) noexcept;
};

/// Those of float and double alone.
template <class T> struct gradients {
    void (*none)(T const* input, T const* target, std::size_t n, T* output) noexcept;
    void (*backward)(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) noexcept;
    T (*with_gradient)(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) noexcept;
};

/// Those too. Weights or the mask may be null.
template <class T> struct selections {
    T (*weighted)(T const* input, T const* target, T const* weights, unsigned char const* mask, std::size_t n, l1loss_reduction r,
                  std::size_t& count) noexcept;
    bool (*exceeds)(T const* input, T const* target, std::size_t n, l1loss_reduction r, T threshold) noexcept;
};

template <class... Parts> struct table_of : Parts... {};
using loss_table =
    table_of<losses<float>, gradients<float>, losses<double>, gradients<double>, losses<float16_t>, losses<bfloat16_t>,
             losses<std::uint8_t>, losses<std::int8_t>, losses<std::uint16_t>, losses<std::int16_t>>;
using selection_table = table_of<selections<float>, selections<double>>;

/// Several instruction sets share their selections, which take long to compile. All give the same bits.
struct kernel_table : loss_table {
    selection_table const* selections;
};
template <class Kernels> Kernels const& part_of(kernel_table const& table) {
    if constexpr (std::derived_from<loss_table, Kernels>) return table;
    else return *table.selections;
}

/// The table of what make(part) gives for each part.
template <class Make, class... Parts> constexpr table_of<Parts...> make_table(Make make, table_of<Parts...>) {
    return {make(Parts{})...};
}

} // namespace l1loss::compiled
