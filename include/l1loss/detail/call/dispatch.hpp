// What dispatch.hpp needs to call the C interface: the functions of each element type, and checks.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <utility>

#include <l1loss/detail/args/options.hpp>
#include <l1loss/element.hpp>
#include <l1loss/l1loss.h>

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
    static auto weighted_mean(auto... args) { return l1loss_weighted_mean_f32(args...); }
    static auto weighted_sum(auto... args) { return l1loss_weighted_sum_f32(args...); }
    static auto mean_exceeds(auto... args) { return l1loss_mean_exceeds_f32(args...); }
    static auto sum_exceeds(auto... args) { return l1loss_sum_exceeds_f32(args...); }
};
template <> struct compiled_for<double> : compiled_losses<double, l1loss_mean_f64, l1loss_sum_f64, l1loss_rows_f64> {
    static auto none(auto... args) { return l1loss_none_f64(args...); }
    static auto backward(auto... args) { return l1loss_backward_f64(args...); }
    static auto with_gradient(auto... args) { return l1loss_with_gradient_f64(args...); }
    static auto weighted_mean(auto... args) { return l1loss_weighted_mean_f64(args...); }
    static auto weighted_sum(auto... args) { return l1loss_weighted_sum_f64(args...); }
    static auto mean_exceeds(auto... args) { return l1loss_mean_exceeds_f64(args...); }
    static auto sum_exceeds(auto... args) { return l1loss_sum_exceeds_f64(args...); }
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

/// An option that the compiled library takes.
template <class Option, class Input>
concept compiled_option = kind_of<Option> == kind::count ||
                          (kind_of<Option> == kind::weights && compiled_like<values_type<kind::weights, Option>, Input>) ||
                          (kind_of<Option> == kind::mask && mask_element<number<values_type<kind::mask, Option>>>);

/// The n elements of an option, or null if it is not given.
template <kind K, class T, class... Options> T const* compiled_values(std::size_t n, char const* name, Options&... options) {
    if constexpr (given<K, Options...>) {
        std::span const values(value_of<K>(options...));
        expect_size(n, name, values.size());
        return reinterpret_cast<T const*>(values.data());
    } else {
        return nullptr;
    }
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
