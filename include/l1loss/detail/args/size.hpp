// The sizes of arguments, and the layout of a call whose arguments are all contiguous elements or single numbers.
#pragma once

#include <cstddef>
#include <utility>

#include <l1loss/detail/args/options.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Fails unless the size of an argument is n. A pointer, a number and `nothing` have no size.
template <class Arg> constexpr void check_size(std::size_t n, Arg const& arg, char const* name) {
    if constexpr (!pointer<Arg> && !std::is_arithmetic_v<Arg> && !std::is_same_v<Arg, nothing>)
        if (size_of(arg) != n) [[unlikely]]
            sizes_differ(n, name, size_of(arg));
}

/// The number of elements of an argument. For a pointer it is the length that the caller gave.
template <class Arg, class Options> constexpr std::size_t length_of(Arg const& arg, Options const& options) {
    if constexpr (pointer<Arg>) {
        auto const length = options.length;
        if (std::cmp_less(length, 0) || !std::in_range<std::ptrdiff_t>(length)) [[unlikely]]
            fail("length is ", length, std::cmp_less(length, 0) ? ", expected 0 or more" : ", which is too large to be addressed");
        return static_cast<std::size_t>(length);
    } else {
        return size_of(arg);
    }
}

/// Fails unless the elements of an argument are contiguous.
template <class Arg> constexpr void check_dense([[maybe_unused]] Arg& arg, [[maybe_unused]] char const* name) {
    if constexpr (viewable<std::remove_cv_t<Arg>>)
        if (!view_of(arg).is_dense()) [[unlikely]]
            fail(name, " is strided, expected contiguous elements");
}

// ---- Arguments that are contiguous elements or one number.

/// An argument as a pointer to its elements, as one value for all indexes, or as `nothing`.
template <class Arg> L1LOSS_INLINE constexpr auto contiguous_array(Arg const& arg) {
    if constexpr (std::is_same_v<Arg, nothing>) {
        return arg;
    } else if constexpr (is_quantized<Arg>) {
        return array_of(arg, contiguous_array(arg.values));
    } else if constexpr (std::is_arithmetic_v<Arg>) {
        return constant<Arg>{arg};
    } else {
        element_of<Arg const> const* p = data_of(arg);
        return p;
    }
}

/// The layout of a call whose arguments are all such. It has a size and no shape.
struct flat_layout {
    std::size_t n;

    constexpr std::size_t size() const { return n; }
    /// Fails unless an output has n contiguous elements. Returns its first element.
    template <class Out> constexpr auto* output(Out& out, char const* name) const {
        check_size(n, out, name);
        check_dense(out, name);
        return data_of(out);
    }
};

} // namespace l1loss::detail::inline L1LOSS_FLAGS
