// The canonical sum down each column of a matrix.
//
// A register holds neighbouring columns, and the index of a term is its matrix row. So the sum adds whole registers and folds none.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include <l1loss/detail/sum/canonical_sum.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Loads K registers of columns from one matrix row, and only `lanes` of the last one. `row` is the term source of that row.
template <std::size_t K, class Arch, class Term, class Terms, class Lanes>
L1LOSS_INLINE inline void load_columns(term_group<Term, K>& x, Terms const& row, std::size_t column, Lanes lanes) {
    constexpr std::size_t size = batch<typename Terms::value_type, Arch>::size;
    std::size_t count = K * size;
    if constexpr (!are_all<Lanes>) count -= size - lanes.count;
    auto const window = window_from<Arch>(row, column, count, count);
    unroll<K - 1>([&](auto k) L1LOSS_INLINE { x.at[k] = window.terms.template load<Arch>(window.first + k * size, all_lanes{}); });
    x.at[K - 1] = window.terms.template load<Arch>(window.first + (K - 1) * size, lanes);
}

/// A line of the order for K registers of columns. Only the first `count` lanes exist, and the others stand for +0.
template <class Arch, class Terms, std::size_t K> struct line_of_columns {
    using A = typename Terms::value_type;
    using Term = term_of<Terms, Arch>;
    static constexpr std::size_t columns = K * batch<A, Arch>::size;

    std::size_t count;
    term_group<Term, K> lane[order<A>::line];
    /// How many elements of each column count. A block has too few of them to overflow lanes.
    [[no_unique_address]] std::conditional_t<has_tally<Term>, std::array<std::size_t, columns>, nothing> counted;

    /// Sets `counted` from the counts of the lanes.
    void move_counts() {
        counted = {};
        for (std::size_t l = 0; l < count; ++l)
            for (std::size_t k = 0; k < K; ++k) {
                auto& tally = lane[l].at[k].count;
                for (std::size_t c = 0; c < columns / K; ++c) counted[k * (columns / K) + c] += std::size_t(-tally.lanes[c]);
                tally.clear();
            }
    }
    friend void accumulate(line_of_columns& sum, line_of_columns const& other) {
        for (std::size_t l = 0; l < other.count; ++l) accumulate(sum.lane[l], other.lane[l]);
        if constexpr (has_tally<Term>)
            for (std::size_t c = 0; c < columns; ++c) sum.counted[c] += other.counted[c];
    }
};

/// Computes the line of the rows [first, last) of a block, for K registers of columns. The function is not inlined, because its
/// sums take up to 16 KiB of stack for each register of a term.
template <std::size_t K, class Arch, class Rows, class Lanes>
[[gnu::noinline]] void columns_of_block(line_of_columns<Arch, decltype(std::declval<Rows const&>()(0)), K>& line, Rows const& row,
                                        std::size_t first, std::size_t last, std::size_t column, Lanes lanes) {
    using Terms = decltype(row(0));
    using units = order<typename Terms::value_type>;
    using columns = term_group<term_of<Terms, Arch>, K>;
    columns sum[units::stripe];
    // Adds `at_a_time` terms of each column to a sum while that sum is in registers.
    auto const add = [&](std::size_t r, std::size_t count, auto at_a_time) L1LOSS_INLINE {
        for (std::size_t j = 0; j < count; ++j) {
            columns so_far, x; // copies in registers: g++ would store and reload a sum in memory
            load_columns<K, Arch>(x, row(r + j), column, lanes);
            if (r == first) {
                so_far = x;
            } else {
                so_far = sum[j];
                accumulate(so_far, x);
            }
            unroll<at_a_time() - 1>([&](auto k) L1LOSS_INLINE {
                load_columns<K, Arch>(x, row(r + j + (k + 1) * units::stripe), column, lanes);
                accumulate(so_far, x);
            });
            sum[j] = so_far;
        }
    };
    constexpr std::integral_constant<std::size_t, 1> one;
    constexpr std::integral_constant<std::size_t, 4> four; // a sixth faster in L3; eight at a time were slower than one
    std::size_t r = first;
    for (; last - r >= four * units::stripe; r += four * units::stripe) add(r, units::stripe, four);
    for (; r < last; r += units::stripe) add(r, (std::min)(units::stripe, last - r), one);
    line.count = fold_by_halves(sum, units::stripe, units::line, (std::min)(units::stripe, last - first));
    std::copy_n(sum, line.count, line.lane);
    if constexpr (has_tally<term_of<Terms, Arch>>) line.move_counts();
}

/// The lanes of a register, in memory.
template <class A, class Arch> L1LOSS_INLINE inline auto lanes_in_memory(batch<A, Arch> const& x) {
    std::array<A, batch<A, Arch>::size> lanes;
    x.store_unaligned(lanes.data());
    return lanes;
}
L1LOSS_INLINE inline auto lanes_in_memory(auto const&) { return std::array<nothing, order<float>::line>{}; }

/// Calls f(column, sum) for each column of K registers, and only for `lanes` of the last one.
template <std::size_t K, class Arch, class Rows, class Lanes, class F>
[[gnu::noinline]] void sum_columns(Rows const& row, std::size_t rows, std::size_t column, Lanes lanes, F f) {
    using Terms = decltype(row(0));
    using A = typename Terms::value_type;
    constexpr std::size_t size = batch<A, Arch>::size;
    line_of_columns<Arch, Terms, K> line;
    join_pairwise<A>(line, 0, rows, [&](auto& of_block, std::size_t first, std::size_t last) {
        columns_of_block<K, Arch>(of_block, row, first, last, column, lanes);
    });
    fold_by_halves(line.lane, order<A>::line, 1, line.count);
    for (std::size_t k = 0; k < K; ++k) {
        std::size_t count = size;
        if constexpr (!are_all<Lanes>)
            if (k == K - 1) count = lanes.count;
        auto const& term = line.lane[0].at[k];
        if constexpr (requires { term.numerator; }) {
            auto const numerators = lanes_in_memory(term.numerator);
            auto const weights = lanes_in_memory(term.weight);
            auto const counted = [&](std::size_t c) L1LOSS_INLINE {
                if constexpr (has_tally<term_of<Terms, Arch>>) return line.counted[c];
                else return nothing{};
            };
            for (std::size_t l = 0; l < count; ++l)
                f(column + k * size + l, totals{numerators[l], weights[l], counted(k * size + l)});
        } else {
            auto const sums = lanes_in_memory(term);
            for (std::size_t l = 0; l < count; ++l) f(column + k * size + l, sums[l]);
        }
    }
}

/// The terms of one column, for the definition.
template <class Rows> struct column_terms {
    using value_type = typename decltype(std::declval<Rows const&>()(0))::value_type;
    using sum_type = typename decltype(std::declval<Rows const&>()(0))::sum_type;

    Rows const& row;
    std::size_t column;

    constexpr sum_type operator()(std::size_t r) const { return row(r)(column); }
};

/// Calls f(column, sum) with the exact sum of each column. Four registers of each row are summed at a time.
template <class Arch, class Rows, class F>
[[gnu::noinline]] void sum_integer_columns(Rows const& row, std::size_t rows, std::size_t columns, F f) {
    using Terms = decltype(row(0));
    using Sum = typename Terms::sum_type;
    using T = typename Terms::in_registers;
    using U = std::make_unsigned_t<T>;
    constexpr bool with_count = !std::is_same_v<Sum, std::uint64_t>;
    constexpr std::size_t Bytes = bytes_of_integers<Arch>, K = 4, size = Bytes / sizeof(T);
    using by_lane = differences_by_lane<U, Bytes>;
    for (std::size_t column = 0; column < columns; column += K * size) {
        std::size_t const count = (std::min)(K * size, columns - column);
        std::uint64_t sums[K * size] = {}, counts[with_count ? K * size : 1] = {};
        for (std::size_t r = 0, last = 0; r < rows;) {
            by_lane some[K], counted[with_count ? K : 1];
            for (last += (std::min)(rows - r, by_lane::max_added / 2); r < last; ++r) { // a term of two types adds up to two
                std::size_t in_window = count;
                auto const terms = row(r);
                auto const window = window_from<Arch>(terms, column, count, in_window);
                unroll<K>([&](auto k) L1LOSS_INLINE {
                    constexpr std::size_t first = k * size;
                    auto const add = [&](auto lanes) L1LOSS_INLINE {
                        auto const& ops = window.terms.ops;
                        add_register<Bytes, T>(some[k], ops, window.first + first, lanes);
                        if constexpr (with_count)
                            counted[k].add(load_chosen<U, size>(ops.mask + window.first + first, lanes) & U{1});
                    };
                    if (count >= first + size) add(all_lanes{});
                    else if (count > first) add(first_lanes{count - first});
                });
            }
            unroll<K>([&](auto k) L1LOSS_INLINE {
                some[k].add_to(sums + k * size);
                if constexpr (with_count) counted[k].add_to(counts + k * size);
            });
        }
        for (std::size_t c = 0; c < count; ++c)
            if constexpr (with_count) f(column + c, Sum{sums[c], {}, std::size_t(counts[c])});
            else f(column + c, sums[c]);
    }
}

/// Calls f(column, sum) with the canonical sum of each column. row(r) is the term source of row r.
template <class Arch, class Rows, class F>
constexpr void sum_each_column(Rows const& row, std::size_t rows, std::size_t columns, F f) {
    using Terms = decltype(row(0));
    using A = typename Terms::value_type;
    constexpr bool has_some = uses_registers<Terms, Arch> || uses_integer_registers<Terms>;
    if (!has_some || std::is_constant_evaluated() || rows == 0) {
        for (std::size_t c = 0; c < columns; ++c) f(c, sum_by_definition(column_terms<Rows>{row, c}, rows));
        return;
    }
    if constexpr (uses_integer_registers<Terms>) {
        sum_integer_columns<Arch>(row, rows, columns, f);
    } else if constexpr (uses_registers<Terms, Arch>) {
        // Columns are taken a stripe at a time, but at most eight registers. The sums of a block are then at most 16 KiB for
        // terms of one register, half of a small L1 cache.
        constexpr std::size_t size = batch<A, Arch>::size, wide = order<A>::stripe / size < 8 ? order<A>::stripe / size : 8;
        std::size_t c = 0;
        for (; columns - c >= wide * size; c += wide * size) sum_columns<wide, Arch>(row, rows, c, all_lanes{}, f);
        if (columns - c >= 4 * size) sum_columns<4, Arch>(row, rows, c, all_lanes{}, f), c += 4 * size;
        if (columns - c >= 2 * size) sum_columns<2, Arch>(row, rows, c, all_lanes{}, f), c += 2 * size;
        if (columns - c > size) return sum_columns<2, Arch>(row, rows, c, first_lanes{columns - c - size}, f);
        if (columns - c > 0) sum_columns<1, Arch>(row, rows, c, first_lanes{columns - c}, f);
    }
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
