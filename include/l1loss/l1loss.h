/* The C interface of the compiled library for the L1 loss, or mean absolute error.
 *
 *     none_i = |input_i - target_i|      sum = sum of none_i      mean = sum / n
 *
 * The order of summation is fixed, so the bits are those of l1loss.hpp, and the same on every CPU. The library runs the kernels of
 * the best instruction set that the CPU has. Link with l1loss_dispatch. Its users need neither xsimd nor C++.
 *
 * Arrays are contiguous, and need no more than the alignment of their element type. No function allocates, locks, throws, or keeps
 * a pointer. Any number of threads may call all functions at the same time. Static initialisers may call them before main. The
 * first call reads the environment, and may write to stderr.
 *
 * NaN and infinities propagate as in IEEE arithmetic. A mean or a sum that is NaN is the positive quiet NaN without payload. The
 * mean of no elements is NaN, and their sum is +0.
 */
#ifndef L1LOSS_L1LOSS_H
#define L1LOSS_L1LOSS_H

#include <stddef.h>
#include <stdint.h>

#include <l1loss/version.hpp>

/* On Windows, a program that uses the DLL may define L1LOSS_SHARED, which saves a jump per call. l1loss::dispatch_shared does. */
#if defined(_WIN32)
#if defined(L1LOSS_EXPORTS) /* in the DLL itself */
#define L1LOSS_API __declspec(dllexport)
#elif defined(L1LOSS_SHARED)
#define L1LOSS_API __declspec(dllimport)
#else
#define L1LOSS_API
#endif
#elif defined(__GNUC__)
#define L1LOSS_API __attribute__((visibility("default")))
#else
#define L1LOSS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Returns the version of the library that runs, which may be newer than L1LOSS_VERSION: 10000 * major + 100 * minor + patch. */
L1LOSS_API int l1loss_version(void);

/* How the losses of the elements become one number. */
typedef enum l1loss_reduction { L1LOSS_MEAN = 1, L1LOSS_SUM = 2 } l1loss_reduction;

/* What is wrong with the arguments. Unless the status is L1LOSS_OK, the function has written nothing. Where several apply, the
 * result is the first of these: unknown reduction, too many elements, null pointer, overlaps input, overlaps target, outputs
 * overlap. All checks of grad_input come before those of loss. */
typedef enum l1loss_status {
    L1LOSS_OK = 0,
    L1LOSS_NULL_POINTER,      /* a pointer is null, and its array is not empty */
    L1LOSS_UNKNOWN_REDUCTION, /* neither L1LOSS_MEAN nor L1LOSS_SUM */
    L1LOSS_TOO_MANY_ELEMENTS, /* an array would be larger than PTRDIFF_MAX bytes */
    L1LOSS_OVERLAPS_INPUT,    /* an output overlaps input, and is not exactly its memory where that is allowed */
    L1LOSS_OVERLAPS_TARGET,   /* an output overlaps target in the same way */
    L1LOSS_OUTPUTS_OVERLAP,   /* two outputs overlap */
    L1LOSS_UNKNOWN_ISA,       /* this library has no instruction set of that name */
    L1LOSS_UNSUPPORTED_ISA    /* the CPU or its operating system does not support it, or this build left it out */
} l1loss_status;

/* Describes the status in a few words. The result is never null. */
L1LOSS_API char const* l1loss_status_text(l1loss_status status);

/* Return the mean or the sum of n elements. The result is NaN if a pointer is null and n is not 0. */
L1LOSS_API float l1loss_mean_f32(float const* input, float const* target, size_t n);
L1LOSS_API float l1loss_sum_f32(float const* input, float const* target, size_t n);
L1LOSS_API double l1loss_mean_f64(double const* input, double const* target, size_t n);
L1LOSS_API double l1loss_sum_f64(double const* input, double const* target, size_t n);

/* The same for elements of two bytes: IEEE 754 binary16 (f16), and bfloat16, the upper half of a float (bf16). They are given as
 * their bits. Each converts exactly to float, and the result is that of the converted arrays, bit for bit. */
L1LOSS_API float l1loss_mean_f16(uint16_t const* input, uint16_t const* target, size_t n);
L1LOSS_API float l1loss_sum_f16(uint16_t const* input, uint16_t const* target, size_t n);
L1LOSS_API float l1loss_mean_bf16(uint16_t const* input, uint16_t const* target, size_t n);
L1LOSS_API float l1loss_sum_bf16(uint16_t const* input, uint16_t const* target, size_t n);

/* The same for integers. A sum is exact, and UINT64_MAX if a pointer is null and n is not 0. A mean is the exact sum, divided in
 * double and rounded to float. The sum of up to 2^48 elements of two bytes always fits. */
L1LOSS_API float l1loss_mean_u8(uint8_t const* input, uint8_t const* target, size_t n);
L1LOSS_API uint64_t l1loss_sum_u8(uint8_t const* input, uint8_t const* target, size_t n);
L1LOSS_API float l1loss_mean_i8(int8_t const* input, int8_t const* target, size_t n);
L1LOSS_API uint64_t l1loss_sum_i8(int8_t const* input, int8_t const* target, size_t n);
L1LOSS_API float l1loss_mean_u16(uint16_t const* input, uint16_t const* target, size_t n);
L1LOSS_API uint64_t l1loss_sum_u16(uint16_t const* input, uint16_t const* target, size_t n);
L1LOSS_API float l1loss_mean_i16(int16_t const* input, int16_t const* target, size_t n);
L1LOSS_API uint64_t l1loss_sum_i16(int16_t const* input, int16_t const* target, size_t n);

/* Return the mean or the sum of the elements whose mask is not 0, with weights:
 *
 *     sum = sum of weights_i * none_i      mean = sum / sum of weights_i
 *
 * Each product is rounded. Null weights stand for weights of 1, and a null mask selects all elements. An element that the mask
 * leaves out has no effect, even if it or its weight is NaN. count gets the number of elements that the mask selects, and may be
 * null. It is outside of the arrays. If no element is selected, or the weights add up to 0, the mean is NaN. If input or target is
 * null and n is not 0, the result is NaN and the count 0. */
L1LOSS_API float l1loss_weighted_mean_f32(float const* input, float const* target, float const* weights, unsigned char const* mask,
                                          size_t n, size_t* count);
L1LOSS_API float l1loss_weighted_sum_f32(float const* input, float const* target, float const* weights, unsigned char const* mask,
                                         size_t n, size_t* count);
L1LOSS_API double l1loss_weighted_mean_f64(double const* input, double const* target, double const* weights,
                                           unsigned char const* mask, size_t n, size_t* count);
L1LOSS_API double l1loss_weighted_sum_f64(double const* input, double const* target, double const* weights,
                                          unsigned char const* mask, size_t n, size_t* count);

/* Return !(mean <= threshold) or !(sum <= threshold), to the bit: 1 if the loss exceeds the threshold or either is NaN, else 0.
 * Elements are read in steps of 8192, and none after the step that makes the result certain. The result is 1 if a pointer is null
 * and n is not 0. */
L1LOSS_API int l1loss_mean_exceeds_f32(float const* input, float const* target, size_t n, float threshold);
L1LOSS_API int l1loss_sum_exceeds_f32(float const* input, float const* target, size_t n, float threshold);
L1LOSS_API int l1loss_mean_exceeds_f64(double const* input, double const* target, size_t n, double threshold);
L1LOSS_API int l1loss_sum_exceeds_f64(double const* input, double const* target, size_t n, double threshold);

/* Write none_i to the n elements of output. output is exactly the memory of input or of target, or disjoint from both. */
L1LOSS_API l1loss_status l1loss_none_f32(float const* input, float const* target, size_t n, float* output);
L1LOSS_API l1loss_status l1loss_none_f64(double const* input, double const* target, size_t n, double* output);

/* Write the gradient of the loss with respect to input, times grad_output, to the n elements of grad_input:
 *
 *     grad_input_i = s where input_i > target_i, -s where input_i < target_i, +0 where neither (NaN included)
 *
 * For the sum, s is grad_output. For the mean, s is grad_output / n, divided in double and rounded once. The gradient with respect
 * to target is the negative of this. grad_input is exactly the memory of input or of target, or disjoint from both. */
L1LOSS_API l1loss_status l1loss_backward_f32(float const* input, float const* target, size_t n, l1loss_reduction reduction,
                                             float grad_output, float* grad_input);
L1LOSS_API l1loss_status l1loss_backward_f64(double const* input, double const* target, size_t n, l1loss_reduction reduction,
                                             double grad_output, double* grad_input);

/* Write the gradient as l1loss_backward does, and the loss as well, in one pass. loss is disjoint from all other arrays. */
L1LOSS_API l1loss_status l1loss_with_gradient_f32(float const* input, float const* target, size_t n, l1loss_reduction reduction,
                                                  float grad_output, float* grad_input, float* loss);
L1LOSS_API l1loss_status l1loss_with_gradient_f64(double const* input, double const* target, size_t n, l1loss_reduction reduction,
                                                  double grad_output, double* grad_input, double* loss);

/* Write one loss for each row of two row-major matrices of rows * columns elements. output has rows elements, and is disjoint
 * from input and target. */
L1LOSS_API l1loss_status l1loss_rows_f32(float const* input, float const* target, size_t rows, size_t columns,
                                         l1loss_reduction reduction, float* output);
L1LOSS_API l1loss_status l1loss_rows_f64(double const* input, double const* target, size_t rows, size_t columns,
                                         l1loss_reduction reduction, double* output);
L1LOSS_API l1loss_status l1loss_rows_f16(uint16_t const* input, uint16_t const* target, size_t rows, size_t columns,
                                         l1loss_reduction reduction, float* output);
L1LOSS_API l1loss_status l1loss_rows_bf16(uint16_t const* input, uint16_t const* target, size_t rows, size_t columns,
                                          l1loss_reduction reduction, float* output);
L1LOSS_API l1loss_status l1loss_rows_u8(uint8_t const* input, uint8_t const* target, size_t rows, size_t columns,
                                        l1loss_reduction reduction, float* output);
L1LOSS_API l1loss_status l1loss_rows_i8(int8_t const* input, int8_t const* target, size_t rows, size_t columns,
                                        l1loss_reduction reduction, float* output);
L1LOSS_API l1loss_status l1loss_rows_u16(uint16_t const* input, uint16_t const* target, size_t rows, size_t columns,
                                         l1loss_reduction reduction, float* output);
L1LOSS_API l1loss_status l1loss_rows_i16(int16_t const* input, int16_t const* target, size_t rows, size_t columns,
                                         l1loss_reduction reduction, float* output);

/* Instruction sets. The first call selects the best one, or the one that the environment variable L1LOSS_ISA names. If that name
 * is unknown or not supported, a message goes to stderr and the best one is selected. Results do not depend on the selection. */

/* Returns the name of instruction set i, counted from 0, of those that the library has and this machine supports, the best one
 * last. The result is null if there are no more. On x86-64 the names are "sse2", "sse4.2", "avx", "avx2", "fma3+avx2" and
 * "avx512bw". On 64-bit Arm the name is "neon64". The names of one architecture are unknown on the other. */
L1LOSS_API char const* l1loss_available_isa(size_t i);

/* Returns the name of the instruction set in use. */
L1LOSS_API char const* l1loss_active_isa(void);

/* Selects the instruction set of that name, for all threads, from their next call on. Calls that have begun are not affected. */
L1LOSS_API l1loss_status l1loss_set_isa(char const* name);

#ifdef __cplusplus
}
#endif

#endif
