// Ranges of memory and the test whether two of them overlap.
#pragma once

#include <cstddef>
#include <cstdint>

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

/// Whether an output overlaps an array that is read. With may_be_same, exactly the same memory is not an overlap.
L1LOSS_INLINE constexpr bool lies_across(memory_range out, memory_range in, bool may_be_same) {
    bool const same = may_be_same && out.begin == in.begin && out.end == in.end;
    return !same && in.begin != in.end && out.begin < in.end && in.begin < out.end;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
