// An executor for tests.
#pragma once

#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

#include <l1loss/parallel.hpp>

namespace test {

/// So many threads, the one that calls and new ones for each call, which take the next index as they come.
struct threads {
    std::size_t number;

    void operator()(std::size_t n, l1loss::indexed_task task) const {
        std::atomic<std::size_t> next = 0;
        std::vector<std::thread> all;
        auto const work = [&] {
            for (std::size_t i = next++; i < n; i = next++) task(i);
        };
        for (std::size_t t = 1; t < number; ++t) all.emplace_back(work);
        work();
        for (std::thread& t : all) t.join();
    }
};

} // namespace test
