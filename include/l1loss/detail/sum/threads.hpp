// The execution context that computes a call on many threads.
//
// A call is cut into chunks, and each chunk is a task. A chunk of a sum is a run of blocks that the order has, and its line waits
// in memory until all lines are joined in the order. So neither the number of threads nor their timing changes a bit.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <numeric>

#include <l1loss/detail/sum/canonical_sum.hpp>

namespace l1loss {

/// What an executor runs: task(i) for one i, on any thread. It is two pointers, trivially copyable, and throws nothing.
class indexed_task {
public:
    template <class F>
    L1LOSS_INLINE explicit indexed_task(F const* f)
        : of_(f), call_([](void const* of, std::size_t i) { (*static_cast<F const*>(of))(i); }) {}
    L1LOSS_INLINE void operator()(std::size_t i) const noexcept { call_(of_, i); }

private:
    void const* of_;
    void (*call_)(void const*, std::size_t);
};

} // namespace l1loss

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The most chunks of a call. So at most 64 threads have work, and at most 64 lines wait on the stack.
inline constexpr std::size_t max_chunks = 64;

/// The fewest elements in a chunk: 256 KiB of input and target, which take about 4 µs. oneTBB needs 0.1 µs to hand out a task.
/// Chunks of a quarter of this size were 5 % slower at 2^20 elements.
template <class A> inline constexpr std::size_t min_chunk = 64 * order<A>::block;
/// The same for a term source. Integers have no blocks, and are counted by their bytes.
template <class Terms>
inline constexpr std::size_t min_chunk_of = [] {
    if constexpr (is_exact<Terms>) return (std::size_t{128} << 10) / sizeof(array_value<decltype(std::declval<Terms>().ops.input)>);
    else return min_chunk<typename Terms::value_type>;
}();

/// The fewest elements that pay for a second thread: 1 MiB of input and target. Two threads took 0.6 of the time of one thread
/// here, and 1.2 at half this length.
template <class Terms> inline constexpr std::size_t min_for_threads = 4 * min_chunk_of<Terms>;

/// Whether tasks can share a source. The reader of a strided view has state, so they cannot.
template <class Terms> inline constexpr bool is_stateless = !Terms::needs_windows;

template <class Arch, class Executor> class on_threads {
public:
    using arch = Arch;

    explicit on_threads(Executor& run) : run_(run) {}

    template <class Terms, class Size, class Then = unchanged> auto sum(Terms const& terms, Size n, Then then = {}) const {
        if constexpr (is_stateless<Terms> && (uses_integer_registers<Terms> || uses_registers<Terms, Arch>))
            if (n >= min_for_threads<Terms>) return then(sum_of_chunks(terms, n), n);
        return on_this_thread<Arch>::sum(terms, n, then);
    }

    template <class Rows, class Size, class F> void sum_rows(Rows const& row, std::size_t rows, Size columns, F f) const {
        using Terms = decltype(row(0));
        if constexpr (is_stateless<Terms>) {
            if (rows < max_chunks && columns >= min_for_threads<Terms>) { // each row on all threads
                for (std::size_t r = 0; r < rows; ++r) f(r, sum(row(r), columns));
                return;
            }
            if (rows * columns >= min_for_threads<Terms>) {
                for_each_chunk(
                    rows, (min_chunk_of<Terms> - 1) / columns + 1, [&](std::size_t, std::size_t first, std::size_t last) {
                        on_this_thread<Arch>::sum_rows([&](std::size_t r) L1LOSS_INLINE { return row(first + r); }, last - first,
                                                       columns, [&](std::size_t r, auto sum) L1LOSS_INLINE { f(first + r, sum); });
                    });
                return;
            }
        }
        on_this_thread<Arch>::sum_rows(row, rows, columns, f);
    }

    template <class Size> static Size size_of_all(Size n) { return n; }

    /// Calls task(i) for each i in 0 … number-1, which is at most max_chunks.
    template <class Task> void run(std::size_t number, Task const& task) const { run_(number, indexed_task(&task)); }

    static constexpr bool counts_bytes = true;
    std::size_t count_bytes(unsigned char const* mask, std::size_t n) const {
        if (n < 4 * min_chunk<float>) return count_nonzero<Arch>(mask, n);
        std::array<std::size_t, max_chunks> counts;
        std::size_t const number = for_each_chunk(n, min_chunk<float>, [&](std::size_t k, std::size_t first, std::size_t last) {
            counts[k] = count_nonzero<Arch>(mask + first, last - first);
        });
        return std::accumulate(counts.begin(), counts.begin() + number, std::size_t{0});
    }

    template <class Terms> void write(Terms const& terms, std::size_t n) const {
        auto const write_chunk = [&](std::size_t, std::size_t first, std::size_t last) { write_part<Arch>(terms, first, last, n); };
        if constexpr (is_stateless<Terms> && uses_registers<Terms, Arch>)
            if (n >= min_for_threads<Terms>) return void(for_each_chunk(n, min_chunk_of<Terms>, write_chunk));
        on_this_thread<Arch>::write(terms, n);
    }

private:
    template <class Terms> typename Terms::sum_type sum_of_chunks(Terms const& terms, std::size_t n) const {
        if constexpr (is_exact<Terms>) {
            typename Terms::sum_type sums[max_chunks];
            std::size_t const number =
                for_each_chunk(n, min_chunk_of<Terms>, [&](std::size_t k, std::size_t first, std::size_t last) {
                    sums[k] = exact_sum<Arch>(terms, first, last);
                });
            for (std::size_t k = 1; k < number; ++k) accumulate(sums[0], sums[k]);
            return sums[0];
        } else {
            using line = line_in_registers<Terms, Arch>;
            struct alignas(64) line_of_chunk : line { // no two threads write to one cache line
                std::size_t counted = 0;
            };
            line_of_chunk lines[max_chunks];
            std::size_t const number =
                for_each_chunk(n, min_chunk_of<Terms>, [&](std::size_t k, std::size_t first, std::size_t last) {
                    static_cast<line&>(lines[k]) =
                        join_blocks<Arch>(with_pointers_in_registers(terms), first, last - first, lines[k].counted);
                });
            line_counter<line, std::bit_width(max_chunks - 1)> before;
            for (std::size_t k = 0; k + 1 < number; ++k) before.push(lines[k]);
            line& last = lines[number - 1];
            before.join_into(last);
            auto sum = fold_line(last);
            if constexpr (requires { sum.count += n; })
                for (std::size_t k = 0; k < number; ++k) sum.count += lines[k].counted;
            return sum;
        }
    }

    /// Cuts n elements or rows into chunks of one size, except the last, and calls f(k, first, last) with each chunk k, on the
    /// threads. The size is `least` times a power of two. So once chunks have grown, at least 33 exist, and a late thread has
    /// little work. Returns how many chunks there are.
    template <class F> std::size_t for_each_chunk(std::size_t n, std::size_t least, F const& f) const {
        std::size_t size = least;
        while ((n - 1) / size >= max_chunks) size *= 2;
        auto const task = [&](std::size_t k) { f(k, k * size, (std::min)(n, (k + 1) * size)); };
        std::size_t const number = (n - 1) / size + 1;
        run(number, task);
        return number;
    }

    Executor& run_;
};

/// An executor calls task(i) for each i in 0 … n-1, and returns when all are done.
template <class E>
concept executor = std::invocable<E&, std::size_t, indexed_task>;

inline constexpr auto indexes_of_chunks = [] {
    std::array<unsigned char, max_chunks> indexes{};
    std::iota(indexes.begin(), indexes.end(), static_cast<unsigned char>(0));
    return indexes;
}();

/// A policy of std::execution is what the algorithms accept as one. <algorithm> declares them. The policies themselves are in
/// <execution>, which would bring in all of TBB.
template <class P>
concept policy = requires(P& p, indexed_task task) { std::for_each(p, indexes_of_chunks.data(), indexes_of_chunks.data(), task); };

template <class P> struct policy_executor {
    P& policy;
    void operator()(std::size_t n, indexed_task task) const {
        std::for_each(policy, indexes_of_chunks.data(), indexes_of_chunks.data() + n, task);
    }
};

template <class E>
concept execution = executor<std::remove_reference_t<E>> || policy<std::remove_reference_t<E>>;

/// Returns f(context) with the threads of an executor or of a policy.
template <class Arch, class Execution, class F> auto with_threads(Execution& execution, F f) {
    if constexpr (executor<Execution>) {
        return f(on_threads<Arch, Execution>(execution));
    } else {
        policy_executor<Execution> run{execution};
        return f(on_threads<Arch, policy_executor<Execution>>(run));
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
