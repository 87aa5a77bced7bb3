// The C++ interface of the compiled library, which selects the best instruction set of the CPU at run time.
//
// The contract is that of l1loss.hpp, for contiguous elements and few options. The kernels depend on the CPU, and not on the
// flags that the including program is compiled with. The program links with l1loss_dispatch and needs no xsimd.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <l1loss/detail/call/dispatch.hpp>
#include <l1loss/element.hpp>
#include <l1loss/l1loss.h>
#include <l1loss/options.hpp>
#include <l1loss/reduction.hpp>

namespace l1loss::inline L1LOSS_FLAGS {

/// Returns the instruction sets of the compiled library that this CPU and its operating system support, the best one last.
inline std::vector<std::string_view> available_isas() {
    std::vector<std::string_view> names;
    for (std::size_t i = 0; char const* name = l1loss_available_isa(i); ++i) names.emplace_back(name);
    return names;
}

/// Returns the instruction set in use. It is the best one, unless the environment variable L1LOSS_ISA named another at the first
/// call, or set_isa selected another.
inline std::string_view active_isa() { return l1loss_active_isa(); }

/// Selects an instruction set by its name. Returns false, and changes nothing, if this machine or the library does not have it.
/// The selection holds for all threads, from their next call of the compiled library on. Results do not depend on it. Code that
/// is compiled from l1loss.hpp does not depend on it either.
inline bool set_isa(std::string_view name) {
    for (std::size_t i = 0; char const* each = l1loss_available_isa(i); ++i)
        if (name == each) return l1loss_set_isa(each) == L1LOSS_OK;
    return false;
}

namespace dispatch {

/// Returns the mean of the losses of two arrays, or their sum as l1_loss<reduction::sum>. An array is anything that converts to a
/// std::span of any element type of l1_loss (element.hpp). Both have the same element type.
///
/// Bits, special values and errors are those of l1loss::l1_loss. The sum of integers is an exact std::uint64_t. A null pointer to
/// elements is not allowed, and gives NaN or the largest integer here. Nothing allocates.
template <reduction R = reduction::mean, detail::compiled_element Input, detail::compiled_like<Input> Target>
auto l1_loss(Input const& input, Target const& target) {
    std::size_t const n = std::span(input).size();
    detail::expect_size(n, "target", std::span(target).size());
    auto const *const x = detail::compiled_memory(input), *const y = detail::compiled_memory(target);
    if constexpr (detail::scalar_reduction<R>() == L1LOSS_SUM) return detail::compiled<Input>::sum(x, y, n);
    else return detail::compiled<Input>::mean(x, y, n);
}

/// Returns the mean or the sum with options (options.hpp): weights of the element type, a mask and a count, each at most once.
template <reduction R = reduction::mean, detail::compiled_operand Input, detail::compiled_like<Input> Target,
          detail::compiled_option<Input>... Options>
    requires(sizeof...(Options) > 0 && detail::given_once<Options...>)
detail::number<Input> l1_loss(Input const& input, Target const& target, Options... options) {
    using T = detail::number<Input>;
    std::span<T const> const x(input), y(target);
    std::size_t const n = x.size();
    detail::expect_size(n, "target", y.size());
    T const* const weights = detail::compiled_values<detail::kind::weights, T>(n, "weights", options...);
    auto const* const mask = detail::compiled_values<detail::kind::mask, unsigned char>(n, "mask", options...);
    std::size_t* count = nullptr;
    if constexpr (detail::given<detail::kind::count, Options...>) count = &detail::value_of<detail::kind::count>(options...);
    if constexpr (detail::scalar_reduction<R>() == L1LOSS_SUM)
        return detail::compiled<Input>::weighted_sum(x.data(), y.data(), weights, mask, n, count);
    else return detail::compiled<Input>::weighted_mean(x.data(), y.data(), weights, mask, n, count);
}

/// Returns whether the mean or the sum exceeds the threshold, as l1loss::l1_exceeds. The threshold is of the element type.
template <reduction R = reduction::mean, detail::compiled_operand Input, detail::compiled_like<Input> Target>
bool l1_exceeds(Input const& input, Target const& target, std::type_identity_t<detail::number<Input>> threshold) {
    std::span<detail::number<Input> const> const x(input), y(target);
    detail::expect_size(x.size(), "target", y.size());
    if constexpr (detail::scalar_reduction<R>() == L1LOSS_SUM)
        return detail::compiled<Input>::sum_exceeds(x.data(), y.data(), x.size(), threshold) != 0;
    else return detail::compiled<Input>::mean_exceeds(x.data(), y.data(), x.size(), threshold) != 0;
}

/// Writes the loss of each element to `output`, as l1_loss<reduction::none>. `output` has the element type and the size of the
/// arguments. It is exactly the memory of one of them, or disjoint from both.
template <reduction R, detail::compiled_operand Input, detail::compiled_like<Input> Target, detail::compiled_output<Input> Output>
void l1_loss(Input const& input, Target const& target, Output&& output) {
    static_assert(R == reduction::none, "l1loss: an output is for reduction::none");
    std::span<detail::number<Input> const> const x(input), y(target);
    std::span const out(output);
    detail::expect_size(x.size(), "target", y.size());
    detail::expect_size(x.size(), "output", out.size());
    detail::expect_ok(detail::compiled<Input>::none(x.data(), y.data(), x.size(), out.data()), "output");
}

/// Writes the gradient of the loss with respect to `input`, times grad_output, to `grad_input`. R is mean or sum. `grad_input`
/// has the element type and the size of the arguments. It is exactly the memory of one of them, or disjoint from both.
template <reduction R = reduction::mean, detail::compiled_operand Input, detail::compiled_like<Input> Target,
          detail::compiled_output<Input> GradInput>
void l1_loss_backward(Input const& input, Target const& target, GradInput&& grad_input, detail::number<Input> grad_output = 1) {
    std::span<detail::number<Input> const> const x(input), y(target);
    std::span const grad(grad_input);
    detail::expect_size(x.size(), "target", y.size());
    detail::expect_size(x.size(), "grad_input", grad.size());
    constexpr auto r = detail::scalar_reduction<R>();
    detail::expect_ok(detail::compiled<Input>::backward(x.data(), y.data(), x.size(), r, grad_output, grad.data()), "grad_input");
}

/// Writes the gradient as l1_loss_backward does, and returns the loss. Both take one pass over the arguments.
template <reduction R = reduction::mean, detail::compiled_operand Input, detail::compiled_like<Input> Target,
          detail::compiled_output<Input> GradInput>
detail::number<Input> l1_loss_with_gradient(Input const& input, Target const& target, GradInput&& grad_input,
                                            detail::number<Input> grad_output = 1) {
    std::span<detail::number<Input> const> const x(input), y(target);
    std::span const grad(grad_input);
    detail::expect_size(x.size(), "target", y.size());
    detail::expect_size(x.size(), "grad_input", grad.size());
    constexpr auto r = detail::scalar_reduction<R>();
    detail::number<Input> loss;
    detail::expect_ok(detail::compiled<Input>::with_gradient(x.data(), y.data(), x.size(), r, grad_output, grad.data(), &loss),
                      "grad_input");
    return loss;
}

/// Writes the loss of each row of two matrices of `rows` × columns elements to `output`. R is mean or sum. The size of the
/// arguments is a multiple of `rows`. `output` has `rows` elements, and is disjoint from both arguments. It is of double for
/// double, and otherwise of float.
template <reduction R = reduction::mean, detail::compiled_element Input, detail::compiled_like<Input> Target,
          detail::compiled_row_output<Input> Output>
void l1_loss_rows(Input const& input, Target const& target, std::size_t rows, Output&& output) {
    std::size_t const n = std::span(input).size();
    std::span const out(output);
    detail::expect_size(n, "target", std::span(target).size());
    if (rows == 0 ? n != 0 : n % rows != 0) [[unlikely]]
        detail::rows_are_ragged(n, rows);
    if (out.size() != rows) [[unlikely]]
        detail::room_differs(rows, "rows", "output", out.size());
    constexpr auto r = detail::scalar_reduction<R>();
    std::size_t const columns = rows == 0 ? 0 : n / rows;
    auto const *const x = detail::compiled_memory(input), *const y = detail::compiled_memory(target);
    detail::expect_ok(detail::compiled<Input>::rows(x, y, rows, columns, r, out.data()), "output");
}

} // namespace dispatch

} // namespace l1loss::inline L1LOSS_FLAGS
