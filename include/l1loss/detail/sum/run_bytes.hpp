// The state of l1_accumulator as bytes, which are the same on every machine.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <l1loss/detail/args/error.hpp>
#include <l1loss/detail/sum/runs.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// The bytes begin with eight that name the format: its version is 1, and T is a float, a double or an integer.
template <class T>
inline constexpr std::uint8_t start_of_bytes[] = {
    'l', '1', 'l', 'o', 's', 's', 1, std::is_same_v<T, float> ? 'f' : std::is_same_v<T, double> ? 'd' : 'u'};

/// Writes numbers in little-endian bytes.
struct byte_writer {
    std::byte* at;
    template <class X> L1LOSS_INLINE void operator()(X x) {
        auto bytes = std::bit_cast<std::array<std::byte, sizeof(X)>>(x);
        if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
        at = std::copy(bytes.begin(), bytes.end(), at);
    }
};
/// Reads them.
struct byte_reader {
    std::byte const* at;
    template <class X> L1LOSS_INLINE void operator()(X& x) {
        std::array<std::byte, sizeof(X)> bytes;
        std::copy_n(at, sizeof(X), bytes.begin());
        if constexpr (std::endian::native == std::endian::big) std::reverse(bytes.begin(), bytes.end());
        at += sizeof(X);
        x = std::bit_cast<X>(bytes);
    }
};

/// What follows, before the level of each run and all numbers of T.
struct header_of_bytes {
    std::uint64_t first, end, count; // the range of elements, and how many of them count
    std::uint8_t weighting, number;  // of runs

    static constexpr std::size_t size = sizeof start_of_bytes<float> + 3 * sizeof(std::uint64_t) + 2;
    template <class F> void for_each(F& f) { f(first), f(end), f(count), f(weighting), f(number); }
};

/// How many numbers of T there are: the terms of the first block, if the range begins within it, the line of each run, and the
/// stripe of the incomplete block. All of them are there again for weights.
///
/// The incomplete block is summed down its stripes, which is the first step of the order. Later terms continue these sums.
template <class T> std::size_t numbers_in_bytes(runs<T> const& s) {
    constexpr std::size_t block = order<T>::block;
    std::size_t const offset = s.first % block, head = s.is_in_first_block() ? s.size - offset : s.has_head() ? block - offset : 0;
    return number_of_kinds(s) * (head + s.number * order<T>::line + (s.is_in_first_block() || s.size == 0 ? 0 : order<T>::stripe));
}
template <class T> constexpr std::size_t max_size_of_bytes(std::size_t kinds, std::size_t runs) {
    return header_of_bytes::size + runs + kinds * sizeof(T) * (order<T>::block + runs * order<T>::line + order<T>::stripe);
}
template <class T> inline constexpr std::size_t max_bytes = max_size_of_bytes<T>(2, runs<T>::max_runs);

template <class T> std::size_t size_of_bytes(runs<T> const& s) {
    return header_of_bytes::size + s.number + sizeof(T) * numbers_in_bytes(s);
}

/// Calls f with a pointer to neighbouring numbers, and with how many there are, in the order of the bytes.
template <class S, class T, class F> void for_numbers_in_bytes(S& s, T* stripe, F f) {
    using units = order<std::remove_const_t<T>>;
    std::size_t const offset = s.first % units::block;
    for (std::size_t t = 0; t < number_of_kinds(s); ++t) {
        if (s.is_in_first_block()) f(s.elements[t] + offset, s.size - offset);
        else if (s.has_head()) f(s.head[t] + offset, units::block - offset);
        for (std::size_t k = 0; k < s.number; ++k) f(s.line[k].of[t], units::line);
        if (!s.is_in_first_block() && s.size != 0) f(stripe + t * units::stripe, units::stripe);
    }
}

template <class T> std::size_t write_bytes(runs<T> const& s, std::span<std::byte> out) {
    constexpr std::size_t stripe = order<T>::stripe;
    if (out.size() < size_of_bytes(s)) [[unlikely]]
        fail("the output has ", out.size(), " bytes, expected at least ", size_of_bytes(s));
    T sums[2 * stripe] = {};
    for (std::size_t t = 0; t < number_of_kinds(s); ++t)
        for (std::size_t i = 0; i < s.size; ++i) accumulate(sums[t * stripe + i % stripe], s.elements[t][i]);

    byte_writer write{out.data()};
    for (auto const c : start_of_bytes<T>) write(c);
    header_of_bytes{s.first, s.last * order<T>::block + s.size, s.count, std::uint8_t(s.kind), std::uint8_t(s.number)}.for_each(
        write);
    for (std::size_t k = 0; k < s.number; ++k) write(s.level[k]);
    for_numbers_in_bytes(s, sums, [&](T const* x, std::size_t n) { write = std::for_each(x, x + n, write); });
    return static_cast<std::size_t>(write.at - out.data());
}

/// Fails unless the bytes begin as those of T do, and have a header.
template <class T> byte_reader read_start(std::span<std::byte const> bytes, std::size_t least) {
    if (bytes.size() < least) [[unlikely]]
        fail("there are ", bytes.size(), " bytes, expected at least ", least);
    byte_reader read{bytes.data()};
    for (auto const c : start_of_bytes<T>) {
        std::uint8_t got = 0;
        read(got);
        if (got != c) [[unlikely]]
            fail("the bytes are not those of an accumulator of this type, in version 1 of the format");
    }
    return read;
}

template <class T> void read_bytes(runs<T>& s, std::span<std::byte const> bytes) {
    constexpr std::size_t block = order<T>::block, stripe = order<T>::stripe;
    auto const expect = [](bool holds) {
        if (!holds) [[unlikely]]
            fail("the bytes have a range, a count or runs that no accumulator has");
    };
    byte_reader read = read_start<T>(bytes, header_of_bytes::size);
    header_of_bytes header;
    header.for_each(read);
    auto const [first, end, count, weighting, number] = header;
    expect(first <= end && end <= std::uint64_t{max_blocks<T>} * block && count <= end - first);
    expect(weighting <= 2 && (weighting != 0 || first == end) && number <= runs<T>::max_runs);
    expect(bytes.size() >= header_of_bytes::size + number);
    s.first = std::size_t(first);
    s.last = std::size_t(end) / block;
    s.number = number;
    s.size = std::size_t(end) % block;
    s.count = std::size_t(count);
    s.kind = typename runs<T>::weighting(weighting);

    std::size_t at = s.is_in_first_block() ? s.last : (s.first + block - 1) / block; // in blocks
    for (std::size_t k = 0; k < number; ++k) {
        read(s.level[k]);
        expect(s.level[k] <= runs<T>::max_level);
        std::size_t const length = std::size_t{1} << s.level[k];
        expect(at % length == 0 && (k == 0 || s.level[k - 1] != s.level[k] || at / length % 2 == 0));
        at += length;
    }
    expect(at == s.last && bytes.size() == size_of_bytes(s));

    for (std::size_t t = 0; t < 2; ++t) // the elements before the first count as +0
        std::fill_n(s.is_in_first_block() ? s.elements[t] : s.head[t], s.first % block, T(0));
    T sums[2 * stripe];
    for_numbers_in_bytes(s, sums, [&](T* x, std::size_t n) { read = std::for_each(x, x + n, read); });
    for (std::size_t t = 0; t < number_of_kinds(s) && !s.is_in_first_block(); ++t)
        for (std::size_t i = 0; i < s.size; ++i) s.elements[t][i] = i < stripe ? sums[t * stripe + i] : T(0);
}

// ---- The exact sum of integers, and how many count.

inline constexpr std::size_t bytes_of_exact_sum = sizeof start_of_bytes<std::uint64_t> + 2 * sizeof(std::uint64_t);

inline std::size_t write_bytes(std::uint64_t sum, std::uint64_t count, std::span<std::byte> out) {
    if (out.size() < bytes_of_exact_sum) [[unlikely]]
        fail("the output has ", out.size(), " bytes, expected at least ", bytes_of_exact_sum);
    byte_writer write{out.data()};
    for (auto const c : start_of_bytes<std::uint64_t>) write(c);
    write(sum), write(count);
    return bytes_of_exact_sum;
}
inline void read_bytes(std::uint64_t& sum, std::uint64_t& count, std::span<std::byte const> bytes) {
    byte_reader read = read_start<std::uint64_t>(bytes, bytes_of_exact_sum);
    read(sum), read(count);
    if (bytes.size() != bytes_of_exact_sum || (count == 0 && sum != 0)) [[unlikely]]
        fail("there are ", bytes.size(), " bytes with a sum of ", count, " integers, expected ", bytes_of_exact_sum);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
