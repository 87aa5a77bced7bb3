// What a call of l1_loss_rows or l1_loss_columns requires, and what it does.
#pragma once

#include <algorithm>

#include <l1loss/detail/call/loss.hpp>
#include <l1loss/detail/sum/columns.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class Arg> inline constexpr std::size_t fixed_rows = 0;
template <class T> inline constexpr std::size_t fixed_rows<tensor<T>> = 1;
template <class T, std::size_t Rows, std::size_t... Rest> inline constexpr std::size_t fixed_rows<tensor<T, Rows, Rest...>> = Rows;

/// The number of rows is an option, or known from a shape.
template <class Input, class Target, class... Options>
concept rows_known =
    count_of<kind::length, Options...> == 1 || (count_of<kind::length, Options...> == 0 && (has_shape<Input> || has_shape<Target>));

template <class... Options>
concept counts_are_numbers =
    !given<kind::count, Options...> || output<decltype(value_of<kind::count>(std::declval<Options&>()...)), std::size_t>;

template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept matrix_arguments =
    R != reduction::none && !pointer<Input> && !pointer<Target> && arguments<R, Accumulator, Input, Target, Options...> &&
    no_gradient<Options...> && rows_known<Input, Target, Options...> && counts_are_numbers<Options...> &&
    (count_of<kind::output, Options...> == 1) &&
    (((kind_of<Options> != kind::output) || output<Options, accumulator_of_call<Accumulator, Input, Target, Options...>>) && ...);

/// The number of rows, from the option or the shape. Fails if the two differ.
template <class Input, class Target, class Options>
constexpr std::size_t number_of_rows(Input const& input, Target const& target, [[maybe_unused]] Options const& options) {
    std::size_t rows = 0;
    if constexpr (needs_view<Input> || needs_view<Target>) {
        auto const shape = common_layout_of<traversal::by_rows>(input, target, options).shape;
        rows = shape.rank > 0 ? shape.extent[0] : 1;
    } else {
        rows = std::max(fixed_rows<Input>, fixed_rows<Target>);
    }
    if constexpr (Options::has_length) {
        auto const length = options.length;
        if (std::cmp_less(length, 0)) [[unlikely]]
            fail("l1loss: rows is " + std::to_string(length) + ", expected 0 or more");
        constexpr bool is_matrix = (fixed_rows<Input> != 0) || (fixed_rows<Target> != 0) || needs_view<Input> || needs_view<Target>;
        if (is_matrix && !std::cmp_equal(length, rows)) [[unlikely]]
            fail("l1loss: input has " + std::to_string(rows) + " rows, and rows is " + std::to_string(length));
        rows = static_cast<std::size_t>(length);
    }
    return rows;
}

/// Fails unless the output `name` is contiguous and has n elements, one for each of `what`.
template <class Out> constexpr void check_room(std::size_t n, char const* what, Out const& out, char const* name) {
    if constexpr (!pointer<Out>)
        if (size_of(out) != n) [[unlikely]]
            room_differs(n, what, name, size_of(out));
    check_dense(out, name);
}

/// Checks all arguments, then calls f(row, rows, columns, put). The function row(r) gives the term source of row r. The function
/// put(k, sum, n) writes the loss of row or column k, from the sum of its n terms.
template <reduction R, class A, bool is_by_column, class Input, class Target, class Options, class F>
L1LOSS_INLINE constexpr void with_matrix(Input const& input, Target const& target, Options const& options, F f) {
    std::size_t const rows = number_of_rows(input, target, options);
    with_operands<A, traversal::by_rows>(input, target, options, [&](auto const& ops, auto n, auto const&) L1LOSS_INLINE {
        if (rows == 0 ? n != 0 : n % rows != 0) [[unlikely]]
            rows_are_ragged(n, rows);
        std::size_t const columns = rows == 0 ? 0 : n / rows;
        std::size_t const losses = is_by_column ? columns : rows;
        char const* const what = is_by_column ? "columns" : "rows";
        auto& out = options.output;
        check_room(losses, what, out, "output");
        refuse_overlaps(data_of(out), losses, n, "output", ops, false);
        std::size_t* counts = nullptr;
        if constexpr (Options::has_count) {
            check_room(losses, what, options.count, "count");
            counts = data_of(options.count);
            refuse_overlaps(counts, losses, n, "count", ops, false);
            refuse_shared(data_of(out), losses, "output", counts, losses, "count");
        }
        using Operands = std::remove_cvref_t<decltype(ops)>;
        A* const losses_out = data_of(out);
        auto const put = [&](std::size_t k, auto sum, auto terms) L1LOSS_INLINE {
            losses_out[k] = finish<Operands::is_weighted>(R, numerator_of(sum), denominator_of(sum, terms));
            if constexpr (Options::has_count) counts[k] = count_of_sum(sum, terms);
        };
        auto const compute = [&](auto width) L1LOSS_INLINE {
            auto const row = [&](std::size_t r) L1LOSS_INLINE {
                constexpr bool is_mean = R == reduction::mean;
                return summed_terms<is_mean, needs_count<Operands, is_mean, Options::has_count>>(ops.row(r, width));
            };
            f(row, rows, width, put);
        };
        constexpr std::size_t fixed = std::max(fixed_rows<Input>, fixed_rows<Target>);
        if constexpr (!is_by_column && fixed > 0 && fixed_length<decltype(n)>)
            compute(std::integral_constant<std::size_t, decltype(n)::value / fixed>{});
        else compute(columns);
    });
}

/// l1_loss_rows in an execution context.
template <reduction R, class Accumulator, class Context, class Input, class Target, class Options>
constexpr void compute_rows(Context const& context, Input const& input, Target const& target, Options const& options) {
    using A = accumulator_type<Accumulator, Input, Target, typename Options::weights_type>;
    with_matrix<R, A, false>(
        input, target, options, [&](auto const& row, std::size_t rows, auto columns, auto const& put) L1LOSS_INLINE {
            context.sum_rows(row, rows, columns, [&](std::size_t r, auto sum) L1LOSS_INLINE { put(r, sum, columns); });
        });
}

/// l1_loss_columns, on one thread.
template <reduction R, class Accumulator, class Arch, class Input, class Target, class Options>
constexpr void compute_columns(Input const& input, Target const& target, Options const& options) {
    using A = accumulator_type<Accumulator, Input, Target, typename Options::weights_type>;
    with_matrix<R, A, true>(
        input, target, options, [](auto const& row, std::size_t rows, std::size_t columns, auto const& put) L1LOSS_INLINE {
            sum_each_column<Arch>(row, rows, columns, [&](std::size_t c, auto sum) L1LOSS_INLINE { put(c, sum, rows); });
        });
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
