// The execution context that computes a call on the ranks of an MPI communicator.
//
// Each rank has consecutive elements, and makes the state of an accumulator of them. One MPI_Allreduce merges the states in the
// order of the ranks, with an operation that is associative and not commutative.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>

#include <mpi.h>

#include <l1loss/detail/call/accumulator.hpp>
#include <l1loss/detail/sum/threads.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Fails unless a function of MPI succeeded. The default error handler of MPI aborts before that.
inline void expect_success(int code) {
    if (code != MPI_SUCCESS) [[unlikely]]
        fail("a function of MPI failed with error code ", code);
}
template <std::size_t N> void sum_over_ranks(MPI_Comm comm, std::uint64_t (&numbers)[N]) {
    expect_success(MPI_Allreduce(MPI_IN_PLACE, numbers, int{N}, MPI_UINT64_T, MPI_SUM, comm));
}

/// The sum of n on the ranks before this one.
inline std::uint64_t sum_before(MPI_Comm comm, std::uint64_t n) {
    std::uint64_t sum = 0;
    int rank = 0;
    expect_success(MPI_Exscan(&n, &sum, 1, MPI_UINT64_T, MPI_SUM, comm));
    expect_success(MPI_Comm_rank(comm, &rank));
    return rank == 0 ? 0 : sum; // MPI_Exscan leaves it undefined there
}

/// Sums numbers over all ranks. Throws on all ranks if one of them has an error, with the text of the first that has.
template <std::size_t N> void agree(MPI_Comm comm, char const* error, std::uint64_t (&numbers)[N]) {
    constexpr std::size_t prefix = 8; // "l1loss: "
    std::uint64_t sums[N + 1] = {error != nullptr};
    std::copy_n(numbers, N, sums + 1);
    sum_over_ranks(comm, sums);
    std::copy_n(sums + 1, N, numbers);
    if (sums[0] == 0) [[likely]]
        return;
    int rank = 0, number = 0;
    expect_success(MPI_Comm_rank(comm, &rank));
    expect_success(MPI_Comm_size(comm, &number));
    int first = error != nullptr ? rank : number;
    expect_success(MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, comm));
    error_text text;
    if (rank == first) text.append(error + prefix);
    expect_success(MPI_Bcast(text.chars, sizeof text.chars, MPI_CHAR, first, comm));
    fail("rank ", first, " of ", number, ": ", static_cast<char const*>(text.chars) + prefix);
}

// ---- States.

/// The state of a rank as MPI sends it: the number of bytes that follow, and the bytes. The rest of a message is not used.
inline constexpr std::size_t start_of_message = sizeof(std::uint64_t);
template <class T> void write_message(runs<T> const& s, std::byte* message, std::size_t capacity) {
    std::uint64_t const size = write_bytes(s, std::span(message + start_of_message, capacity - start_of_message));
    byte_writer{message}(size);
}
template <class T> void read_message(runs<T>& s, std::byte const* message) {
    std::uint64_t size = 0;
    byte_reader{message}(size);
    read_bytes(s, std::span(message + start_of_message, std::size_t(size)));
}

/// The operation of MPI: right = left + right.
template <class Arch, class T> void merge_messages(void* left, void* right, int* number, MPI_Datatype* type) {
    int size = 0;
    MPI_Type_size(*type, &size);
    for (std::size_t at = 0; at < std::size_t(*number) * std::size_t(size); at += std::size_t(size)) {
        runs<T> sum, next;
        read_message(sum, static_cast<std::byte const*>(left) + at);
        read_message(next, static_cast<std::byte const*>(right) + at);
        merge_runs<Arch>(sum, next);
        write_message(sum, static_cast<std::byte*>(right) + at, std::size_t(size));
    }
}

/// Sets the state of each rank to that of all ranks, which ends before `end` and has one or two kinds of numbers.
template <class Arch, class T> void merge_over_ranks(MPI_Comm comm, runs<T>& s, std::size_t kinds, std::size_t end) {
    std::byte message[start_of_message + max_bytes<T>];
    std::size_t const max_runs = 2 * std::size_t(std::bit_width(end / order<T>::block)); // two of each level
    std::size_t const size = start_of_message + max_size_of_bytes<T>(kinds, max_runs);
    write_message(s, message, size);
    MPI_Datatype type;
    MPI_Op merge;
    expect_success(MPI_Type_contiguous(int(size), MPI_BYTE, &type));
    expect_success(MPI_Type_commit(&type));
    expect_success(MPI_Op_create(merge_messages<Arch, T>, 0, &merge));
    expect_success(MPI_Allreduce(MPI_IN_PLACE, message, 1, type, merge, comm));
    MPI_Op_free(&merge);
    MPI_Type_free(&type);
    read_message(s, message);
}

/// Appends n terms on the calling thread.
template <class Arch, class T, class Terms> void append(on_this_thread<Arch>, runs<T>& s, Terms const& terms, std::size_t n) {
    if (n != 0) append_blocks<Arch>(s, terms, 0, n);
}
/// Appends n terms on many threads. The first task brings s to a multiple of the length of a chunk, the last one takes what is left
/// behind whole chunks, and each task between them has one chunk.
template <class Arch, class Executor, class T, class Terms>
void append(on_threads<Arch, Executor> const& threads, runs<T>& s, Terms const& terms, std::size_t n) {
    if constexpr (is_stateless<Terms> && uses_registers<Terms, Arch>) {
        if (n >= min_for_threads<Terms>) {
            std::size_t size = min_chunk_of<Terms>;
            while (n / size + 2 > max_chunks) size *= 2;
            std::size_t const begin = (std::min)(n, (0 - end_of(s)) % size), number = (n - begin) / size;
            using line = line_in_registers<Terms, Arch>;
            struct alignas(64) line_of_chunk : line { // no two threads write to one cache line
                std::size_t counted = 0;
            };
            line_of_chunk lines[max_chunks];
            runs<T> rest;
            begin_runs(rest, end_of(s) + begin + number * size);
            rest.kind = s.kind;
            threads.run(number + 2, [&](std::size_t k) {
                std::size_t const first = begin + (k - 1) * size;
                if (k == 0) append(on_this_thread<Arch>{}, s, terms, begin);
                else if (k <= number)
                    static_cast<line&>(lines[k - 1]) =
                        join_blocks<Arch>(with_pointers_in_registers(terms), first, size, lines[k - 1].counted);
                else if (first < n) append_blocks<Arch>(rest, terms, first, n);
            });
            for (std::size_t k = 0; k < number; ++k) {
                s.count += lines[k].counted;
                append_line<Arch>(s, lines[k], std::size_t(std::countr_zero(size / order<T>::block)));
            }
            return merge_runs<Arch>(s, rest);
        }
    }
    append(on_this_thread<Arch>{}, s, terms, n);
}

// ---- A call.

/// The context of one rank, which has the first elements of a call that the ranks before it do not have.
///
/// The first use of a context tells each rank where its elements begin, and whether all ranks could check their arguments. All
/// ranks make the same calls of MPI after that, because these depend on the options alone.
template <class Local> class on_ranks {
public:
    using arch = typename Local::arch;
    static constexpr bool counts_bytes = false; // whether a mask has bytes to count depends on the layout of a rank's arguments

    on_ranks(MPI_Comm comm, Local const& local) : comm_(comm), local_(local) {}

    std::size_t size_of_all(std::size_t n) const {
        if (!is_agreed_) agree_on_sizes(n, nullptr);
        return std::size_t(all_);
    }

    template <class Terms, class Then = unchanged> auto sum(Terms const& terms, std::size_t n, Then then = {}) const {
        using S = typename Terms::sum_type;
        std::size_t const all = size_of_all(n);
        S sum{};
        if constexpr (is_exact<Terms>) {
            check_fits_64_bits<decltype(terms.ops)>(all);
            sum = local_.sum(terms, n);
            std::uint64_t numbers[] = {numerator_of(sum), count_of_sum(sum, n)};
            sum_over_ranks(comm_, numbers);
            if constexpr (std::is_same_v<S, std::uint64_t>) sum = numbers[0];
            else sum.numerator = numbers[0], sum.count = std::size_t(numbers[1]);
        } else if constexpr (number_of_sums<S> == 0) {
            std::uint64_t count[] = {local_.sum(terms, n).count};
            sum_over_ranks(comm_, count);
            sum.count = std::size_t(count[0]);
        } else {
            using A = typename Terms::value_type;
            runs<A> s;
            begin_runs(s, std::size_t(first_));
            s.kind = number_of_sums<S> == 2 ? runs<A>::weighting::weighted : runs<A>::weighting::unweighted;
            append(local_, s, terms, n);
            merge_over_ranks<arch>(comm_, s, number_of_sums<S>, all);
            auto const sums = sum_runs<arch>(s);
            if constexpr (std::is_same_v<S, A>) {
                sum = sums[0];
            } else {
                if constexpr (has_sum<decltype(sum.numerator)>) sum.numerator = sums[0];
                if constexpr (has_sum<decltype(sum.weight)>) sum.weight = sums[number_of_sums<S> - 1];
                if constexpr (has_sum<decltype(sum.count)>) sum.count = s.count;
            }
        }
        return then(sum, all);
    }

    template <class Terms> void write(Terms const& terms, std::size_t n) const {
        (void)size_of_all(n);
        local_.write(terms, n);
    }

    bool is_agreed() const { return is_agreed_; }
    void agree_on_sizes(std::size_t n, char const* error) const {
        is_agreed_ = true;
        first_ = sum_before(comm_, n);
        std::uint64_t all[] = {n};
        agree(comm_, error, all);
        all_ = all[0];
    }

private:
    template <class X> static constexpr bool has_sum = !std::is_same_v<X, nothing>;
    /// How many numbers of A are summed: the numerator, the weight, or both.
    template <class S>
    static constexpr std::size_t number_of_sums = [] {
        if constexpr (accumulator<S>) return std::size_t{1};
        else return std::size_t{has_sum<decltype(S::numerator)>} + std::size_t{has_sum<decltype(S::weight)>};
    }();

    MPI_Comm comm_;
    Local const& local_;
    mutable bool is_agreed_ = false;
    mutable std::uint64_t first_ = 0, all_ = 0; // the first element of this rank, and the number of elements of all ranks
};

/// Returns f(context) with a context of `comm`. If the arguments of a rank do not fit, all ranks throw.
template <class Local, class F> auto on_all_ranks(MPI_Comm comm, Local const& local, F f) {
    on_ranks<Local> const context(comm, local);
    try {
        return f(context);
    } catch (std::invalid_argument const& error) {
        if (!context.is_agreed()) context.agree_on_sizes(0, error.what());
        throw; // all ranks have the same error
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
