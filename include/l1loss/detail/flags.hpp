// The macros that depend on the flags of a translation unit: a namespace named after them, forced inlining, and the compiler's own
// types of two bytes.
#pragma once

#if defined(_MSC_VER) && !defined(__clang__)
#error "l1loss needs GCC or Clang, because it uses their vector extensions"
#include <compilation stops here> // a file that does not exist stops the compiler before hundreds of errors follow
#elif __cplusplus < 202002L
#error "l1loss needs C++20, for example -std=c++20"
#include <compilation stops here>
#elif __FLT_EVAL_METHOD__ > 0 // -1 means unknown, and Clang gives it under -ffast-math
#error "l1loss needs every operation rounded to its type: on 32-bit x86, -msse2 -mfpmath=sse -mno-mmx"
#include <compilation stops here>
#elif defined(__i386__) && defined(__MMX__) // g++ returns vectors of 8 bytes in its registers, and numbers in the same ones
#error "l1loss needs -mno-mmx on 32-bit x86"
#include <compilation stops here>
#endif

/// The inline namespace of every function that computes, checks or fails. A program may be linked from units with different flags,
/// such as one for any CPU and one with -mavx2. Functions of one name are merged then, and each unit must keep its own. So the name
/// tells the instruction set, whether NaN is assumed not to occur, and whether errors throw.
///
/// Types that units hand to each other stay outside: tensor, reduction, indexed_task, l1_accumulator and what they hold. Their
/// members are inlined by force.
#if !defined(L1LOSS_FLAGS)
#if defined(__AVX512VL__) && defined(__AVX512BW__) && defined(__AVX512DQ__)
#define L1LOSS_FLAGS_ISA avx512
#elif defined(__AVX512BW__) && defined(__AVX512DQ__)
#define L1LOSS_FLAGS_ISA avx512bw
#elif defined(__AVX512F__)
#define L1LOSS_FLAGS_ISA avx512f
#elif defined(__AVX2__) && defined(__FMA__)
#define L1LOSS_FLAGS_ISA avx2_fma
#elif defined(__AVX2__)
#define L1LOSS_FLAGS_ISA avx2
#elif defined(__AVX__) && defined(__FMA__)
#define L1LOSS_FLAGS_ISA avx_fma
#elif defined(__AVX__)
#define L1LOSS_FLAGS_ISA avx
#elif defined(__SSE4_2__)
#define L1LOSS_FLAGS_ISA sse4_2
#elif defined(__SSE4_1__)
#define L1LOSS_FLAGS_ISA sse4_1
#elif defined(__SSSE3__)
#define L1LOSS_FLAGS_ISA ssse3
#elif defined(__SSE3__)
#define L1LOSS_FLAGS_ISA sse3
#elif defined(__ARM_FEATURE_SVE_BITS)
#define L1LOSS_FLAGS_ISA sve
#define L1LOSS_FLAGS_WIDTH __ARM_FEATURE_SVE_BITS
#elif defined(__ARM_FEATURE_SVE)
#define L1LOSS_FLAGS_ISA sve
#elif defined(__riscv_v_fixed_vlen)
#define L1LOSS_FLAGS_ISA rvv
#define L1LOSS_FLAGS_WIDTH __riscv_v_fixed_vlen
#elif defined(__VX__)
#define L1LOSS_FLAGS_ISA vx
#else
#define L1LOSS_FLAGS_ISA baseline
#endif
#if !defined(L1LOSS_FLAGS_WIDTH)
#define L1LOSS_FLAGS_WIDTH
#endif
#if defined(__F16C__)
#define L1LOSS_FLAGS_HALF _f16c
#else
#define L1LOSS_FLAGS_HALF
#endif
#if __FINITE_MATH_ONLY__
#define L1LOSS_FLAGS_MATH _finite
#else
#define L1LOSS_FLAGS_MATH
#endif
#if defined(__cpp_exceptions)
#define L1LOSS_FLAGS_ERRORS
#else
#define L1LOSS_FLAGS_ERRORS _noexcept
#endif
#define L1LOSS_FLAGS_JOINED(isa, width, half, math, errors) isa##width##half##math##errors
#define L1LOSS_FLAGS_JOIN(isa, width, half, math, errors) L1LOSS_FLAGS_JOINED(isa, width, half, math, errors)
#define L1LOSS_FLAGS                                                                                                               \
    L1LOSS_FLAGS_JOIN(L1LOSS_FLAGS_ISA, L1LOSS_FLAGS_WIDTH, L1LOSS_FLAGS_HALF, L1LOSS_FLAGS_MATH, L1LOSS_FLAGS_ERRORS)
#endif

/// Whether C++ has _Float16. g++ 12 defines the macro of the type on 64-bit Arm too, where only C has it.
#if defined(__FLT16_MANT_DIG__) && (defined(__clang__) || __GNUC__ >= 13 || defined(__SSE2__))
#define L1LOSS_HAS_FLOAT16 1
#else
#define L1LOSS_HAS_FLOAT16 0
#endif

/// Whether the compiler has __bf16, for which Clang has no macro.
#if defined(__BFLT16_MANT_DIG__)
#define L1LOSS_HAS_BFLOAT16 1
#elif defined(__clang__) && __clang_major__ >= 17 && (defined(__x86_64__) || defined(__aarch64__))
#define L1LOSS_HAS_BFLOAT16 1
#else
#define L1LOSS_HAS_BFLOAT16 0
#endif

/// Forces inlining, for speed. It stands before a function, or behind the parameters of a lambda.
///
/// A program may define the macro. `-DL1LOSS_INLINE=` compiles several times faster, and the program runs slower. This suits
/// builds that run once, for tests of logic, debugging and instrumentation. It does not suit programs of units with different
/// instruction sets. The macro is also empty in unoptimised builds, and in builds with a sanitizer that the compiler announces.
#if !defined(L1LOSS_INLINE)
#if defined(__has_feature)
#define L1LOSS_HAS_FEATURE(feature) __has_feature(feature)
#else
#define L1LOSS_HAS_FEATURE(feature) 0
#endif
#if !defined(__OPTIMIZE__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                                     \
    L1LOSS_HAS_FEATURE(address_sanitizer) || L1LOSS_HAS_FEATURE(thread_sanitizer) || L1LOSS_HAS_FEATURE(memory_sanitizer) ||       \
    L1LOSS_HAS_FEATURE(undefined_behavior_sanitizer)
#define L1LOSS_INLINE
#else
#define L1LOSS_INLINE __attribute__((always_inline))
#endif
#undef L1LOSS_HAS_FEATURE
#endif
