// An executor on a fixed number of threads.
#pragma once

#include <atomic>
#include <barrier>
#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

#include <l1loss/parallel.hpp>

namespace test {

/// `number` threads: the calling one, and others that wait for its next call. Each takes the next index when it is free. Copies
/// share the threads. Only one call may run at a time.
class threads {
    struct crew {
        std::barrier<> gate; // opens before a call and after it
        std::size_t n = 0;
        l1loss::indexed_task const* task = nullptr; // null ends the other threads
        std::atomic<std::size_t> next = 0;
        std::vector<std::thread> others;

        explicit crew(std::size_t number) : gate(std::ptrdiff_t(number)) {
            for (std::size_t t = 1; t < number; ++t)
                others.emplace_back([this] {
                    for (gate.arrive_and_wait(); task; gate.arrive_and_wait()) work();
                });
        }
        ~crew() {
            gate.arrive_and_wait();
            for (std::thread& t : others) t.join();
        }
        void work() {
            for (std::size_t i = next++; i < n; i = next++) (*task)(i);
            gate.arrive_and_wait();
        }
        void run(std::size_t tasks, l1loss::indexed_task const& f) {
            n = tasks, task = &f, next = 0;
            gate.arrive_and_wait();
            work();
            task = nullptr;
        }
    };
    std::shared_ptr<crew> crew_;

public:
    explicit threads(std::size_t number) : crew_(std::make_shared<crew>(number)) {}

    void operator()(std::size_t n, l1loss::indexed_task task) const { crew_->run(n, task); }
};

} // namespace test
