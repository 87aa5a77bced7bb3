// Loops over the xsimd architectures that a program is compiled for and this CPU has.
#pragma once

#include <type_traits>

#include <xsimd/xsimd.hpp>

#include <l1loss/detail/simd/register.hpp>

namespace test {

template <class Arch, class Available> bool is_in(Available available) {
    if constexpr (requires { available.has(Arch{}); }) {
        return available.has(Arch{});
    } else { // xsimd 8
        return Arch::version() <= available.best;
    }
}

/// Calls f(Arch{}) for every architecture of xsimd with IEEE arithmetic. It fails to compile if the library would use the
/// definition on one of them. A program for AVX-512 leaves the narrower ones to the program for AVX2.
template <class F> void for_each_arch_of_xsimd(F f) {
    xsimd::supported_architectures::for_each([&](auto arch) {
        using Arch = decltype(arch);
        if constexpr (l1loss::detail::is_ieee<Arch>) { // the definition runs on the others
            static_assert(l1loss::detail::has_registers<float, Arch> && l1loss::detail::has_registers<double, Arch>);
            if constexpr (!XSIMD_WITH_AVX512F || sizeof(xsimd::batch<float, Arch>) == 64)
                if (is_in<Arch>(xsimd::available_architectures())) f(arch);
        }
    });
#if XSIMD_WITH_EMULATED && !defined(__FAST_MATH__) // arrays in place of registers, which no barrier guards
    f(xsimd::emulated<128>{});
    f(xsimd::emulated<256>{});
    f(xsimd::emulated<512>{});
#endif
}

/// Calls f(Arch{}) for the instruction sets of the compiled library. SSE3, SSSE3, SSE4.1 and the parts of AVX-512 give other names
/// to the same code, and so does AVX-512 to a program for it. A test of logic takes the widest alone.
template <class F> void for_each_arch(F f) {
#if L1LOSS_TEST_ONE_ARCH || XSIMD_WITH_AVX512F
    f(xsimd::default_arch{});
#else
    for_each_arch_of_xsimd([&](auto arch) {
        using Arch = decltype(arch);
        if constexpr (std::is_same_v<Arch, xsimd::sse2> || std::is_same_v<Arch, xsimd::sse4_2> ||
                      std::is_same_v<Arch, xsimd::avx> || std::is_same_v<Arch, xsimd::avx2> ||
                      std::is_same_v<Arch, xsimd::default_arch>)
            f(arch);
    });
#endif
}

/// An architecture without registers, on which the library uses the definition.
struct no_registers {};

} // namespace test
