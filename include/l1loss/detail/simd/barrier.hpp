// The optimisation barrier, and additions that no compiler flag reorders.
#pragma once

#include <cstddef>
#include <type_traits>

#include <l1loss/detail/flags.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The barrier for registers of SVE and of RISC-V V, for which Clang has no constraint. Sums do not need it without -ffast-math,
/// because Clang reorders nothing. With it, the value goes through memory.
template <class V> L1LOSS_INLINE inline void barrier_of_scalable([[maybe_unused]] V& value) {
#if defined(__FAST_MATH__)
    asm("" : "+m"(value));
#endif
}

/// Optimisation barrier: hides from the compiler how a value was computed. So -ffast-math in the including program cannot
/// reassociate across it. It emits no instruction for scalars and registers of fixed size on x86, 64-bit Arm and RISC-V. On
/// other targets the value goes through memory. Emulated batches have none.
template <class V> L1LOSS_INLINE inline void barrier(V& value) {
    if constexpr (std::is_class_v<V>) { // a batch
        if constexpr (requires { value.data; }) barrier(value.data);
    } else {
#if defined(__x86_64__) || defined(__i386__)
        if constexpr (std::is_integral_v<V> || std::is_pointer_v<V>) asm("" : "+r"(value));
        else asm("" : "+x"(value));
#elif defined(__aarch64__)
        if constexpr (std::is_integral_v<V> || std::is_pointer_v<V>) asm("" : "+r"(value));
        else if constexpr (sizeof value <= 16) asm("" : "+w"(value));
        else barrier_of_scalable(value);
#elif defined(__riscv_flen)
        if constexpr (std::is_integral_v<V> || std::is_pointer_v<V>) asm("" : "+r"(value));
        else if constexpr (std::is_floating_point_v<V>) asm("" : "+f"(value));
        else barrier_of_scalable(value);
#else
        asm("" : "+m"(value));
#endif
    }
}

/// The same for two scalars, and makes each depend on the other. Two separate barriers are not enough where an operand is a
/// constant. Clang then merges those of neighbouring calls and shares what it computes from them.
template <class A> L1LOSS_INLINE inline void barrier(A& x, A& y) {
#if defined(__x86_64__) || defined(__i386__)
    asm("" : "+x"(x), "+x"(y));
#elif defined(__aarch64__)
    asm("" : "+w"(x), "+w"(y));
#else
    asm("" : "+m"(x), "+m"(y));
#endif
}

template <class V> L1LOSS_INLINE inline void add_behind_barrier(V& sum, V const& term) {
    // The operator of a batch takes the address of the sum. Where g++ 12 inlines it late, sums stay in memory.
    // Some architectures keep floats in a register of integers, which this would add.
    if constexpr (requires { requires std::is_same_v<decltype(sum.data[0] + term.data[0]), typename V::value_type>; })
        sum.data = sum.data + term.data;
    else sum += term;
    barrier(sum);
}

/// Adds a term to a sum, rounded once and never reassociated. Both are scalars, vectors of the compiler, or batches. The sum
/// changes in place, because g++ 12 copied a register per addition where it was returned by value. It is one statement, because
/// Clang limits the statements of a constant.
template <class V> L1LOSS_INLINE constexpr void accumulate(V& sum, V const& term) {
    return std::is_constant_evaluated() || std::is_integral_v<V> ? void(sum += term) : add_behind_barrier(sum, term);
}

/// Returns x·y, rounded on its own. The barrier prevents an FMA with a later addition. On registers of SVE and RISC-V V it does
/// not, but Clang, the only compiler that has these here, contracts across statements only if it is asked to.
template <class V> L1LOSS_INLINE constexpr V product(V x, V const& y) {
    x = x * y;
    if (!std::is_constant_evaluated()) barrier(x);
    return x;
}

/// Folds n sums by halves to m: x[l] += x[l + half] for half = n/2, n/4, … down to m. Only the first `count` exist. The others
/// stand for +0 and are left out. Returns how many of the m exist.
template <class S> constexpr std::size_t fold_by_halves(S* x, std::size_t n, std::size_t m, std::size_t count) {
    for (std::size_t half = n / 2; half >= m; half /= 2) {
        for (std::size_t l = half; l < count; ++l) accumulate(x[l - half], x[l]);
        count = count < half ? count : half;
    }
    return count;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
