// The instruction set in use. On top of kernels.hpp, under c_interface.cpp.
#pragma once

#include <atomic>

#include "kernels.hpp"

namespace l1loss::compiled {

/// Its table; until the first call, one that chooses. So it is never null, and a call need only read it and go there.
[[gnu::visibility("hidden")]] extern constinit std::atomic<kernel_table const*> active; // so that no call looks for it

/// Relaxed, since tables are constants: there is nothing to be seen in order.
template <class T>
kernels<T> const& active_kernels() {
    return *active.load(std::memory_order_relaxed);
}

} // namespace l1loss::compiled
