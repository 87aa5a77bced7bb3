/* The L1 loss (mean absolute error) of the compiled library, for C and for all that can call C: the contract.
 *
 *     none_i = |input_i - target_i|      sum = sum of none_i      mean = sum / n
 *
 * in one order of summation, so that the bits are those of l1loss.hpp and the same on every CPU; the kernels are those of the best
 * instruction set that the CPU has. Link with l1loss_dispatch. No xsimd, and no C++, is needed to use it.
 *
 * Arrays are elements side by side, aligned as their type and no more. No function allocates, locks, throws, or keeps a pointer,
 * and all may be called at the same time by any number of threads, also before main, from static initialisers. (The first call
 * reads the environment, and may write to stderr.)
 *
 * NaN and infinities propagate as in IEEE arithmetic; a mean or a sum that is NaN is the positive quiet NaN without payload. Of no
 * elements, the mean is NaN and the sum +0.
 */
#ifndef L1LOSS_L1LOSS_H
#define L1LOSS_L1LOSS_H

#include <stddef.h>

#if defined(__GNUC__)
#define L1LOSS_API __attribute__((visibility("default")))
#else
#define L1LOSS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* How the elements become one number. */
typedef enum l1loss_reduction { L1LOSS_MEAN = 1, L1LOSS_SUM = 2 } l1loss_reduction;

/* What was wrong with the arguments. Where it is not L1LOSS_OK, nothing was written. */
typedef enum l1loss_status {
    L1LOSS_OK = 0,
    L1LOSS_NULL_POINTER,      /* a pointer is null, and not of an array of no elements */
    L1LOSS_UNKNOWN_REDUCTION, /* neither L1LOSS_MEAN nor L1LOSS_SUM */
    L1LOSS_TOO_MANY_ELEMENTS, /* more than there are addresses */
    L1LOSS_OVERLAPS_INPUT,    /* an output has some of the memory of input, and is not exactly it where it may be */
    L1LOSS_OVERLAPS_TARGET,   /* the same of target */
    L1LOSS_OUTPUTS_OVERLAP,   /* two outputs share memory */
    L1LOSS_UNKNOWN_ISA,       /* no instruction set of this library has that name */
    L1LOSS_UNSUPPORTED_ISA    /* the CPU or its operating system does not have it */
} l1loss_status;

/* The status in a few words; never null. */
L1LOSS_API char const* l1loss_status_text(l1loss_status status);

/* The mean or the sum of n elements. NaN if a pointer is null and n is not 0. */
L1LOSS_API float l1loss_mean_f32(float const* input, float const* target, size_t n);
L1LOSS_API float l1loss_sum_f32(float const* input, float const* target, size_t n);
L1LOSS_API double l1loss_mean_f64(double const* input, double const* target, size_t n);
L1LOSS_API double l1loss_sum_f64(double const* input, double const* target, size_t n);

/* Writes none_i to output, n elements: exactly the memory of input or of target, or apart from both. */
L1LOSS_API l1loss_status l1loss_none_f32(float const* input, float const* target, size_t n, float* output);
L1LOSS_API l1loss_status l1loss_none_f64(double const* input, double const* target, size_t n, double* output);

/* Writes the gradient of the loss with respect to input, times grad_output, to n elements that lie as an output of none may:
 *
 *     grad_input_i = s where input_i > target_i, -s where input_i < target_i, +0 where neither (NaN included)
 *
 * with s = grad_output for the sum, and grad_output / n, divided in double and rounded once, for the mean. The gradient with
 * respect to target is its negative. */
L1LOSS_API l1loss_status l1loss_backward_f32(float const* input, float const* target, size_t n, l1loss_reduction reduction,
                                             float grad_output, float* grad_input);
L1LOSS_API l1loss_status l1loss_backward_f64(double const* input, double const* target, size_t n, l1loss_reduction reduction,
                                             double grad_output, double* grad_input);

/* The same, and writes the loss as well, which lies apart from all else: in one pass. */
L1LOSS_API l1loss_status l1loss_with_gradient_f32(float const* input, float const* target, size_t n, l1loss_reduction reduction,
                                                  float grad_output, float* grad_input, float* loss);
L1LOSS_API l1loss_status l1loss_with_gradient_f64(double const* input, double const* target, size_t n, l1loss_reduction reduction,
                                                  double grad_output, double* grad_input, double* loss);

/* Writes one loss for each row of two matrices of rows * columns elements, row after row, to output: rows elements, apart from
 * input and target. */
L1LOSS_API l1loss_status l1loss_rows_f32(float const* input, float const* target, size_t rows, size_t columns,
                                         l1loss_reduction reduction, float* output);
L1LOSS_API l1loss_status l1loss_rows_f64(double const* input, double const* target, size_t rows, size_t columns,
                                         l1loss_reduction reduction, double* output);

/* Instruction sets. The best one is chosen by the first call, unless the environment variable L1LOSS_ISA then names another; a name
 * that is unknown or not supported is reported on stderr, and the best is taken. Results do not depend on it. */

/* The name of the i-th that this CPU and its operating system support, from 0 on, the best one last; null past that:
 * of "sse2", "sse4.2", "avx", "avx2", "fma3+avx2", "avx512bw"; "neon64". */
L1LOSS_API char const* l1loss_available_isa(size_t i);

/* The name of the one in use. */
L1LOSS_API char const* l1loss_active_isa(void);

/* Uses the one of that name from the next call on, of any thread; calls under way end as they began. */
L1LOSS_API l1loss_status l1loss_set_isa(char const* name);

#ifdef __cplusplus
}
#endif

#endif
