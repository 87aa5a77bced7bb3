// Reports a broken contract, and holds the messages that the headers share with the compiled library.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <type_traits>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class Part> std::string text_of(Part const& part) {
    if constexpr (std::is_integral_v<Part>) return std::to_string(part);
    else if constexpr (requires { part.extent; }) return shape_text(part);
    else return std::string(part);
}

/// Throws std::invalid_argument. Where exceptions are off, it writes the message to stderr and aborts. The message is made of
/// texts, integers and shapes, here and not in the caller, which may be inlined. It is the only allocation of a call.
template <class... Parts> [[noreturn, gnu::cold, gnu::noinline]] void fail(Parts... parts) {
    std::string const message = ("l1loss: " + ... + text_of(parts));
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
    throw std::invalid_argument(message);
#else
    std::fprintf(stderr, "%s\n", message.c_str());
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
