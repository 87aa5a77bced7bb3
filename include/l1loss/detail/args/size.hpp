// How many elements the arguments of a call have, and what becomes of one that is nothing but elements side by side, or one number:
// an array as it is, or an error that says both sizes. Where there are views among them, shape.hpp takes over.
//
// On top of arguments.hpp, under shape.hpp.
#pragma once

#include <string>
#include <utility>

#include <l1loss/detail/args/arguments.hpp>

namespace l1loss::detail {

/// The size of an argument that knows it must be n.
template <class Arg>
constexpr void check_size(std::size_t n, Arg const& arg, char const* name) {
    if constexpr (!pointer<Arg> && !std::is_arithmetic_v<Arg> && !std::is_same_v<Arg, nothing>)
        if (size_of(arg) != n) [[unlikely]]
            sizes_differ(n, name, size_of(arg));
}

/// How many elements an argument has, or is said to have if it is a pointer.
template <class Arg, class... Options>
constexpr std::size_t length_of(Arg const& arg, Options&... options) {
    if constexpr (pointer<Arg>) {
        auto const length = option<is_length>(options...);
        if (std::cmp_less(length, 0)) [[unlikely]]
            fail("l1loss: length is " + std::to_string(length) + ", expected 0 or more");
        return static_cast<std::size_t>(length);
    } else {
        return size_of(arg);
    }
}

/// An argument that could have strides must not have any but those of its shape.
template <class Arg>
constexpr void check_dense([[maybe_unused]] Arg& arg, [[maybe_unused]] char const* name) {
    if constexpr (viewable<std::remove_cv_t<Arg>>)
        if (!view_of(arg).is_dense()) [[unlikely]]
            fail(std::string("l1loss: ") + name + " is strided, expected contiguous elements");
}

// ---- Arguments that are nothing but elements side by side, or one number.

template <class Arg>
L1LOSS_INLINE constexpr auto plain_array(Arg const& arg) {
    if constexpr (std::is_same_v<Arg, nothing>) {
        return arg;
    } else if constexpr (std::is_arithmetic_v<Arg>) {
        return constant<Arg>{arg};
    } else {
        element_of<Arg const> const* p = data_of(arg);
        return p;
    }
}

/// The result of a call whose arguments are all such: only its size is known.
struct flat_layout {
    std::size_t n;

    /// Where an output begins, once it is known to fit.
    template <class Out>
    constexpr auto* output(Out& out, char const* name) const {
        check_size(n, out, name);
        check_dense(out, name);
        return data_of(out);
    }
};

} // namespace l1loss::detail
