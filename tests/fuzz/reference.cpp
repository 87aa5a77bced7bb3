// Compiles the reference.
#define REFERENCE_IS_COMPILED_HERE
#include "reference.hpp"

namespace reference {
REFERENCE(, float)
REFERENCE(, double)
} // namespace reference
