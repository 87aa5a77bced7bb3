// The floating-point environments that the digest can run in, as a host program may set them.
#pragma once

#include <cfenv>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

/// The default environment, or one that another library or crtfastmath.o may have set.
class environment {
public:
    static constexpr char const* names = "default|flush-to-zero|upward|downward|toward-zero";

    explicit environment(std::string_view name) : name_(name) {}
    bool is_known() const {
        for (std::string_view const known : {"default", "flush-to-zero", "upward", "downward", "toward-zero"})
            if (name_ == known) return true;
        return false;
    }

    void enter() const {
        std::fegetenv(&before_);
        if (name_ == "flush-to-zero") flush_to_zero();
        if (name_ == "upward") std::fesetround(FE_UPWARD);
        if (name_ == "downward") std::fesetround(FE_DOWNWARD);
        if (name_ == "toward-zero") std::fesetround(FE_TOWARDZERO);
    }
    void leave() const { std::fesetenv(&before_); }

private:
    /// Flushes subnormal results and operands. x86 has a bit for each, Arm one for both.
    static void flush_to_zero() {
#if defined(__SSE2__)
        _mm_setcsr(_mm_getcsr() | 0x8040);
#elif defined(__aarch64__)
        std::uint64_t fpcr;
        asm volatile("mrs %0, fpcr" : "=r"(fpcr));
        asm volatile("msr fpcr, %0" : : "r"(fpcr | std::uint64_t{1} << 24));
#endif
    }

    std::string_view name_;
    mutable std::fenv_t before_{};
};
