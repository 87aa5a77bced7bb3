// The functions of l1loss.h: each checks its arguments, then calls the kernel of the instruction set in use.
//
// A mean or a sum costs two tests for null, a load and a jump.
#include <cstdint>
#include <limits>

#include <l1loss/detail/args/overlap.hpp>

#include "isas.hpp"

using namespace l1loss::compiled;
using l1loss::accumulator_of;
using l1loss::bfloat16_t;
using l1loss::float16_t;
using l1loss::detail::lies_across;
using l1loss::detail::memory_of;

namespace {

/// The result of a call with a null pointer.
template <class T> constexpr T no_loss() {
    return std::numeric_limits<T>::has_quiet_NaN ? std::numeric_limits<T>::quiet_NaN() : std::numeric_limits<T>::max();
}

/// Whether the elements are there.
template <class T> bool is_readable(T const* input, T const* target, std::size_t n) {
    return (input != nullptr && target != nullptr) || n == 0;
}

template <class T> accumulator_of<T> mean(T const* input, T const* target, std::size_t n) {
    if (!is_readable(input, target, n)) [[unlikely]]
        return no_loss<accumulator_of<T>>();
    return active_kernels<losses<T>>().mean(input, target, n);
}
template <class T> sum_of<T> sum(T const* input, T const* target, std::size_t n) {
    if (!is_readable(input, target, n)) [[unlikely]]
        return no_loss<sum_of<T>>();
    return active_kernels<losses<T>>().sum(input, target, n);
}

template <class T>
T weighted(T const* input, T const* target, T const* weights, unsigned char const* mask, std::size_t n, l1loss_reduction r,
           std::size_t* count) {
    std::size_t counted = 0;
    T loss = no_loss<T>();
    if (is_readable(input, target, n)) [[likely]]
        loss = active_kernels<selections<T>>().weighted(input, target, weights, mask, n, r, counted);
    if (count != nullptr) *count = counted;
    return loss;
}

template <class T> bool exceeds(T const* input, T const* target, std::size_t n, l1loss_reduction r, T threshold) {
    return !is_readable(input, target, n) || active_kernels<selections<T>>().exceeds(input, target, n, r, threshold);
}

bool is_known(l1loss_reduction r) { return r == L1LOSS_MEAN || r == L1LOSS_SUM; }

/// Checks pointers, sizes and overlap, for n elements that are read and an output of `written` elements.
template <class T, class Out>
l1loss_status check(T const* input, T const* target, std::size_t n, Out const* output, std::size_t written, bool may_be_same) {
    if (n > PTRDIFF_MAX / sizeof(T) || written > PTRDIFF_MAX / sizeof(Out)) return L1LOSS_TOO_MANY_ELEMENTS;
    if (!is_readable(input, target, n)) return L1LOSS_NULL_POINTER;
    if (written > 0 && output == nullptr) return L1LOSS_NULL_POINTER;
    if (lies_across(memory_of(output, written), memory_of(input, n), may_be_same)) return L1LOSS_OVERLAPS_INPUT;
    if (lies_across(memory_of(output, written), memory_of(target, n), may_be_same)) return L1LOSS_OVERLAPS_TARGET;
    return L1LOSS_OK;
}

template <class T> l1loss_status none(T const* input, T const* target, std::size_t n, T* output) {
    l1loss_status const status = check(input, target, n, output, n, true);
    if (status == L1LOSS_OK) active_kernels<gradients<T>>().none(input, target, n, output);
    return status;
}

template <class T>
l1loss_status backward(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) {
    if (!is_known(r)) return L1LOSS_UNKNOWN_REDUCTION;
    l1loss_status const status = check(input, target, n, grad_input, n, true);
    if (status == L1LOSS_OK) active_kernels<gradients<T>>().backward(input, target, n, r, grad_output, grad_input);
    return status;
}

template <class T>
l1loss_status with_gradient(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input,
                            T* loss) {
    if (!is_known(r)) return L1LOSS_UNKNOWN_REDUCTION;
    l1loss_status status = check(input, target, n, grad_input, n, true);
    if (status == L1LOSS_OK) status = check(input, target, n, loss, 1, false);
    if (status == L1LOSS_OK && lies_across(memory_of(loss, 1), memory_of(grad_input, n), false)) status = L1LOSS_OUTPUTS_OVERLAP;
    if (status == L1LOSS_OK) *loss = active_kernels<gradients<T>>().with_gradient(input, target, n, r, grad_output, grad_input);
    return status;
}

template <class T>
l1loss_status rows(T const* input, T const* target, std::size_t rows, std::size_t columns, l1loss_reduction r,
                   accumulator_of<T>* output) {
    if (!is_known(r)) return L1LOSS_UNKNOWN_REDUCTION;
    std::size_t n = 0;
    if (__builtin_mul_overflow(rows, columns, &n)) return L1LOSS_TOO_MANY_ELEMENTS;
    l1loss_status const status = check(input, target, n, output, rows, false);
    if (status == L1LOSS_OK) active_kernels<losses<T>>().rows(input, target, rows, columns, r, output);
    return status;
}

} // namespace

int l1loss_version() { return L1LOSS_VERSION; }

char const* l1loss_status_text(l1loss_status status) {
    switch (status) {
    case L1LOSS_OK: return "no error";
    case L1LOSS_NULL_POINTER: return "a pointer is null, expected one to elements";
    case L1LOSS_UNKNOWN_REDUCTION: return "the reduction is unknown, expected L1LOSS_MEAN or L1LOSS_SUM";
    case L1LOSS_TOO_MANY_ELEMENTS: return "there are more elements than addresses";
    case L1LOSS_OVERLAPS_INPUT: return "an output overlaps input, expected other memory, or for one result per element the same";
    case L1LOSS_OVERLAPS_TARGET: return "an output overlaps target, expected other memory, or for one result per element the same";
    case L1LOSS_OUTPUTS_OVERLAP: return "two outputs overlap, expected different memory";
    case L1LOSS_UNKNOWN_ISA: return "the name is of no instruction set of this library";
    case L1LOSS_UNSUPPORTED_ISA: return "the instruction set is not supported by this machine or build";
    }
    return "no status of l1loss";
}

/// Defines the functions of the elements T, which C knows as C.
#define L1LOSS_DEFINE(name, T, C)                                                                                                  \
    accumulator_of<T> l1loss_mean_##name(C const* input, C const* target, std::size_t n) {                                         \
        return mean(reinterpret_cast<T const*>(input), reinterpret_cast<T const*>(target), n);                                     \
    }                                                                                                                              \
    sum_of<T> l1loss_sum_##name(C const* input, C const* target, std::size_t n) {                                                  \
        return sum(reinterpret_cast<T const*>(input), reinterpret_cast<T const*>(target), n);                                      \
    }                                                                                                                              \
    l1loss_status l1loss_rows_##name(C const* input, C const* target, std::size_t rows, std::size_t columns,                       \
                                     l1loss_reduction reduction, accumulator_of<T>* output) {                                      \
        return ::rows(reinterpret_cast<T const*>(input), reinterpret_cast<T const*>(target), rows, columns, reduction, output);    \
    }
L1LOSS_DEFINE(f32, float, float)
L1LOSS_DEFINE(f64, double, double)
L1LOSS_DEFINE(f16, float16_t, std::uint16_t)
L1LOSS_DEFINE(bf16, bfloat16_t, std::uint16_t)
L1LOSS_DEFINE(u8, std::uint8_t, std::uint8_t)
L1LOSS_DEFINE(i8, std::int8_t, std::int8_t)
L1LOSS_DEFINE(u16, std::uint16_t, std::uint16_t)
L1LOSS_DEFINE(i16, std::int16_t, std::int16_t)

/// Defines the functions that only float and double have.
#define L1LOSS_DEFINE_SELECTIONS(name, T)                                                                                          \
    T l1loss_weighted_mean_##name(T const* input, T const* target, T const* weights, unsigned char const* mask, size_t n,          \
                                  size_t* count) {                                                                                 \
        return weighted(input, target, weights, mask, n, L1LOSS_MEAN, count);                                                      \
    }                                                                                                                              \
    T l1loss_weighted_sum_##name(T const* input, T const* target, T const* weights, unsigned char const* mask, size_t n,           \
                                 size_t* count) {                                                                                  \
        return weighted(input, target, weights, mask, n, L1LOSS_SUM, count);                                                       \
    }                                                                                                                              \
    int l1loss_mean_exceeds_##name(T const* input, T const* target, size_t n, T threshold) {                                       \
        return exceeds(input, target, n, L1LOSS_MEAN, threshold);                                                                  \
    }                                                                                                                              \
    int l1loss_sum_exceeds_##name(T const* input, T const* target, size_t n, T threshold) {                                        \
        return exceeds(input, target, n, L1LOSS_SUM, threshold);                                                                   \
    }
L1LOSS_DEFINE_SELECTIONS(f32, float)
L1LOSS_DEFINE_SELECTIONS(f64, double)

l1loss_status l1loss_none_f32(float const* input, float const* target, std::size_t n, float* output) {
    return none(input, target, n, output);
}
l1loss_status l1loss_none_f64(double const* input, double const* target, std::size_t n, double* output) {
    return none(input, target, n, output);
}

l1loss_status l1loss_backward_f32(float const* input, float const* target, std::size_t n, l1loss_reduction reduction,
                                  float grad_output, float* grad_input) {
    return backward(input, target, n, reduction, grad_output, grad_input);
}
l1loss_status l1loss_backward_f64(double const* input, double const* target, std::size_t n, l1loss_reduction reduction,
                                  double grad_output, double* grad_input) {
    return backward(input, target, n, reduction, grad_output, grad_input);
}

l1loss_status l1loss_with_gradient_f32(float const* input, float const* target, std::size_t n, l1loss_reduction reduction,
                                       float grad_output, float* grad_input, float* loss) {
    return with_gradient(input, target, n, reduction, grad_output, grad_input, loss);
}
l1loss_status l1loss_with_gradient_f64(double const* input, double const* target, std::size_t n, l1loss_reduction reduction,
                                       double grad_output, double* grad_input, double* loss) {
    return with_gradient(input, target, n, reduction, grad_output, grad_input, loss);
}
