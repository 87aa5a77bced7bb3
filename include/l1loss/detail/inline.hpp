// The one macro of the library.
#pragma once

/// Forces inlining: before a function, or behind the parameters of a lambda. Every function of the kernel path has it, so that
/// none is left that code compiled for another instruction set could come to share.
///
/// A program may define it. `-DL1LOSS_INLINE=` compiles several times faster and runs slower. It is for builds that run once: tests
/// of logic, debugging, instrumentation. It is not for programs whose units are compiled for several instruction sets. Unoptimised
/// builds have it so, and those with a sanitizer that the compiler makes known.
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
