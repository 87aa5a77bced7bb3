// Where outputs may lie: exactly on what is read, or apart from it. Checked before anything is written.
//
// On top of view.hpp and error.hpp, under the public functions.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>

#include <l1loss/detail/error.hpp>
#include <l1loss/detail/view.hpp>

namespace l1loss::detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void overlaps(char const* out, char const* in) {
    fail(std::string("l1loss: ") + out + " overlaps " + in + " in part, expected the same memory and type, or none of it");
}

/// Fails unless the elements at `out` are exactly the n of the array or apart from them.
template <class Out, class Array>
L1LOSS_INLINE inline void refuse_overlap(Out* out, std::size_t out_size, char const* out_name, Array array, std::size_t n,
                                         char const* name) {
    constexpr bool is_pitched = requires { array.pitch; };
    if constexpr (std::is_pointer_v<Array> || is_pitched) {
        auto const out_begin = reinterpret_cast<std::uintptr_t>(out), out_end = out_begin + out_size * sizeof *out;
        std::uintptr_t begin, end;
        bool same;
        if constexpr (is_pitched) {
            std::tie(begin, end) = array.memory();
            same = false;
        } else if constexpr (is_view<Array>) {
            std::tie(begin, end) = array->memory();
            same = array->is_dense() && std::is_same_v<Out, typename std::remove_pointer_t<Array>::value_type>;
        } else {
            begin = reinterpret_cast<std::uintptr_t>(array);
            end = begin + n * sizeof *array;
            same = std::is_same_v<Out const, std::remove_pointer_t<Array>>;
        }
        same = same && out_begin == begin && out_end == end;
        if (!same && out_begin < end && begin < out_end) [[unlikely]]
            overlaps(out_name, name);
    }
}

/// The same for all arrays of a call. In constant evaluation addresses cannot be compared.
template <class Out, class Operands>
L1LOSS_INLINE constexpr void refuse_overlaps(Out* out, std::size_t out_size, std::size_t n, char const* name, Operands const& ops) {
    if (std::is_constant_evaluated()) return;
    refuse_overlap(out, out_size, name, ops.input, n, "input");
    refuse_overlap(out, out_size, name, ops.target, n, "target");
    refuse_overlap(out, out_size, name, ops.weights, n, "weights");
    refuse_overlap(out, out_size, name, ops.mask, n, "mask");
    refuse_overlap(out, out_size, name, ops.scale, n, "grad_output");
}

/// Fails if two outputs have anything in common.
template <class X, class Y>
L1LOSS_INLINE constexpr void refuse_shared(X* x, std::size_t m, char const* x_name, Y* y, std::size_t n, char const* y_name) {
    if (std::is_constant_evaluated()) return;
    auto const first = reinterpret_cast<std::uintptr_t>(x), second = reinterpret_cast<std::uintptr_t>(y);
    if (first < second + n * sizeof *y && second < first + m * sizeof *x) [[unlikely]]
        fail(std::string("l1loss: ") + x_name + " overlaps " + y_name + ", expected different memory");
}

} // namespace l1loss::detail
