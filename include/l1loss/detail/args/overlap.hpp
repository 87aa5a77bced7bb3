// Checks before anything is written that each output is exactly the memory of one array that is read, or disjoint from all.
#pragma once

#include <cstdint>
#include <string>
#include <type_traits>

#include <l1loss/detail/args/error.hpp>
#include <l1loss/detail/args/memory.hpp>
#include <l1loss/detail/flags.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Fails if an output overlaps an array of n elements. With may_be_same, exactly the same memory is allowed, if the array is
/// contiguous and has the same element type.
template <class Out, class Array>
L1LOSS_INLINE inline void refuse_overlap(Out* out, std::size_t out_size, char const* out_name, Array array, std::size_t n,
                                         char const* name, bool may_be_same) {
    auto const check = [&](std::uintptr_t begin, std::uintptr_t end, bool is_dense) L1LOSS_INLINE {
        if (lies_across(memory_of(out, out_size), {begin, end}, may_be_same && is_dense)) [[unlikely]]
            overlaps(out_name, name);
    };
    auto const address = [](auto const* p) L1LOSS_INLINE { return reinterpret_cast<std::uintptr_t>(p); };
    if constexpr (requires { array.pitch; }) {
        auto const [begin, end] = array.memory();
        check(begin, end, false);
    } else if constexpr (requires { array->memory(); }) {
        auto const [begin, end] = array->memory();
        check(begin, end, array->is_dense() && std::is_same_v<Out, typename std::remove_pointer_t<Array>::value_type>);
    } else if constexpr (std::is_pointer_v<Array>) {
        check(address(array), address(array + n), std::is_same_v<Out const, std::remove_pointer_t<Array>>);
    }
}

/// Checks an output against all arrays of a call. In constant evaluation nothing is checked, since addresses cannot be compared.
template <class Out, class Operands>
L1LOSS_INLINE constexpr void refuse_overlaps(Out* out, std::size_t out_size, std::size_t n, char const* name, Operands const& ops,
                                             bool may_be_same = true) {
    if (std::is_constant_evaluated()) return;
    refuse_overlap(out, out_size, name, ops.input, n, "input", may_be_same);
    refuse_overlap(out, out_size, name, ops.target, n, "target", may_be_same);
    refuse_overlap(out, out_size, name, ops.weights, n, "weights", may_be_same);
    refuse_overlap(out, out_size, name, ops.mask, n, "mask", may_be_same);
    refuse_overlap(out, out_size, name, ops.scale, n, "grad_output", may_be_same);
}

/// Fails if two outputs overlap.
template <class X, class Y>
L1LOSS_INLINE constexpr void refuse_shared(X* x, std::size_t m, char const* x_name, Y* y, std::size_t n, char const* y_name) {
    if (std::is_constant_evaluated()) return;
    auto const first = reinterpret_cast<std::uintptr_t>(x), second = reinterpret_cast<std::uintptr_t>(y);
    if (first < second + n * sizeof *y && second < first + m * sizeof *x) [[unlikely]]
        fail(std::string("l1loss: ") + x_name + " overlaps " + y_name + ", expected different memory");
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
