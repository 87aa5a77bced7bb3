// Returns the message of the std::invalid_argument that a call throws.
#pragma once

#include <stdexcept>
#include <string>

namespace test {

template <class F> std::string message(F f) {
    try {
        f();
    } catch (std::invalid_argument const& error) {
        return error.what();
    }
    return "nothing was thrown";
}

} // namespace test
