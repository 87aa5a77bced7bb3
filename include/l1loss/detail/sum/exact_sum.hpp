// The exact sum of integers, in 64 bits. It has no order, so registers are summed as they come.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>

#include <l1loss/detail/read/array.hpp>
#include <l1loss/detail/simd/byte_mask.hpp>
#include <l1loss/detail/simd/differences.hpp>
#include <l1loss/detail/sum/terms.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The largest difference of two integers of the types X and Y.
template <class X, class Y>
inline constexpr std::uint32_t max_difference = [] {
    auto const from = [](auto high, auto low) { return static_cast<std::uint32_t>(std::int64_t{high} - std::int64_t{low}); };
    return (std::max)(from((std::numeric_limits<X>::max)(), (std::numeric_limits<Y>::min)()),
                      from((std::numeric_limits<Y>::max)(), (std::numeric_limits<X>::min)()));
}();
/// The narrowest unsigned type that holds every difference.
template <class X, class Y>
using unsigned_difference = std::conditional_t<max_difference<X, Y> <= 0xff, std::uint8_t,
                                               std::conditional_t<max_difference<X, Y> <= 0xffff, std::uint16_t, std::uint32_t>>;

/// The type of integers in registers: that of both, or two bytes. std::uint16_t then also has the bits of negative numbers.
template <class X, class Y>
using integer_in_registers = std::conditional_t<
    std::same_as<X, Y>, X,
    std::conditional_t<std::same_as<X, std::uint16_t> || std::same_as<Y, std::uint16_t>, std::uint16_t, std::int16_t>>;

/// The terms |input_i - target_i| of integers, and how many elements count if that is needed.
template <bool with_count, class Operands> struct exact_terms {
    using value_type = std::uint64_t;
    using sum_type = std::conditional_t<with_count, totals<std::uint64_t, nothing, std::size_t>, std::uint64_t>;
    static constexpr bool is_combined = false, is_exact = true, needs_windows = Operands::needs_windows;
    using in_registers = integer_in_registers<typename Operands::input_value, typename Operands::target_value>;

    Operands ops;

    L1LOSS_INLINE constexpr sum_type operator()(std::size_t i) const {
        auto const x = element_at<std::int32_t>(ops.input, i), y = element_at<std::int32_t>(ops.target, i);
        bool counts = true;
        if constexpr (Operands::is_masked) counts = element_at<bool>(ops.mask, i);
        std::uint64_t const t = !counts ? 0 : static_cast<std::uint64_t>(x < y ? y - x : x - y);
        if constexpr (with_count) return {t, {}, std::size_t{counts}};
        else return t;
    }
    template <class F> L1LOSS_INLINE constexpr auto map(F const& f) const {
        return exact_terms<with_count, decltype(ops.map(f))>{ops.map(f)};
    }
};
template <class Terms> inline constexpr bool is_exact = requires { Terms::is_exact; };
/// Whether a source is summed by exact_sum. Partial registers are read as if the first byte were the lowest.
template <class Terms> inline constexpr bool uses_integer_registers = is_exact<Terms> && std::endian::native == std::endian::little;

/// Loads N elements, or the first ones, as bytes.
template <std::size_t N, class T, class Lanes> L1LOSS_INLINE inline auto load_as_bytes(T const* p, Lanes lanes) {
    auto const* const from = reinterpret_cast<unsigned char const*>(p);
    if constexpr (are_all<Lanes>) return load_vector<unsigned char, N * sizeof(T)>(from);
    else return load_first_bytes<N * sizeof(T)>(from, lanes.count * sizeof(T));
}
/// Loads N bytes of a mask. The lanes of elements that count have all bits set.
template <class T, std::size_t N, class M, class Lanes> L1LOSS_INLINE inline auto load_chosen(M const* mask, Lanes lanes) {
    // Clang compares to lanes of char, which is unsigned on some targets.
    auto const chosen = vector<signed char, N>(load_as_bytes<N>(mask, lanes) != 0);
    return vector<T, N>(__builtin_convertvector(chosen, vector<std::make_signed_t<T>, N>));
}

/// Adds the terms of a register, or of its first lanes, to the sums.
template <std::size_t Bytes, class T, class Sums, class Operands, class Lanes>
L1LOSS_INLINE inline void add_register(Sums& sums, Operands const& ops, std::size_t i, Lanes lanes) {
    using U = std::make_unsigned_t<T>;
    constexpr std::size_t N = Bytes / sizeof(T);
    auto const load = [&]<class X>(X const* p) L1LOSS_INLINE {
        auto const bytes = load_as_bytes<N>(p + i, lanes);
        if constexpr (sizeof(X) == sizeof(T)) return vector<U, N>(bytes);
        else return vector<U, N>(__builtin_convertvector(vector<X, N>(bytes), vector<T, N>));
    };
    auto x = load(ops.input), y = load(ops.target);
    if constexpr (Operands::is_masked) {
        auto const chosen = load_chosen<U, N>(ops.mask + i, lanes);
        x &= chosen, y &= chosen;
    }
    if constexpr (std::is_signed_v<T> && sizeof(T) > 1) {
        return sums.add(difference<T, N>(vector<T, N>(x), vector<T, N>(y)));
    } else if constexpr (std::is_signed_v<T>) { // a changed sign bit makes bytes unsigned and leaves their difference
        x ^= U{0x80}, y ^= U{0x80};
    } else if constexpr (sizeof(T) > 1) { // |x - y| = |0 - y| + |x| for x < 0
        auto const add_negative = [&]<class X>(X const*, vector<U, N>& of) L1LOSS_INLINE {
            if constexpr (std::is_signed_v<X>) {
                auto const is_negative = vector<U, N>(vector<std::make_signed_t<T>, N>(of) < 0);
                sums.add(-of & is_negative);
                of &= ~is_negative;
            }
        };
        add_negative(ops.input, x), add_negative(ops.target, y);
    }
    sums.add(x, y);
}

/// Sums the first n terms of contiguous arrays.
template <std::size_t Bytes, std::size_t at_a_time, class T, class Operands>
L1LOSS_INLINE inline std::uint64_t sum_registers(Operands const& ops, std::size_t n) {
    constexpr std::size_t N = Bytes / sizeof(T);
    difference_sums<std::make_unsigned_t<T>, Bytes> sums[at_a_time];
    std::size_t i = 0;
    for (; n - i >= at_a_time * N; i += at_a_time * N)
        unroll<at_a_time>([&](auto k) L1LOSS_INLINE { add_register<Bytes, T>(sums[k], ops, i + k * N, all_lanes{}); });
    if constexpr (at_a_time > 1)
        for (; n - i >= N; i += N) add_register<Bytes, T>(sums[0], ops, i, all_lanes{});
    if (n > i) add_register<Bytes, T>(sums[at_a_time - 1], ops, i, first_lanes{n - i});
    unroll<at_a_time - 1>([&](auto k) L1LOSS_INLINE { sums[0].add(sums[k + 1]); });
    return sums[0].total();
}

/// Whether a short sum is inlined: of contiguous arrays of one type without a mask.
template <class Operands>
inline constexpr bool is_short_inlined = !Operands::needs_windows && !Operands::is_masked &&
                                         std::same_as<typename Operands::input_value, typename Operands::target_value>;

/// The exact sum of the terms [first, last).
template <class Arch, class Terms>
[[gnu::noinline]] typename Terms::sum_type exact_sum(Terms const& of_caller, std::size_t first, std::size_t last) {
    constexpr bool with_count = !std::is_same_v<typename Terms::sum_type, std::uint64_t>;
    Terms const terms = with_pointers_in_registers(of_caller);
    using T = typename Terms::in_registers;
    std::uint64_t sum = 0;
    std::size_t counted = 0;
    // A total holds half of what a lane does, and a term of two types adds up to two differences.
    constexpr std::size_t Bytes = bytes_of_integers<Arch>, lanes = Bytes / sizeof(T);
    constexpr std::size_t max_count =
        sizeof(T) == 1 ? ~std::size_t{0} : differences_by_lane<std::uint16_t, Bytes>::max_added / 4 * lanes;
    for (std::size_t count; first < last; first += count) {
        count = (std::min)(last - first, max_count);
        auto const window = window_from<Arch>(terms, first, (std::min)(count, window_size), count);
        auto const ops = window.terms.map([&](auto array) L1LOSS_INLINE { return array + window.first; }).ops;
        sum += sum_registers<Bytes, 4, T>(ops, count);
        if constexpr (with_count) counted += count_nonzero<Arch>(reinterpret_cast<unsigned char const*>(ops.mask), count);
    }
    if constexpr (with_count) return {sum, {}, counted};
    else return sum;
}

/// The exact sum of n terms. A short one is inlined, since a call would take a third of its time.
template <class Arch, class Terms> L1LOSS_INLINE inline typename Terms::sum_type exact_sum(Terms const& terms, std::size_t n) {
    using Operands = decltype(terms.ops);
    if constexpr (is_short_inlined<Operands>) {
        using T = typename Operands::input_value;
        if (n < 4) return sum_scalars(terms, n);
        constexpr std::size_t widest = (std::min<std::size_t>)(bytes_of_integers<Arch>, 32);
        if (n <= 32 / sizeof(T)) return sum_registers<16, 1, T>(terms.ops, n);
        if (n <= 64 / sizeof(T)) return sum_registers<widest, 1, T>(terms.ops, n);
    }
    return exact_sum<Arch>(terms, 0, n);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
