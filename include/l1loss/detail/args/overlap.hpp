// Checks before anything is written that each output is exactly the memory of one array that is read, or disjoint from all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <l1loss/detail/args/error.hpp>
#include <l1loss/detail/flags.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The addresses [begin, end).
struct memory_range {
    std::uintptr_t begin, end;
};

template <class T> L1LOSS_INLINE inline memory_range memory_of(T const* p, std::size_t n) {
    auto const begin = reinterpret_cast<std::uintptr_t>(p);
    return {begin, begin + n * sizeof(T)};
}

/// Whether an output overlaps other memory. With may_be_same, exactly the same memory is not an overlap.
L1LOSS_INLINE constexpr bool lies_across(memory_range out, memory_range in, bool may_be_same) {
    bool const same = may_be_same && out.begin == in.begin && out.end == in.end;
    return !same && in.begin != in.end && out.begin != out.end && out.begin < in.end && in.begin < out.end;
}

/// Fails if an output overlaps an array of n elements. With may_be_same, exactly the same memory is allowed, if the array is
/// contiguous and has the same element type.
template <class Out, class Array>
L1LOSS_INLINE inline void refuse_overlap(memory_range out, char const* out_name, Array const& array, std::size_t n,
                                         char const* name, bool may_be_same) {
    if constexpr (requires { array.codes; }) return refuse_overlap<Out>(out, out_name, array.codes, n, name, false);
    memory_range in{};
    if constexpr (requires { array.memory(); }) {
        in = array.memory();
        may_be_same = false;
    } else if constexpr (requires { array->memory(); }) {
        in = array->memory();
        may_be_same = may_be_same && array->is_dense() && std::is_same_v<Out, typename std::remove_pointer_t<Array>::value_type>;
    } else if constexpr (std::is_pointer_v<Array>) {
        in = memory_of(array, n);
        may_be_same = may_be_same && std::is_same_v<Out const, std::remove_pointer_t<Array>>;
    }
    if (lies_across(out, in, may_be_same)) [[unlikely]]
        overlaps(out_name, name);
}

/// Checks an output against all arrays of a call. In constant evaluation nothing is checked, since addresses cannot be compared.
template <class Out, class Operands>
L1LOSS_INLINE constexpr void refuse_overlaps(Out* out, std::size_t out_size, std::size_t n, char const* name, Operands const& ops,
                                             bool may_be_same = true) {
    if (std::is_constant_evaluated()) return;
    memory_range const memory = memory_of(out, out_size);
    refuse_overlap<Out>(memory, name, ops.input, n, "input", may_be_same);
    refuse_overlap<Out>(memory, name, ops.target, n, "target", may_be_same);
    refuse_overlap<Out>(memory, name, ops.weights, n, "weights", may_be_same);
    refuse_overlap<Out>(memory, name, ops.mask, n, "mask", may_be_same);
    refuse_overlap<Out>(memory, name, ops.scale, n, "grad_output", may_be_same);
}

/// Fails if two outputs overlap.
template <class X, class Y>
L1LOSS_INLINE constexpr void refuse_shared(X* x, std::size_t m, char const* x_name, Y* y, std::size_t n, char const* y_name) {
    if (std::is_constant_evaluated()) return;
    if (lies_across(memory_of(x, m), memory_of(y, n), false)) [[unlikely]]
        fail(x_name, " overlaps ", y_name, ", expected different memory");
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
