// The ranks of a test: MPI is initialised before the first use and finalised at the end, and only rank 0 prints.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include <mpi.h>

#include "../support/inputs.hpp"

namespace test {

struct ranks {
    int rank = 0, number = 1;

    ranks() {
        MPI_Init(nullptr, nullptr);
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
        MPI_Comm_size(MPI_COMM_WORLD, &number);
        if (rank != 0 && std::freopen("/dev/null", "w", stdout) == nullptr) std::abort();
        std::atexit([] { MPI_Finalize(); });
    }

    /// The elements [first, last) of this rank, where n are split at random. Some ranks have none.
    std::pair<std::size_t, std::size_t> split(std::size_t n, std::uint64_t seed) const {
        std::vector<std::size_t> cuts{0, n};
        for (int k = 1; k < number; ++k) cuts.push_back(split_mix(seed, std::uint64_t(k)) % (n + 1));
        std::sort(cuts.begin(), cuts.end());
        return {cuts[std::size_t(rank)], cuts[std::size_t(rank) + 1]};
    }
};

} // namespace test
