// The macro that forces a function to be inlined.
#pragma once

/// Forces inlining. It stands before a function, or behind the parameters of a lambda.
///
/// The functions of the kernel path have it. A function that is inlined is not emitted on its own, so the linker cannot merge it
/// with one that was compiled for another instruction set.
///
/// A program may define the macro. `-DL1LOSS_INLINE=` compiles several times faster, and the program runs slower. This suits
/// builds that run once, for tests of logic, debugging and instrumentation. It does not suit programs whose units are compiled
/// for several instruction sets. The macro is also empty in unoptimised builds, and in builds with a sanitizer that the compiler
/// announces.
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
