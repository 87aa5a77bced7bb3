// Loads and stores registers, whole or in part, and converts between the storage type T and the accumulator type A.
//
// A partial load or store touches no byte outside its lanes. Masked loads need elements of 4 or 8 bytes.
#pragma once

#include <algorithm>
#include <array>
#include <bit>

#include <l1loss/detail/simd/convert.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

// ---- Which lanes of a register a load or a store is asked for.

struct all_lanes {};
/// All lanes, where a store bypasses the caches. Whole registers, each aligned to its size, are stored without reading their cache
/// lines first. After `after_streaming`, other threads see these stores as they see any other.
struct streamed_lanes {};
template <class Lanes> inline constexpr bool are_all = std::is_same_v<Lanes, all_lanes> || std::is_same_v<Lanes, streamed_lanes>;
/// The first `count` lanes, from none to all. A load leaves +0 in the others.
struct first_lanes {
    std::size_t count;
};
template <class T, std::size_t N> L1LOSS_INLINE inline vector<T, N> load_vector(T const* p) {
    vector<T, N> v;
    __builtin_memcpy(&v, p, sizeof v);
    return v;
}

template <class T, std::size_t N> L1LOSS_INLINE inline vector<T, 2 * N> join_halves(vector<T, N> low, vector<T, N> high) {
    return [&]<std::size_t... l>(std::index_sequence<l...>)
               L1LOSS_INLINE { return __builtin_shufflevector(low, high, l...); }(std::make_index_sequence<2 * N>{});
}

/// Loads the first `count` elements at p, with +0 in the other lanes. Each half that is complete is loaded whole.
template <class T, std::size_t N> L1LOSS_INLINE inline vector<T, N> load_by_halves(T const* p, std::size_t count) {
    if constexpr (N == 1) {
        return vector<T, 1>{count > 0 ? *p : T(0)};
    } else {
        constexpr std::size_t half = N / 2;
        if (count < half) return join_halves<T, half>(load_by_halves<T, half>(p, count), vector<T, half>{});
        return join_halves<T, half>(load_vector<T, half>(p), load_by_halves<T, half>(p + half, count - half));
    }
}

/// Returns the first `count` ≤ 8 bytes at p as an integer, with 0 above them. The loads overlap, and read no other bytes.
L1LOSS_INLINE inline std::uint64_t load_bytes(unsigned char const* p, std::size_t count) {
    auto const at = [&](std::size_t i, auto bytes) L1LOSS_INLINE {
        __builtin_memcpy(&bytes, p + i, sizeof bytes);
        return std::uint64_t{bytes} << 8 * i;
    };
    if (count >= 8) return at(0, std::uint64_t{});
    if (count >= 4) return at(0, std::uint32_t{}) | at(count - 4, std::uint32_t{});
    if (count >= 2) return at(0, std::uint16_t{}) | at(count - 1, std::uint8_t{});
    return count > 0 ? *p : 0;
}

/// Loads the first `count` bytes at p, with 0 in the others.
template <std::size_t N> L1LOSS_INLINE inline vector<unsigned char, N> load_first_bytes(unsigned char const* p, std::size_t count) {
    constexpr std::size_t half = N / 2;
    if constexpr (N <= 8) {
        vector<unsigned char, N> bytes;
        std::uint64_t const eight = load_bytes(p, count);
        __builtin_memcpy(&bytes, &eight, N);
        return bytes;
    } else if constexpr (N == 16) {
        std::uint64_t const low = load_bytes(p, (std::min)(count, half)),
                            high = count > half ? load_bytes(p + half, count - half) : 0;
        return vector<unsigned char, N>(vector<std::uint64_t, 2>{low, high});
    } else {
        if (count < half) return join_halves<unsigned char, half>(load_first_bytes<half>(p, count), vector<unsigned char, half>{});
        return join_halves<unsigned char, half>(load_vector<unsigned char, half>(p),
                                                load_first_bytes<half>(p + half, count - half));
    }
}

inline constexpr bool has_masked_loads = XSIMD_WITH_AVX;

/// 32 set bytes, then 32 clear ones. A load of up to 32 bytes that begins among them masks any number of lanes of any width.
alignas(64) inline constexpr auto mask_bytes = [] {
    std::array<unsigned char, 64> bytes{};
    for (std::size_t i = 0; i < 32; ++i) bytes[i] = 0xff;
    return bytes;
}();

/// A mask of the first `count` of N lanes of T: their bits, or a mask register.
template <class T, std::size_t N> L1LOSS_INLINE inline auto mask_of_first(std::size_t count) {
    constexpr std::size_t bytes = N * sizeof(T);
    if constexpr (bytes == 64) return static_cast<std::conditional_t<N == 16, std::uint16_t, std::uint8_t>>((1u << count) - 1);
    else return vector<long long, bytes / 8>(load_vector<unsigned char, bytes>(mask_bytes.data() + 32 - count * sizeof(T)));
}

template <std::size_t N, class T, class Lanes> L1LOSS_INLINE inline vector<T, N> load_lanes(T const* p, Lanes lanes) {
    if constexpr (are_all<Lanes>) {
        return load_vector<T, N>(p);
    } else if constexpr (sizeof(T) < 4) {
        auto const* const bytes = reinterpret_cast<unsigned char const*>(p);
        return vector<T, N>(load_first_bytes<N * sizeof(T)>(bytes, lanes.count * sizeof(T)));
    } else if constexpr (has_masked_loads && N * sizeof(T) >= 16) {
        return vector<T, N>(load_masked(p, mask_of_first<T, N>(lanes.count)));
    } else {
        return load_by_halves<T, N>(p, lanes.count);
    }
}

/// Loads the elements at p as a register of A.
template <class A, class Arch, class Lanes, class T> L1LOSS_INLINE inline batch<A, Arch> load(T const* p, Lanes lanes) {
    constexpr std::size_t N = batch<A, Arch>::size;
    if constexpr (are_all<Lanes> && std::is_same_v<A, T>) {
        return batch<A, Arch>::load_unaligned(p);
    } else if constexpr (is_vector<A, Arch>) {
        auto const* const lanes_of_p = reinterpret_cast<lane_in_memory<T> const*>(p);
        return batch<A, Arch>(typename batch<A, Arch>::register_type(convert<A, T, N>(load_lanes<N>(lanes_of_p, lanes))));
    } else {
        A x[N] = {};
        std::size_t count = N;
        if constexpr (!are_all<Lanes>) count = lanes.count;
        for (std::size_t l = 0; l < count; ++l) x[l] = to_accumulator<A>(p[l]);
        return batch<A, Arch>::load_unaligned(x);
    }
}

/// Returns the lanes that are asked for, which are not all, as a mask.
template <class A, class Arch, class Lanes> L1LOSS_INLINE inline lane_mask<A, Arch> mask_of(Lanes lanes) {
    if constexpr (has_mask_registers<A, Arch>)
        return lane_mask<A, Arch>(typename lane_mask<A, Arch>::register_type((1u << lanes.count) - 1));
    else
        return [&]<std::size_t... l>(std::index_sequence<l...>) L1LOSS_INLINE {
            return lane_bits<A, Arch>{lane_integer<A>(l)...} < lane_integer<A>(lanes.count);
        }(std::make_index_sequence<batch<A, Arch>::size>{});
}

template <class A, class Arch> inline constexpr bool can_stream = XSIMD_WITH_SSE2 && is_vector<A, Arch>;

/// Stores the lanes of b to p, converted to T.
template <class Lanes, class T, class A, class Arch> L1LOSS_INLINE inline void store(T* p, batch<A, Arch> const& b, Lanes lanes) {
    constexpr std::size_t N = batch<A, Arch>::size;
    if constexpr (std::is_same_v<Lanes, streamed_lanes> && std::is_same_v<A, T> && can_stream<A, Arch>) {
        stream(p, b.data);
    } else if constexpr (are_all<Lanes> && std::is_same_v<A, T>) {
        b.store_unaligned(p);
    } else if constexpr (std::is_same_v<A, T> && has_masked_loads && is_vector<A, Arch> && N * sizeof(A) >= 32) {
        store_masked(p, mask_of_first<A, N>(lanes.count), b.data);
    } else if constexpr (is_vector<A, Arch>) {
        auto const elements = convert_to<T, A, N>(lanes_of<A, Arch>(b.data));
        if constexpr (are_all<Lanes>) {
            __builtin_memcpy(static_cast<void*>(p), &elements, sizeof elements);
        } else {
            lane_in_memory<T> each[N];
            __builtin_memcpy(each, &elements, sizeof each);
            for (std::size_t l = 0; l < lanes.count; ++l) __builtin_memcpy(static_cast<void*>(p + l), each + l, sizeof(T));
        }
    } else {
        A x[N];
        b.store_unaligned(x);
        std::size_t count = N;
        if constexpr (!are_all<Lanes>) count = lanes.count;
        for (std::size_t l = 0; l < count; ++l) p[l] = to_element<T>(x[l]);
    }
}

L1LOSS_INLINE inline void after_streaming() {
#if XSIMD_WITH_SSE2
    _mm_sfence();
#endif
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
