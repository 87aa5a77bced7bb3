// Reports a broken contract, and holds the messages that the headers share with the compiled library.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The text of an error. The functions of std::string are weak, so units with different flags would share them.
struct error_text {
    char chars[512] = "l1loss: "; // what does not fit is cut off
    std::size_t size = 8;

    void append(char const* text) {
        while (*text != 0) append_one(*text++);
    }
    void append(std::string_view name) { // of any length, so it is cut first
        for (char const& c : name) {
            if (&c - name.data() == 100) return append("...");
            append_one(c);
        }
    }
    void append(std::integral auto n) {
        if (n < 0) append("-");
        if (n / 10 != 0) append(n < 0 ? 0 - n / 10 : n / 10);
        append_one("9876543210123456789"[9 + n % 10]); // the remainder has the sign of n
    }
    void append(auto shape) {
        if (shape.rank == 0) append("a scalar");
        for (std::size_t d = 0; d < shape.rank; ++d) append(d == 0 ? "" : " x "), append(shape.extent[d]);
    }
    void append_one(char c) {
        if (size + 1 < sizeof chars) chars[size++] = c;
    }
};

/// Throws std::invalid_argument. Where exceptions are off, it writes the message to stderr and aborts. The message is made of
/// texts, integers and shapes, here and not in the caller, which may be inlined. Its copy in the exception is the only allocation
/// of a call.
template <class... Parts> [[noreturn, gnu::cold, gnu::noinline]] void fail(Parts... parts) {
    error_text text;
    (text.append(parts), ...);
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
    throw std::invalid_argument(text.chars);
#else
    std::fprintf(stderr, "%s\n", text.chars);
    std::abort();
#endif
}

[[noreturn, gnu::cold, gnu::noinline]] inline void sizes_differ(std::size_t n, char const* name, std::size_t size) {
    fail("input has ", n, " elements, ", name, " has ", size);
}
[[noreturn, gnu::cold, gnu::noinline]] inline void rows_are_ragged(std::size_t n, std::size_t rows) {
    fail("input has ", n, " elements, expected a multiple of ", rows, ", the rows");
}
[[noreturn, gnu::cold, gnu::noinline]] inline void room_differs(std::size_t n, char const* what, char const* name,
                                                                std::size_t size) {
    fail("input has ", n, " ", what, ", ", name, " has ", size, " elements");
}
[[noreturn, gnu::cold, gnu::noinline]] inline void overlaps(char const* out, char const* in) {
    fail(out, " overlaps ", in, " in part, expected the same memory and type, or none of it");
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
