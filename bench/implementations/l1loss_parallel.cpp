// This library on the threads of the standard library and on one thread, and what threads can read.
//
// The ceiling is read in 2 parts and in 64. Each part is a task.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <execution>

#include <l1loss/loss.hpp>
#include <l1loss/parallel.hpp>

#include "../parallel.hpp"
#include "read_ceiling.hpp"

namespace l1loss_bench {
namespace {

struct one_thread {
    template <work, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        return l1loss::l1_loss(x, y, n);
    }
};

struct threads {
    template <work, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        return l1loss::l1_loss(std::execution::par, x, y, n);
    }
};

template <std::size_t parts> struct read_by_threads {
    template <work W, class T> L1LOSS_BENCH_INLINE static T loss(T const* x, T const* y, std::size_t n) {
        struct alignas(64) part {
            std::uint32_t bits;
        };
        std::array<part, parts> all;
        std::for_each(std::execution::par, all.begin(), all.end(), [&](part& p) {
            std::size_t const k = std::size_t(&p - all.data()), first = k * n / parts;
            p.bits = std::bit_cast<std::uint32_t>(read_ceiling::loss<W>(x + first, y + first, (k + 1) * n / parts - first));
        });
        std::uint32_t any = 0;
        for (part const& p : all) any ^= p.bits;
        return std::bit_cast<T>(any);
    }
};

[[maybe_unused]] bool const entered = enter_parallel<threads>("l1loss") && enter_parallel<one_thread>("one_thread") &&
                                      enter_parallel<read_by_threads<2>>("ceiling", answer::bits) &&
                                      enter_parallel<read_by_threads<64>>("ceiling64", answer::bits);

} // namespace
} // namespace l1loss_bench
