// Canonical subtrees in memory: what is known of a range of blocks before its neighbours are. Sums come in pairs, of terms and of
// weights; where there are no weights the second stay +0.
//
// On top of canonical_sum.hpp, under accumulator.hpp. All is a template on Arch, or the same code compiled for
// two ISAs would meet in one program.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <l1loss/detail/canonical_sum.hpp>

namespace l1loss::detail {

template <class T>
struct line_pair {
    alignas(64) T terms[order<T>::line];
    T weights[order<T>::line];
};

/// left + right, lane by lane, in the smallest of registers: a line is 64 bytes, whatever the architecture.
template <class Arch, class T>
L1LOSS_INLINE inline line_pair<T> join_lines(line_pair<T> const& left, line_pair<T> const& right) {
    constexpr std::size_t N = 16 / sizeof(T);
    line_pair<T> sum;
    auto const join = [](T const* x, T const* y, T* to) L1LOSS_INLINE {
        unroll<order<T>::line / N>([&](auto k) L1LOSS_INLINE {
            auto lanes = load_vector<T, N>(x + k * N);
            accumulate(lanes, load_vector<T, N>(y + k * N));
            __builtin_memcpy(to + k * N, &lanes, sizeof lanes);
        });
    };
    join(left.terms, right.terms, sum.terms);
    join(left.weights, right.weights, sum.weights);
    return sum;
}

/// The blocks [first, last) as runs of 2^level neighbours, each as long as can be where it lies.
template <class T>
struct runs {
    /// Runs grow on one side of the range and shrink on the other.
    static constexpr std::size_t most_level = 40;

    std::size_t first, last, size = 0;
    std::array<std::uint8_t, 2 * most_level> level;
    std::array<line_pair<T>, 2 * most_level> line;

    constexpr explicit runs(std::size_t at) : first(at), last(at) {}

    /// Appends a run of 2^m blocks, and joins what is due (step 3 of the order).
    template <class Arch>
    L1LOSS_INLINE void push(line_pair<T> const& added, std::size_t m) {
        line_pair<T> right = added;
        std::size_t start = last;
        last += std::size_t{1} << m;
        for (; size > 0 && level[size - 1] == m && (start >> m & 1) != 0; ++m) {
            right = join_lines<Arch>(line[--size], right);
            start -= std::size_t{1} << m;
        }
        line[size] = right;
        level[size++] = static_cast<std::uint8_t>(m);
    }

    /// All of them in one line, from the last to the first: s = run + s. There is one, or `rest` follows them.
    template <class Arch>
    line_pair<T> joined(line_pair<T> const* rest) const {
        std::size_t k = size;
        line_pair<T> s = rest != nullptr ? *rest : line[--k];
        while (k > 0) s = join_lines<Arch>(line[--k], s);
        return s;
    }
};

/// Step 4.
template <class Arch, class T>
L1LOSS_INLINE inline both<T, T> fold_line_pair(line_pair<T> const& line) {
    line_pair<T> x = line;
    for (std::size_t half = order<T>::line / 2; half > 0; half /= 2)
        for (std::size_t l = 0; l < half; ++l) {
            accumulate(x.terms[l], x.terms[l + half]);
            accumulate(x.weights[l], x.weights[l + half]);
        }
    return {x.terms[0], x.weights[0]};
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
/// as soon as it was stored. Registers may be stored a little beyond the last.
template <class T>
struct block_under_way {
    std::size_t size = 0;
    alignas(64) T terms[order<T>::block + order<T>::line];
    T weights[order<T>::block + order<T>::line];

    /// Appends the terms [i, i + n), as many as are missing at most.
    template <class Arch, class Terms>
    L1LOSS_INLINE void append(std::size_t& count, Terms const& source, std::size_t i, std::size_t n) {
        if constexpr (on_batches<Terms, Arch>) {
            constexpr std::size_t lanes_of_batch = batch<T, Arch>::size;
            while (n > 0) {
                std::size_t m = n;
                auto const near = window<Arch>(source, i, std::min(n, window_size), m);
                auto const put = [&](std::size_t k, auto lanes) L1LOSS_INLINE {
                    put_term(terms + size + k, weights + size + k, count, near.terms.template at<Arch>(near.first + k, lanes));
                };
                std::size_t k = 0;
                for (; m - k >= lanes_of_batch; k += lanes_of_batch) put(k, all_lanes{});
                if (k < m) put(k, first_lanes{m - k});
                size += m;
                i += m;
                n -= m;
            }
        } else {
            for (std::size_t k = 0; k < n; ++k, ++size) put_term(terms + size, weights + size, count, source(i + k));
        }
    }

    template <class Arch>
    [[gnu::noinline]] line_pair<T> line(bool is_weighted) const {
        line_pair<T> to{};
        auto const sum = [&](T const* from, T* lanes) {
            auto const source = terms_of<sum_of_weights>(operands<T, nothing, nothing, T const*>{{}, {}, from, {}, {}});
            if constexpr (on_batches<std::remove_const_t<decltype(source)>, Arch>) {
                constexpr std::size_t lanes_of_batch = batch<T, Arch>::size;
                auto const line = sum_block<Arch>(source, 0, size);
                for (std::size_t k = 0; k < order<T>::line / lanes_of_batch; ++k)
                    line.at[k].store_unaligned(lanes + k * lanes_of_batch);
            } else {
                auto const line = line_of_block(source, 0, size);
                std::copy_n(line.lane, order<T>::line, lanes);
            }
        };
        sum(terms, to.terms);
        if (is_weighted) sum(weights, to.weights);
        return to;
    }
};

} // namespace l1loss::detail
