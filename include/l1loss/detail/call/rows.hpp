// What a call of l1_loss_rows or l1_loss_columns requires, and what it does.
#pragma once

#include <algorithm>

#include <l1loss/detail/call/loss.hpp>
#include <l1loss/detail/sum/columns.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

struct matrix_shape {
    std::size_t rows, columns;
};
/// The first extent, and the product of the others.
template <class Extents> constexpr matrix_shape matrix_of(Extents const& extents, std::size_t rank) {
    matrix_shape m{1, 1};
    for (std::size_t d = 0; d < rank; ++d) (d == 0 ? m.rows : m.columns) *= extents[d];
    return m;
}
template <class Input, class Target> constexpr matrix_shape shape_of_tensors() {
    if constexpr (is_tensor_type<Input>) return matrix_of(Input::shape, Input::rank);
    else if constexpr (is_tensor_type<Target>) return matrix_of(Target::shape, Target::rank);
    else return {};
}

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
        m = matrix_of(layout.shape.extent, layout.shape.rank);
        if (Options::has_length && layout.shape.rank == 1 && n == 0) m.columns = 0;
    } else if constexpr (has_tensor) {
        m = shape_of_tensors<Input, Target>();
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

/// l1_loss_rows in an execution context, or l1_loss_columns.
template <reduction R, class Accumulator, bool is_by_column, class Context, class Input, class Target, class Options>
constexpr void compute_matrix(Context const& context, Input const& input, Target const& target, Options const& options) {
    using A = accumulator_type<Accumulator, Input, Target, typename Options::weights_type>;
    with_operands<A, traversal::by_rows>(input, target, options, [&](auto const& ops, auto n, auto const& layout) L1LOSS_INLINE {
        using Operands = std::remove_cvref_t<decltype(ops)>;
        matrix_shape const shape = shape_of_matrix<Input, Target>(layout, options, n);
        std::size_t const rows = shape.rows, losses = is_by_column ? shape.columns : rows;
        auto const checked = [&](auto& out, char const* name) L1LOSS_INLINE {
            check_room(losses, is_by_column ? "columns" : "rows", out, name);
            auto* const p = data_of(out);
            check_row_numbers(rows, input, p, losses, name);
            check_row_numbers(rows, target, p, losses, name);
            refuse_overlaps(p, losses, n, name, ops, false);
            return p;
        };
        A* const out = checked(options.output, "output");
        std::size_t* counts = nullptr;
        if constexpr (Options::has_count) {
            counts = checked(options.count, "count");
            refuse_shared(out, losses, "output", counts, losses, "count");
        }
        check_fits_64_bits<Operands>(n);
        auto const put = [&](std::size_t k, auto sum, auto number) L1LOSS_INLINE {
            out[k] = finish<A, Operands::is_weighted>(R, numerator_of(sum), denominator_of(sum, number));
            if constexpr (Options::has_count) counts[k] = count_of_sum(sum, number);
        };
        auto const compute = [&](auto columns) L1LOSS_INLINE {
            auto const row = [&](std::size_t r) L1LOSS_INLINE {
                constexpr bool is_mean = R == reduction::mean;
                return summed_terms<is_mean, needs_count<Operands, is_mean, Options::has_count>>(ops.row(r, columns));
            };
            if constexpr (is_by_column)
                sum_each_column<typename Context::arch>(row, rows, columns,
                                                        [&](std::size_t c, auto sum) L1LOSS_INLINE { put(c, sum, rows); });
            else context.sum_rows(row, rows, columns, [&](std::size_t r, auto sum) L1LOSS_INLINE { put(r, sum, columns); });
        };
        if constexpr (!is_by_column && (is_tensor_type<Input> || is_tensor_type<Target>) && fixed_length<decltype(n)>)
            compute(std::integral_constant<std::size_t, shape_of_tensors<Input, Target>().columns>{});
        else compute(shape.columns);
    });
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
