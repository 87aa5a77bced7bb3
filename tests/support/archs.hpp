// Every xsimd architecture that this binary was compiled for and this CPU has.
#pragma once

#include <xsimd/xsimd.hpp>

#include <l1loss/detail/batch.hpp>

namespace test {

template <class Arch, class Available>
bool is_in(Available available) {
    if constexpr (requires { available.has(Arch{}); }) {
        return available.has(Arch{});
    } else { // xsimd 8
        return Arch::version() <= available.best;
    }
}

/// Calls f(Arch{}) for each of them that has batches of A.
template <class A, class F>
void for_each_arch(F f) {
    xsimd::supported_architectures::for_each([&](auto arch) {
        using Arch = decltype(arch);
        if constexpr (l1loss::detail::batchable<A, Arch>)
            if (is_in<Arch>(xsimd::available_architectures())) f(arch);
    });
#if XSIMD_WITH_EMULATED && !defined(__FAST_MATH__) // arrays for registers, of any width; nothing guards them
    if constexpr (l1loss::detail::batchable<A, xsimd::emulated<128>>) f(xsimd::emulated<128>{});
    if constexpr (l1loss::detail::batchable<A, xsimd::emulated<256>>) f(xsimd::emulated<256>{});
    if constexpr (l1loss::detail::batchable<A, xsimd::emulated<512>>) f(xsimd::emulated<512>{});
#endif
}

} // namespace test
