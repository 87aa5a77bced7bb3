// Canonical subtrees in memory: what is known of a range of blocks before its neighbours are. Sums come in pairs, of terms and of
// weights; where there are no weights the second are not looked at.
//
// On top of canonical_sum.hpp, under accumulator.hpp. All is a template on Arch, or the same code compiled for
// two ISAs would meet in one program.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <l1loss/detail/sum/canonical_sum.hpp>
#include <l1loss/detail/sum/combined_terms.hpp>

namespace l1loss::detail {

template <class T>
struct line_pair {
    alignas(64) T terms[order<T>::line];
    T weights[order<T>::line];
};

/// to = left + right, lane by lane, in the smallest of registers: a line is 64 bytes, whatever the architecture.
template <class Arch, class T>
L1LOSS_INLINE inline void join_lines(T const* left, T const* right, T* to) {
    constexpr std::size_t N = 16 / sizeof(T);
    unroll<order<T>::line / N>([&](auto k) L1LOSS_INLINE {
        auto lanes = load_vector<T, N>(left + k * N);
        accumulate(lanes, load_vector<T, N>(right + k * N));
        __builtin_memcpy(to + k * N, &lanes, sizeof lanes);
    });
}
template <class Arch, class T>
L1LOSS_INLINE inline void join_lines(line_pair<T> const& left, line_pair<T> const& right, line_pair<T>& to, bool is_weighted) {
    join_lines<Arch>(left.terms, right.terms, to.terms);
    if (is_weighted) join_lines<Arch>(left.weights, right.weights, to.weights);
}

/// The blocks [first, last) as runs of 2^level neighbours, each as long as can be where it lies.
template <class T>
struct runs {
    /// Runs grow on one side of the range and shrink on the other.
    static constexpr std::size_t max_level = 40, most_runs = 2 * max_level;

    std::size_t first, last, size = 0;
    std::array<std::uint8_t, most_runs> level;
    std::array<line_pair<T>, most_runs + 1> line;

    constexpr explicit runs(std::size_t at) : first(at), last(at) {}

    /// Where the line of a run that is to be pushed is put.
    constexpr line_pair<T>& next() { return line[size]; }

    /// Appends that run, of 2^m blocks, and joins what is due (step 3 of the order).
    template <class Arch>
    L1LOSS_INLINE void push(std::size_t m, bool is_weighted) {
        std::size_t start = last;
        last += std::size_t{1} << m;
        for (; size > 0 && level[size - 1] == m && (start >> m & 1) != 0; ++m, --size) {
            join_lines<Arch>(line[size - 1], line[size], line[size - 1], is_weighted);
            start -= std::size_t{1} << m;
        }
        level[size++] = static_cast<std::uint8_t>(m);
    }

    /// All of them in one line, from the last to the first: s = run + s. There is one, or `rest` follows them.
    template <class Arch>
    line_pair<T> joined(line_pair<T> const* rest, bool is_weighted) const {
        std::size_t k = size;
        line_pair<T> s = rest != nullptr ? *rest : line[--k];
        while (k > 0) join_lines<Arch>(line[--k], s, s, is_weighted);
        return s;
    }
};

/// Step 4.
template <class Arch, class T>
L1LOSS_INLINE inline T fold_line(T const* line) {
    T x[order<T>::line];
    std::copy_n(line, order<T>::line, x);
    for (std::size_t half = order<T>::line / 2; half > 0; half /= 2)
        for (std::size_t l = 0; l < half; ++l) accumulate(x[l], x[l + half]);
    return x[0];
}

// ---- From registers to memory: a batch of terms or one, beside it their weights or none, and how many of them count.

template <class T, class Arch>
L1LOSS_INLINE inline void put_term(T* terms, T*, std::size_t&, batch<T, Arch> const& x) {
    x.store_unaligned(terms);
}
template <class T>
L1LOSS_INLINE inline void put_term(T* terms, T*, std::size_t&, T x) {
    *terms = x;
}
template <class T, class X>
L1LOSS_INLINE inline void put_term(T* terms, T* weights, std::size_t& count, both<X, X> const& x) {
    put_term(terms, weights, count, x.first);
    put_term(weights, terms, count, x.second);
}
template <class T, class X, class Arch>
L1LOSS_INLINE inline void put_term(T* terms, T* weights, std::size_t& count, both<X, tally<T, Arch>> const& x) {
    put_term(terms, weights, count, x.first);
    count += fold<all_of_them>(x.second);
}
template <class T, class X>
L1LOSS_INLINE inline void put_term(T* terms, T* weights, std::size_t& count, both<X, std::size_t> const& x) {
    put_term(terms, weights, count, x.first);
    count += x.second;
}

/// A line out of registers.
template <class T, class Term, std::size_t N>
L1LOSS_INLINE inline void put_line(line_pair<T>& to, std::size_t& count, several<Term, N> const& line) {
    constexpr std::size_t size = order<T>::line / N;
    unroll<N>([&](auto k) L1LOSS_INLINE { put_term(to.terms + k * size, to.weights + k * size, count, line.at[k]); });
}

/// The terms of a block that is not complete, and their weights: kept one by one, since what a lane adds up to cannot be loaded
/// as soon as it was stored. A short chunk may go beyond the block: it is stored by one loop that takes the same way each time,
/// where cutting it in two costs several mispredicted branches a block.
template <class T>
struct block_under_way {
    static constexpr std::size_t short_chunk = 2 * order<T>::stripe;

    std::size_t size = 0;
    alignas(64) T terms[order<T>::block + short_chunk + order<T>::line]; // a line, since the last register is stored whole
    T weights[order<T>::block + short_chunk + order<T>::line];

    /// Appends the terms [i, i + n): as many as are missing at most, or a short chunk. Apart and small, since this is all that most
    /// short chunks take.
    template <class Arch, class Terms>
    [[gnu::noinline]] void append(std::size_t& count, Terms const& of_caller, std::size_t i, std::size_t n) {
        Terms const source = in_registers(of_caller);
        std::size_t counted = 0;
        T *to = terms + size, *weights_to = weights + size;
        size += n;
        if constexpr (on_batches<Terms, Arch>) {
            constexpr std::size_t lanes_of_batch = batch<T, Arch>::size;
            while (n > 0) {
                std::size_t m = n;
                auto const window = window_from<Arch>(source, i, std::min(n, window_size), m);
                auto const put = [&](std::size_t k, auto lanes) L1LOSS_INLINE {
                    put_term(to + k, weights_to + k, counted, window.terms.template at<Arch>(window.first + k, lanes));
                };
                std::size_t k = 0;
                for (; m - k >= 4 * lanes_of_batch; k += 4 * lanes_of_batch)
                    unroll<4>([&](auto j) L1LOSS_INLINE { put(k + j * lanes_of_batch, all_lanes{}); });
                for (; m - k >= lanes_of_batch; k += lanes_of_batch) put(k, all_lanes{});
                if (k < m) put(k, first_lanes{m - k});
                to += m;
                weights_to += m;
                i += m;
                n -= m;
            }
        } else {
            for (std::size_t k = 0; k < n; ++k) put_term(to + k, weights_to + k, counted, source(i + k));
        }
        count += counted;
    }

    /// Leaves what is beyond the block, as the next.
    L1LOSS_INLINE void remove_block(bool is_weighted) {
        size -= order<T>::block;
        for (std::size_t k = 0; k < size; k += order<T>::line) {
            __builtin_memcpy(terms + k, terms + order<T>::block + k, 64);
            if (is_weighted) __builtin_memcpy(weights + k, weights + order<T>::block + k, 64);
        }
    }

    /// The line of the block, or of as much of it as there is. Apart, since it is needed once a block.
    template <class Arch>
    [[gnu::noinline]] void put_line(line_pair<T>& to, bool is_weighted) const {
        put_line<Arch>(to.terms, terms);
        if (is_weighted) put_line<Arch>(to.weights, weights);
    }

private:
    template <class Arch>
    L1LOSS_INLINE void put_line(T* to, T const* from) const {
        std::size_t const count = std::min(size, order<T>::block);
        auto const source = terms_of<sum_of_weights>(operands<T, nothing, nothing, T const*>{{}, {}, from, {}, {}});
        if constexpr (on_batches<std::remove_const_t<decltype(source)>, Arch>) {
            auto const line = sum_block<Arch>(source, 0, count);
            constexpr std::size_t lanes_of_batch = batch<T, Arch>::size;
            for (std::size_t k = 0; k < order<T>::line / lanes_of_batch; ++k) line.at[k].store_unaligned(to + k * lanes_of_batch);
        } else {
            auto const line = line_of_block(source, 0, count);
            std::copy_n(line.lane, order<T>::line, to);
        }
    }
};

} // namespace l1loss::detail
