// The read ceiling on one thread.
#include "read_ceiling.hpp"

namespace l1loss_bench {
namespace {

[[maybe_unused]] bool const entered = enter_implementation<read_ceiling, float, double>("ceiling", answer::bits);

} // namespace
} // namespace l1loss_bench
