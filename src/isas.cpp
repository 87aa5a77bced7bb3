// The list of instruction sets, and the choice of the one in use.
//
// This file needs no C++ runtime and initialises nothing at run time, so any static initialiser may call the library.
#include "isas.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace l1loss::compiled {

namespace {

struct isa {
    char const* name;
    kernel_table const* table; // null where it is not built
    bool (*is_supported)();    // __builtin_cpu_supports asks the CPU, and for AVX and later the operating system too
};

} // namespace

// From the worst to the best. The first is always supported. A test includes every feature that the compiler flag implies.
#if defined(__x86_64__)
namespace tables {
extern kernel_table const sse2, sse4_2, avx, avx2, fma3_avx2, avx512bw;
}
namespace {
bool has_sse4_2() { return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("popcnt"); }
bool has_avx() { return has_sse4_2() && __builtin_cpu_supports("avx"); }
bool has_avx2() { return has_avx() && __builtin_cpu_supports("avx2"); }
bool has_f16c() { // __builtin_cpu_supports of Clang 14 does not know it
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(1, &a, &b, &c, &d) != 0 && (c & bit_F16C) != 0;
}
bool has_fma3_avx2() { return has_avx2() && __builtin_cpu_supports("fma") && has_f16c(); }
bool has_avx512bw() {
    return has_fma3_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
}

#define L1LOSS_IF_BUILT(isa) (L1LOSS_BUILT_##isa ? &tables::isa : nullptr)
constexpr isa isas[] = {
    {"sse2", &tables::sse2, [] { return true; }},
    {"sse4.2", L1LOSS_IF_BUILT(sse4_2), has_sse4_2},
    {"avx", L1LOSS_IF_BUILT(avx), has_avx},
    {"avx2", L1LOSS_IF_BUILT(avx2), has_avx2},
    {"fma3+avx2", L1LOSS_IF_BUILT(fma3_avx2), has_fma3_avx2},
    {"avx512bw", L1LOSS_IF_BUILT(avx512bw), has_avx512bw},
};

bool is_supported(isa const& i) {
    __builtin_cpu_init(); // a static initialiser may run before that of libgcc, which makes this call
    return i.table != nullptr && i.is_supported();
}
} // namespace
#elif defined(__aarch64__)
namespace tables {
extern kernel_table const neon64;
}
namespace {
constexpr isa isas[] = {{"neon64", &tables::neon64, [] { return true; }}};

bool is_supported(isa const& i) { return i.is_supported(); }
} // namespace
#endif

namespace {

isa const* find(char const* name) {
    for (isa const& i : isas)
        if (std::strcmp(i.name, name) == 0) return &i;
    return nullptr;
}

isa const& best() {
    isa const* widest = isas;
    for (isa const& i : isas)
        if (is_supported(i)) widest = &i;
    return *widest;
}

void report(char const* wanted, bool is_known, isa const& taken) {
    char names[128] = "";
    for (isa const& i : isas)
        if (is_supported(i)) {
            if (names[0] != '\0') std::strcat(names, ", ");
            std::strcat(names, i.name);
        }
    std::fprintf(stderr, "l1loss: L1LOSS_ISA is \"%s\", which %s; expected one of %s; using %s\n", wanted,
                 is_known ? "this machine or build does not support" : "is no instruction set of this library", names, taken.name);
}

kernel_table const& choose() noexcept;

/// Stands in for a kernel until the first call. It chooses an instruction set, then calls the kernel of that set.
template <auto kernel> struct choosing;
template <class Kernels, class R, class... Args, R (*Kernels::*kernel)(Args...) noexcept> struct choosing<kernel> {
    static R call(Args... args) noexcept { return (part_of<Kernels>(choose()).*kernel)(args...); }
};
struct make_choosing {
    template <class T> constexpr losses<T> operator()(losses<T>) const {
        return {choosing<&losses<T>::mean>::call, choosing<&losses<T>::sum>::call, choosing<&losses<T>::rows>::call};
    }
    template <class T> constexpr gradients<T> operator()(gradients<T>) const {
        return {choosing<&gradients<T>::none>::call, choosing<&gradients<T>::backward>::call,
                choosing<&gradients<T>::with_gradient>::call};
    }
    template <class T> constexpr selections<T> operator()(selections<T>) const {
        return {choosing<&selections<T>::weighted>::call, choosing<&selections<T>::exceeds>::call};
    }
};
constexpr selection_table undecided_selections = make_table(make_choosing{}, selection_table{});
constexpr kernel_table undecided{make_table(make_choosing{}, loss_table{}), &undecided_selections};

/// Chooses the instruction set. Of two threads that choose at the same time the first decides. A choice by l1loss_set_isa is never
/// overwritten.
kernel_table const& choose() noexcept {
    char const* const wanted = std::getenv("L1LOSS_ISA");
    bool const is_given = wanted != nullptr && wanted[0] != '\0';
    isa const* const known = is_given ? find(wanted) : nullptr;
    bool const is_usable = known != nullptr && is_supported(*known);
    isa const& taken = is_usable ? *known : best();
    kernel_table const* expected = &undecided;
    if (!active.compare_exchange_strong(expected, taken.table)) return *expected;
    if (is_given && !is_usable) report(wanted, known != nullptr, taken);
    return *taken.table;
}

} // namespace

constinit std::atomic<kernel_table const*> active = &undecided;

} // namespace l1loss::compiled

using namespace l1loss::compiled;

char const* l1loss_available_isa(std::size_t i) {
    for (isa const& each : isas)
        if (is_supported(each) && i-- == 0) return each.name;
    return nullptr;
}

char const* l1loss_active_isa() {
    kernel_table const* table = active.load();
    if (table == &undecided) table = &choose();
    for (isa const& i : isas)
        if (i.table == table) return i.name;
    __builtin_unreachable();
}

l1loss_status l1loss_set_isa(char const* name) {
    if (name == nullptr) return L1LOSS_NULL_POINTER;
    isa const* const known = find(name);
    if (known == nullptr) return L1LOSS_UNKNOWN_ISA;
    if (!is_supported(*known)) return L1LOSS_UNSUPPORTED_ISA;
    active.store(known->table);
    return L1LOSS_OK;
}
