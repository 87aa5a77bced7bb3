// Reports a broken contract, and holds the messages that the headers share with the compiled library.
#pragma once

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Throws std::invalid_argument. Where exceptions are off, it writes the message to stderr and aborts. Building the message is
/// the only allocation of a call.
[[noreturn, gnu::cold, gnu::noinline]] inline void fail(std::string const& message) {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
    throw std::invalid_argument(message);
#else
    std::fprintf(stderr, "%s\n", message.c_str());
    std::abort();
#endif
}

[[noreturn, gnu::cold, gnu::noinline]] inline void sizes_differ(std::size_t n, char const* name, std::size_t size) {
    fail("l1loss: input has " + std::to_string(n) + " elements, " + name + " has " + std::to_string(size));
}
[[noreturn, gnu::cold, gnu::noinline]] inline void rows_are_ragged(std::size_t n, std::size_t rows) {
    fail("l1loss: input has " + std::to_string(n) + " elements, expected a multiple of " + std::to_string(rows) + ", the rows");
}
[[noreturn, gnu::cold, gnu::noinline]] inline void room_differs(std::size_t n, char const* what, char const* name,
                                                                std::size_t size) {
    fail("l1loss: input has " + std::to_string(n) + " " + what + ", " + name + " has " + std::to_string(size) + " elements");
}
[[noreturn, gnu::cold, gnu::noinline]] inline void overlaps(char const* out, char const* in) {
    fail(std::string("l1loss: ") + out + " overlaps " + in + " in part, expected the same memory and type, or none of it");
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
