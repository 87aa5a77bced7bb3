// The state of l1_accumulator: the sums of a range of blocks before its neighbours are known.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include <l1loss/detail/sum/canonical_sum.hpp>
#include <l1loss/detail/sum/combined_terms.hpp>
#include <l1loss/detail/sum/finish.hpp>

namespace l1loss::detail {

/// A line of terms, and one of weights. The second is not used where there are no weights.
template <class T> struct line_pair {
    alignas(64) T of[2][order<T>::line];
};

/// The elements [first, last · block + size) of a sequence. Complete blocks are runs of 2^level neighbours, each as long as its
/// position allows. Along the range, runs first grow and then shrink, so a level occurs at most twice.
///
/// A range may begin within a block. The terms of that block wait for those before `first`, which count as +0 until then: in
/// `elements` while the block is the incomplete one, and then in `head`.
///
/// The terms of the incomplete block are kept, not partial sums of them, because reloading a sum that was just stored would stall
/// on store forwarding. A short chunk may reach beyond the block, so that one loop with predictable branches stores it. Cutting it
/// in two costs several mispredicted branches per block.
template <class T> struct runs {
    static constexpr std::size_t max_level = sizeof(std::size_t) > 4 ? 40 : 22; // 2^22 blocks of floats are 2^31 elements
    static constexpr std::size_t max_runs = 2 * max_level, short_chunk = 2 * order<T>::stripe;
    static constexpr std::size_t capacity = order<T>::block + short_chunk + order<T>::line; // the last register is stored whole
    enum class weighting : std::uint8_t { unknown, unweighted, weighted };

    std::size_t first, last;          // the first element, and the incomplete block
    std::size_t number = 0, size = 0; // of runs, and of elements in the incomplete block
    std::size_t count = 0;            // of all elements that count
    weighting kind = weighting::unknown;
    std::array<std::uint8_t, max_runs> level;
    std::array<line_pair<T>, max_runs + 1> line;
    alignas(64) T elements[2][capacity]; // the terms, and the weights
    T head[2][order<T>::block];

    /// Whether the range begins within a block, and that block is the incomplete one.
    bool is_in_first_block() const { return first % order<T>::block != 0 && last == first / order<T>::block; }
    bool has_head() const { return first % order<T>::block != 0 && last != first / order<T>::block; }
};

template <class T> inline constexpr std::size_t max_blocks = std::size_t{1} << runs<T>::max_level;

} // namespace l1loss::detail

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Whether only terms are kept, or weights too.
template <class T> L1LOSS_INLINE inline std::size_t number_of_kinds(runs<T> const& s) {
    return s.kind == runs<T>::weighting::weighted ? 2 : 1;
}

/// Sets to = left + right, lane by lane. Vectors of 16 bytes suit every architecture, because a line is always 64 bytes.
template <class T>
L1LOSS_INLINE inline void join_lines(line_pair<T> const& left, line_pair<T> const& right, line_pair<T>& to, std::size_t kinds) {
    constexpr std::size_t N = 16 / sizeof(T);
    for (std::size_t t = 0; t < kinds; ++t)
        unroll<order<T>::line / N>([&](auto k) L1LOSS_INLINE {
            auto lanes = load_vector<T, N>(left.of[t] + k * N);
            accumulate(lanes, load_vector<T, N>(right.of[t] + k * N));
            __builtin_memcpy(to.of[t] + k * N, &lanes, sizeof lanes);
        });
}

/// Appends a run of 2^m blocks, whose line is in s.line[s.number]. Joins the runs that step 3 joins.
template <class T> L1LOSS_INLINE inline void push_run(runs<T>& s, std::size_t m) {
    std::size_t start = s.last;
    s.last += std::size_t{1} << m;
    for (; s.number > 0 && s.level[s.number - 1] == m && (start >> m & 1) != 0; ++m, --s.number) {
        join_lines(s.line[s.number - 1], s.line[s.number], s.line[s.number - 1], number_of_kinds(s));
        start -= std::size_t{1} << m;
    }
    s.level[s.number++] = static_cast<std::uint8_t>(m);
}

// ---- From registers to memory.

template <class T, class X> L1LOSS_INLINE inline void put(T* to, X const& x) {
    if constexpr (std::is_same_v<X, T>) *to = x;
    else if constexpr (!std::is_same_v<X, nothing>) x.store_unaligned(to);
}

/// Stores one term or a register of them, and their weights if they have any. Weights alone are terms. Adds how many of them count.
template <class T, class Term> L1LOSS_INLINE inline void put_term(T* terms, T* weights, std::size_t& count, Term const& x) {
    if constexpr (!requires { x.numerator; }) {
        put(terms, x);
    } else {
        if constexpr (std::is_same_v<decltype(x.numerator), nothing>) put(terms, x.weight);
        else put(terms, x.numerator), put(weights, x.weight);
        if constexpr (std::is_same_v<decltype(x.count), std::size_t>) count += x.count;
        else if constexpr (!std::is_same_v<decltype(x.count), nothing>) count += fold(x.count);
    }
}

/// Appends n terms from index i on to the incomplete block. They are a short chunk, or no more than the block still needs. The
/// function is small and not inlined, because most short chunks need nothing else.
template <class Arch, class T, class Terms>
[[gnu::noinline]] void append_terms(runs<T>& s, Terms const& of_caller, std::size_t i, std::size_t n) {
    Terms const source = with_pointers_in_registers(of_caller);
    std::size_t count = 0;
    T *const terms = s.elements[0] + s.size, *const weights = s.elements[1] + s.size;
    s.size += n;
    if constexpr (uses_registers<Terms, Arch>) {
        for_each_register<Arch>(source, i, i + n, [&](std::size_t k, auto const& term) L1LOSS_INLINE {
            put_term(terms + (k - i), weights + (k - i), count, term);
        });
    } else {
        for (std::size_t k = 0; k < n; ++k) put_term(terms + k, weights + k, count, source(i + k));
    }
    s.count += count;
}

/// Sets line t of `to` to that of `count` terms of a block. A source that only reads an array is one of weights alone.
template <class Arch, class T>
[[gnu::noinline]] void put_line_of_block(line_pair<T>& to, std::size_t kinds, T const* terms, std::size_t pitch,
                                         std::size_t count) {
    for (std::size_t t = 0; t < kinds; ++t) {
        auto const source = terms_of<sum_of_weights>(operands<T, nothing, nothing, T const*>{{}, {}, terms + t * pitch, {}, {}});
        if constexpr (uses_registers<std::remove_const_t<decltype(source)>, Arch>) {
            auto const line = sum_block<Arch>(source, 0, count);
            constexpr std::size_t lanes_of_batch = batch<T, Arch>::size;
            for (std::size_t k = 0; k < order<T>::line / lanes_of_batch; ++k) put(to.of[t] + k * lanes_of_batch, line.at[k].weight);
        } else {
            auto const line = line_of_block(source, 0, count);
            for (std::size_t l = 0; l < order<T>::line; ++l) to.of[t][l] = line.lane[l].weight;
        }
    }
}

/// Appends the incomplete block, now complete, as a run or as the head. The terms beyond it begin the next one.
template <class Arch, class T> [[gnu::noinline]] void push_block(runs<T>& s) {
    if (s.is_in_first_block()) [[unlikely]] {
        for (std::size_t t = 0; t < number_of_kinds(s); ++t) std::copy_n(s.elements[t], order<T>::block, s.head[t]);
        ++s.last;
    } else {
        put_line_of_block<Arch>(s.line[s.number], number_of_kinds(s), s.elements[0], s.capacity, order<T>::block);
        push_run(s, 0);
    }
    s.size -= order<T>::block;
    for (std::size_t t = 0; t < number_of_kinds(s); ++t)
        for (std::size_t k = 0; k < s.size; k += order<T>::line)
            __builtin_memcpy(s.elements[t] + k, s.elements[t] + order<T>::block + k, 64);
}

/// Appends the line of 2^m blocks.
template <class Arch, class T, class Line> L1LOSS_INLINE inline void append_line(runs<T>& s, Line const& line, std::size_t m) {
    constexpr std::size_t lanes_of_batch = batch<T, Arch>::size;
    unroll<order<T>::line / lanes_of_batch>([&](auto k) L1LOSS_INLINE {
        auto& to = s.line[s.number];
        put_term(to.of[0] + k * lanes_of_batch, to.of[1] + k * lanes_of_batch, s.count, line.at[k]);
    });
    push_run(s, m);
}

/// Appends the terms [i, n), any number of them.
template <class Arch, class T, class Terms>
[[gnu::noinline]] void append_blocks(runs<T>& s, Terms const& of_caller, std::size_t i, std::size_t n) {
    constexpr std::size_t block = order<T>::block;
    Terms const terms = with_pointers_in_registers(of_caller);
    if (s.size != 0) {
        std::size_t const count = (std::min)(n - i, block - s.size);
        append_terms<Arch>(s, terms, i, count);
        i += count;
        if (s.size < block) return;
        push_block<Arch>(s);
    }
    while (n - i >= block) {
        if constexpr (uses_registers<Terms, Arch>) { // the longest run of blocks that may begin here
            std::size_t const blocks = (n - i) / block;
            std::size_t const m =
                std::min<std::size_t>(std::size_t(std::countr_zero(s.last)), std::size_t(std::bit_width(blocks)) - 1);
            append_line<Arch>(s, join_blocks<Arch>(terms, i, block << m, s.count), m);
            i += block << m;
        } else {
            append_terms<Arch>(s, terms, i, block);
            push_block<Arch>(s);
            i += block;
        }
    }
    if (i < n) append_terms<Arch>(s, terms, i, n - i);
}

/// The sums of all terms and of all weights. Joins all runs, from the last to the first: sum = run + sum.
template <class Arch, class T> std::array<T, 2> sum_runs(runs<T> const& s) {
    line_pair<T> sum{};
    std::size_t const kinds = number_of_kinds(s);
    std::size_t k = s.number;
    if (s.size != 0) put_line_of_block<Arch>(sum, kinds, s.elements[0], s.capacity, s.size);
    else if (k > 0) sum = s.line[--k];
    while (k > 0) join_lines(s.line[--k], sum, sum, kinds);
    if (s.has_head()) [[unlikely]] {
        line_pair<T> head;
        put_line_of_block<Arch>(head, kinds, s.head[0], order<T>::block, order<T>::block);
        join_lines(head, sum, sum, kinds);
    }
    for (std::size_t t = 0; t < kinds; ++t) fold_by_halves(sum.of[t], order<T>::line, 1, order<T>::line);
    return {sum.of[0][0], sum.of[1][0]};
}

/// The loss of all elements.
template <class Arch, class T> T finish_runs(runs<T> const& s, reduction r) {
    auto const [terms, weights] = sum_runs<Arch>(s);
    return number_of_kinds(s) == 1 ? finish<T, false>(r, terms, s.count) : finish<T, true>(r, terms, weights);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
