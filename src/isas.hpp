// The kernels of the instruction set in use.
#pragma once

#include <atomic>

#include "kernels.hpp"

namespace l1loss::compiled {

/// The table in use. Before the first call it is a table that chooses. So it is never null, and a call does not test it.
#pragma GCC visibility push(hidden) // calls skip the GOT
extern constinit std::atomic<kernel_table const*> active;
#pragma GCC visibility pop

/// A relaxed load is enough: tables are constants, so no other write has to be visible.
template <class Kernels> Kernels const& active_kernels() { return part_of<Kernels>(*active.load(std::memory_order_relaxed)); }

} // namespace l1loss::compiled
