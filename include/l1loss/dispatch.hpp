// The C++ interface of the compiled library, which selects the best instruction set of the CPU at run time.
//
// The contract is that of l1loss.hpp, for contiguous elements and without options. The kernels depend on the CPU, and not on the
// flags that the including program is compiled with. The program links with l1loss_dispatch and needs no xsimd.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <l1loss/detail/args/error.hpp>
#include <l1loss/detail/flags.hpp>
#include <l1loss/element.hpp>
#include <l1loss/l1loss.h>
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

} // namespace l1loss::inline L1LOSS_FLAGS

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The functions of the C interface that every element type has. Memory is the type of elements there. They are functions that
/// call, because Clang takes no address of a function of a DLL as a constant.
template <class Memory, auto Mean, auto Sum, auto Rows> struct compiled_losses {
    using memory = Memory;
    static auto mean(auto... args) { return Mean(args...); }
    static auto sum(auto... args) { return Sum(args...); }
    static auto rows(auto... args) { return Rows(args...); }
};
/// Those for T.
template <class T> struct compiled_for;
template <> struct compiled_for<float> : compiled_losses<float, l1loss_mean_f32, l1loss_sum_f32, l1loss_rows_f32> {
    static auto none(auto... args) { return l1loss_none_f32(args...); }
    static auto backward(auto... args) { return l1loss_backward_f32(args...); }
    static auto with_gradient(auto... args) { return l1loss_with_gradient_f32(args...); }
};
template <> struct compiled_for<double> : compiled_losses<double, l1loss_mean_f64, l1loss_sum_f64, l1loss_rows_f64> {
    static auto none(auto... args) { return l1loss_none_f64(args...); }
    static auto backward(auto... args) { return l1loss_backward_f64(args...); }
    static auto with_gradient(auto... args) { return l1loss_with_gradient_f64(args...); }
};
template <class T>
    requires(format_of<T> == float_format::half)
struct compiled_for<T> : compiled_losses<std::uint16_t, l1loss_mean_f16, l1loss_sum_f16, l1loss_rows_f16> {};
template <class T>
    requires(format_of<T> == float_format::bfloat16)
struct compiled_for<T> : compiled_losses<std::uint16_t, l1loss_mean_bf16, l1loss_sum_bf16, l1loss_rows_bf16> {};
template <> struct compiled_for<std::uint8_t> : compiled_losses<std::uint8_t, l1loss_mean_u8, l1loss_sum_u8, l1loss_rows_u8> {};
template <> struct compiled_for<std::int8_t> : compiled_losses<std::int8_t, l1loss_mean_i8, l1loss_sum_i8, l1loss_rows_i8> {};
template <>
struct compiled_for<std::uint16_t> : compiled_losses<std::uint16_t, l1loss_mean_u16, l1loss_sum_u16, l1loss_rows_u16> {};
template <> struct compiled_for<std::int16_t> : compiled_losses<std::int16_t, l1loss_mean_i16, l1loss_sum_i16, l1loss_rows_i16> {};

/// The element type of the std::span that X converts to.
template <class X> using element_of_span = typename decltype(std::span(std::declval<X&>()))::element_type;
template <class X> using number = std::remove_const_t<element_of_span<X const>>;

/// Has elements that the compiled library takes.
template <class X>
concept compiled_element = requires { typename compiled_for<number<X>>::memory; };
/// Has elements of float or double.
template <class X>
concept compiled_operand = std::same_as<number<X>, float> || std::same_as<number<X>, double>;
/// Has elements of the same type as Other.
template <class X, class Other>
concept compiled_like = std::same_as<number<X>, number<Other>>;
/// Can be written to, and has elements of the same type as Other.
template <class X, class Other>
concept compiled_output = std::same_as<element_of_span<std::remove_reference_t<X>>, number<Other>>;
template <class X, class Other>
concept compiled_row_output = std::same_as<element_of_span<std::remove_reference_t<X>>, accumulator_of<number<Other>>>;

template <class Input> using compiled = compiled_for<number<Input>>;

/// The elements of an argument as the C interface takes them.
template <class X> auto compiled_memory(X const& x) {
    std::span<number<X> const> const elements(x);
    return reinterpret_cast<typename compiled<X>::memory const*>(elements.data());
}

inline void expect_size(std::size_t n, char const* name, std::size_t size) {
    if (size != n) [[unlikely]]
        sizes_differ(n, name, size);
}

/// Fails unless a call succeeded. The caller has compared the sizes, so the likely error is an overlap.
inline void expect_ok(l1loss_status status, char const* output) {
    if (status == L1LOSS_OK) [[likely]]
        return;
    if (status == L1LOSS_OVERLAPS_INPUT) overlaps(output, "input");
    if (status == L1LOSS_OVERLAPS_TARGET) overlaps(output, "target");
    fail(l1loss_status_text(status));
}

template <reduction R> constexpr l1loss_reduction scalar_reduction() {
    static_assert(R != reduction::none, "l1loss: the result is one number, expected reduction::mean or reduction::sum");
    return R == reduction::sum ? L1LOSS_SUM : L1LOSS_MEAN;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS

namespace l1loss::inline L1LOSS_FLAGS {

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
