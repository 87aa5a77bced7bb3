// How a broken contract is reported: std::invalid_argument, or the same message on stderr and abort() where exceptions are
// off. Ground floor; the only place that may allocate, and only on its way out.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace l1loss::detail {

[[noreturn, gnu::cold, gnu::noinline]] inline void fail(std::string const& message) {
#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
    throw std::invalid_argument(message);
#else
    std::fprintf(stderr, "%s\n", message.c_str());
    std::abort();
#endif
}

} // namespace l1loss::detail
