// What a call of l1_loss_rows or l1_loss_columns requires, and what it does.
#pragma once

#include <algorithm>

#include <l1loss/detail/call/loss.hpp>
#include <l1loss/detail/sum/columns.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

struct matrix_shape {
    std::size_t rows, columns;
};
template <class Arg> inline constexpr matrix_shape shape_of_tensor{};
template <class T> inline constexpr matrix_shape shape_of_tensor<tensor<T>>{1, 1};
template <class T, std::size_t Rows, std::size_t... Rest>
inline constexpr matrix_shape shape_of_tensor<tensor<T, Rows, Rest...>>{Rows, tensor<T, Rest...>::size()};

/// The number of rows is an option, or known from a shape.
template <class Input, class Target, class... Options>
concept rows_known =
    count_of<kind::length, Options...> == 1 || (count_of<kind::length, Options...> == 0 && (has_shape<Input> || has_shape<Target>));

template <class... Options>
concept counts_are_numbers = !given<kind::count, Options...> || output<value_type<kind::count, Options...>, std::size_t>;

template <reduction R, class Accumulator, class Input, class Target, class... Options>
concept matrix_arguments =
    R != reduction::none && !pointer<Input> && !pointer<Target> && arguments<R, Accumulator, Input, Target, Options...> &&
    no_gradient<Options...> && rows_known<Input, Target, Options...> && counts_are_numbers<Options...> &&
    (count_of<kind::output, Options...> == 1) &&
    (((kind_of<Options> != kind::output) || output<Options, accumulator_of_call<Accumulator, Input, Target, Options...>>) && ...);

/// The rows and columns of n elements, from their shape or from the option. Fails if these differ.
template <class Input, class Target, class Layout, class Options>
constexpr matrix_shape shape_of_matrix([[maybe_unused]] Layout const& layout, [[maybe_unused]] Options const& options,
                                       std::size_t n) {
    constexpr bool has_tensor = is_tensor_type<Input> || is_tensor_type<Target>, has_view = needs_view<Input> || needs_view<Target>;
    matrix_shape m{};
    if constexpr (has_view) {
        auto const& shape = layout.shape;
        m = {1, 1};
        for (std::size_t d = 0; d < shape.rank; ++d) (d == 0 ? m.rows : m.columns) *= shape.extent[d];
        if (Options::has_length && shape.rank == 1 && n == 0) m.columns = 0;
    } else if constexpr (has_tensor) {
        m = is_tensor_type<Input> ? shape_of_tensor<Input> : shape_of_tensor<Target>;
    }
    if constexpr (Options::has_length) {
        auto const length = options.length;
        if (!std::in_range<std::size_t>(length)) [[unlikely]]
            fail("rows is ", length, ", expected 0 or more");
        if ((has_tensor || has_view) && !std::cmp_equal(length, m.rows)) [[unlikely]]
            fail("input has ", m.rows, " rows, and rows is ", length);
        m.rows = static_cast<std::size_t>(length);
        if (m.rows == 0 ? n != 0 : n % m.rows != 0) [[unlikely]]
            rows_are_ragged(n, m.rows);
        if (!has_tensor && !has_view) m.columns = m.rows == 0 ? 0 : n / m.rows;
    }
    return m;
}

/// Calls f(numbers, name) for the scales and for the zero points of an argument, where these are one number for each row.
template <class Arg, class F> constexpr void for_row_numbers([[maybe_unused]] Arg const& arg, [[maybe_unused]] F const& f) {
    if constexpr (is_broadcast<Arg>) {
        for_row_numbers(arg.values, f);
    } else if constexpr (is_quantized<Arg>) {
        if constexpr (!std::is_arithmetic_v<std::remove_cvref_t<decltype(arg.scale)>>) f(arg.scale, "scale");
        if constexpr (!std::is_arithmetic_v<std::remove_cvref_t<decltype(arg.zero_point)>>) f(arg.zero_point, "zero_point");
    }
}

/// Fails unless scales or zero points are contiguous, one for each row, and disjoint from an output of n elements.
template <class Arg, class Out>
L1LOSS_INLINE constexpr void check_row_numbers(std::size_t rows, Arg const& arg, Out* out, std::size_t n, char const* out_name) {
    for_row_numbers(arg, [&](auto const& numbers, char const* name) {
        if (size_of(numbers) != rows) [[unlikely]]
            room_differs(rows, "rows", name, size_of(numbers));
        check_dense(numbers, name);
        refuse_shared(out, n, out_name, data_of(numbers), rows, name);
    });
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
    with_operands<A, traversal::by_rows>(input, target, options, [&](auto const& ops, auto n, auto const& layout) L1LOSS_INLINE {
        matrix_shape const shape = shape_of_matrix<Input, Target>(layout, options, n);
        std::size_t const rows = shape.rows, columns = shape.columns;
        std::size_t const losses = is_by_column ? columns : rows;
        char const* const what = is_by_column ? "columns" : "rows";
        auto& out = options.output;
        auto const check_output = [&](auto* p, char const* name) L1LOSS_INLINE {
            check_row_numbers(rows, input, p, losses, name);
            check_row_numbers(rows, target, p, losses, name);
            refuse_overlaps(p, losses, n, name, ops, false);
        };
        check_room(losses, what, out, "output");
        check_output(data_of(out), "output");
        std::size_t* counts = nullptr;
        if constexpr (Options::has_count) {
            check_room(losses, what, options.count, "count");
            counts = data_of(options.count);
            check_output(counts, "count");
            refuse_shared(data_of(out), losses, "output", counts, losses, "count");
        }
        using Operands = std::remove_cvref_t<decltype(ops)>;
        check_fits_64_bits<Operands>(n);
        A* const losses_out = data_of(out);
        auto const put = [&](std::size_t k, auto sum, auto number) L1LOSS_INLINE {
            losses_out[k] = finish<A, Operands::is_weighted>(R, numerator_of(sum), denominator_of(sum, number));
            if constexpr (Options::has_count) counts[k] = count_of_sum(sum, number);
        };
        auto const compute = [&](auto width) L1LOSS_INLINE {
            auto const row = [&](std::size_t r) L1LOSS_INLINE {
                constexpr bool is_mean = R == reduction::mean;
                return summed_terms<is_mean, needs_count<Operands, is_mean, Options::has_count>>(ops.row(r, width));
            };
            f(row, rows, width, put);
        };
        constexpr auto fixed = is_tensor_type<Input> ? shape_of_tensor<Input> : shape_of_tensor<Target>;
        if constexpr (!is_by_column && (is_tensor_type<Input> || is_tensor_type<Target>) && fixed_length<decltype(n)>)
            compute(std::integral_constant<std::size_t, fixed.columns>{});
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
