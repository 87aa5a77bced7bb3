// Canonical subtrees in memory: the sums of a range of blocks before its neighbours are known.
//
// Sums come in pairs, of terms and of weights. The second is not used where there are no weights. Functions that touch a register
// are templates on Arch or force-inlined, so that code for two ISAs can be linked into one program.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <l1loss/detail/sum/canonical_sum.hpp>
#include <l1loss/detail/sum/combined_terms.hpp>

namespace l1loss::detail {

template <class T> struct line_pair {
    alignas(64) T terms[order<T>::line];
    T weights[order<T>::line];
};

/// Sets to = left + right, lane by lane. Vectors of 16 bytes suit every architecture, because a line is always 64 bytes.
template <class Arch, class T> L1LOSS_INLINE inline void join_lines(T const* left, T const* right, T* to) {
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

/// The blocks [first, last) as runs of 2^level neighbouring blocks. Each run is as long as its position allows.
template <class T> struct runs {
    /// Along the range, runs first grow and then shrink, so a level occurs at most twice.
    static constexpr std::size_t max_level = 40, most_runs = 2 * max_level;

    std::size_t first, last, size = 0;
    std::array<std::uint8_t, most_runs> level;
    std::array<line_pair<T>, most_runs + 1> line;

    constexpr explicit runs(std::size_t at) : first(at), last(at) {}

    /// The place for the line of the next run. Fill it before push.
    constexpr line_pair<T>& next() { return line[size]; }

    /// Appends that run of 2^m blocks, and joins the runs that step 3 joins.
    template <class Arch> L1LOSS_INLINE void push(std::size_t m, bool is_weighted) {
        std::size_t start = last;
        last += std::size_t{1} << m;
        for (; size > 0 && level[size - 1] == m && (start >> m & 1) != 0; ++m, --size) {
            join_lines<Arch>(line[size - 1], line[size], line[size - 1], is_weighted);
            start -= std::size_t{1} << m;
        }
        level[size++] = static_cast<std::uint8_t>(m);
    }

    /// Joins all runs into one line, from the last to the first: s = run + s. `rest` is the line of the incomplete block after
    /// them, or null. At least one run exists if it is null.
    template <class Arch> line_pair<T> joined(line_pair<T> const* rest, bool is_weighted) const {
        std::size_t k = size;
        line_pair<T> s = rest != nullptr ? *rest : line[--k];
        while (k > 0) join_lines<Arch>(line[--k], s, s, is_weighted);
        return s;
    }
};

/// Step 4, for a line in memory.
template <class Arch, class T> L1LOSS_INLINE inline T fold_line(T const* line) {
    T x[order<T>::line];
    std::copy_n(line, order<T>::line, x);
    fold_by_halves(x, order<T>::line, 1, order<T>::line);
    return x[0];
}

// ---- From registers to memory.

template <class T, class X> L1LOSS_INLINE inline void put(T* to, X const& x) {
    if constexpr (std::is_same_v<X, T>) *to = x;
    else if constexpr (!std::is_same_v<X, nothing>) x.store_unaligned(to);
}

/// Stores one term or a register of them, and their weights if they have any. Adds how many of them count.
template <class T, class Term> L1LOSS_INLINE inline void put_term(T* terms, T* weights, std::size_t& count, Term const& x) {
    if constexpr (!requires { x.numerator; }) {
        put(terms, x);
    } else {
        put(terms, x.numerator);
        put(weights, x.weight);
        if constexpr (std::is_same_v<decltype(x.count), std::size_t>) count += x.count;
        else if constexpr (!std::is_same_v<decltype(x.count), nothing>) count += fold<all_of_them>(x.count);
    }
}

/// Stores a line that is in registers.
template <class T, class Term, std::size_t N>
L1LOSS_INLINE inline void put_line(line_pair<T>& to, std::size_t& count, several<Term, N> const& line) {
    constexpr std::size_t size = order<T>::line / N;
    unroll<N>([&](auto k) L1LOSS_INLINE { put_term(to.terms + k * size, to.weights + k * size, count, line.at[k]); });
}

/// The terms of an incomplete block, and their weights. It keeps terms, not partial sums, because reloading a sum that was just
/// stored would stall on store forwarding. A short chunk may reach beyond the block, so that one loop with predictable branches
/// stores it. Cutting it in two costs several mispredicted branches per block.
template <class T> struct block_under_way {
    static constexpr std::size_t short_chunk = 2 * order<T>::stripe;

    std::size_t size = 0;
    alignas(64) T terms[order<T>::block + short_chunk + order<T>::line]; // a line more: the last register is stored whole
    T weights[order<T>::block + short_chunk + order<T>::line];

    /// Appends the terms [i, i + n), which are a short chunk, or no more than the block still needs. It is small and not inlined,
    /// because most short chunks need nothing else.
    template <class Arch, class Terms>
    [[gnu::noinline]] void append(std::size_t& count, Terms const& of_caller, std::size_t i, std::size_t n) {
        Terms const source = in_registers(of_caller);
        std::size_t counted = 0;
        T *to = terms + size, *weights_to = weights + size;
        size += n;
        if constexpr (uses_registers<Terms, Arch>) {
            constexpr std::size_t lanes_of_batch = batch<T, Arch>::size;
            while (n > 0) {
                std::size_t m = n;
                auto const window = window_from<Arch>(source, i, std::min(n, window_size), m);
                auto const put = [&](std::size_t k, auto lanes) L1LOSS_INLINE {
                    put_term(to + k, weights_to + k, counted, window.terms.template load<Arch>(window.first + k, lanes));
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

    /// Removes the complete block. The terms beyond it begin the next one.
    L1LOSS_INLINE void remove_block(bool is_weighted) {
        size -= order<T>::block;
        for (std::size_t k = 0; k < size; k += order<T>::line) {
            __builtin_memcpy(terms + k, terms + order<T>::block + k, 64);
            if (is_weighted) __builtin_memcpy(weights + k, weights + order<T>::block + k, 64);
        }
    }

    /// Stores the line of the block, complete or not. It is not inlined, because it runs once per block.
    template <class Arch> [[gnu::noinline]] void put_line(line_pair<T>& to, bool is_weighted) const {
        put_line<Arch>(to.terms, terms);
        if (is_weighted) put_line<Arch>(to.weights, weights);
    }

private:
    template <class Arch> L1LOSS_INLINE void put_line(T* to, T const* from) const {
        std::size_t const count = std::min(size, order<T>::block);
        auto const source = terms_of<sum_of_weights>(operands<T, nothing, nothing, T const*>{{}, {}, from, {}, {}});
        if constexpr (uses_registers<std::remove_const_t<decltype(source)>, Arch>) {
            auto const line = sum_block<Arch>(source, 0, count);
            constexpr std::size_t lanes_of_batch = batch<T, Arch>::size;
            for (std::size_t k = 0; k < order<T>::line / lanes_of_batch; ++k) put(to + k * lanes_of_batch, line.at[k].weight);
        } else {
            auto const line = line_of_block(source, 0, count);
            for (std::size_t l = 0; l < order<T>::line; ++l) to[l] = line.lane[l].weight;
        }
    }
};

} // namespace l1loss::detail
