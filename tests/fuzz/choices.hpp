// Turns the bytes of a fuzzer into choices: numbers, shapes, strides, and arrays in memory that is exactly as large as they need.
#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include <l1loss/element.hpp>
#include <l1loss/view.hpp>

#include "reference.hpp"

#if defined(__has_include)
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#endif
#endif
#if !defined(ASAN_POISON_MEMORY_REGION)
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

namespace fuzz {

struct shape {
    std::size_t rows, columns;
    std::size_t size() const { return rows * columns; }
    template <class F> void for_each(F f) const { // in row-major order
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < columns; ++c) f(r, c);
    }
};

/// Choices that the bytes make. Once they are used up, every choice is 0.
class choices {
    std::uint8_t const *at_, *end_;

public:
    choices(std::uint8_t const* bytes, std::size_t n) : at_(bytes), end_(bytes + n) {}

    std::uint64_t bytes(int n) {
        std::uint64_t x = 0;
        for (; n > 0; --n) x = x << 8 | (at_ != end_ ? *at_++ : 0u);
        return x;
    }
    std::size_t below(std::size_t n) { return bytes(n > 256 ? 2 : 1) % n; }
    template <class T, std::size_t N> T of(T const (&all)[N]) { return all[below(N)]; }

    /// 0 to 4098, mostly short or close to where the library takes another way.
    std::size_t length() {
        switch (below(4)) {
        case 0: return below(20);
        case 1: return (std::size_t{8} << below(10)) + 2 - below(5);
        case 2: return below(600);
        default: return below(4097);
        }
    }
    shape any_shape() {
        std::size_t const n = length(), few = of<std::size_t>({1, 1, 2, 3, 5, 16, 33, 600});
        return below(2) == 0 ? shape{few, n / few} : shape{n / few, few};
    }
};

/// Ends the program, which a fuzzer takes for a finding.
template <class... Numbers> [[noreturn]] void wrong(char const* what, Numbers... numbers) {
    std::fprintf(stderr, "wrong: %s", what);
    (std::fprintf(stderr, " %.17g", double(numbers)), ...);
    std::fprintf(stderr, "\n");
    std::abort();
}
template <class T> bool same_bits(T x, T y) { return std::memcmp(&x, &y, sizeof x) == 0; }

// ---- Elements.

template <class T> inline constexpr int digits = std::numeric_limits<T>::digits - 1; // of the fraction
template <> inline constexpr int digits<l1loss::float16_t> = 10;
template <> inline constexpr int digits<l1loss::bfloat16_t> = 7;
template <class T> inline constexpr int max_exponent = std::numeric_limits<T>::max_exponent - 1;
template <> inline constexpr int max_exponent<l1loss::float16_t> = 15;
template <> inline constexpr int max_exponent<l1loss::bfloat16_t> = 127;
template <class T> inline constexpr bool is_short = sizeof(T) == 2 && !std::integral<T>;

inline std::uint64_t next_random(std::uint64_t& state) { // SplitMix64
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
/// An element as a number of type A.
template <class A, class T> A number(T x) {
    if constexpr (is_short<T>) return A(reference::decode(std::bit_cast<std::uint16_t>(x), digits<T>, max_exponent<T>));
    else return A(x);
}

/// An element of a kind, which says how large it may be.
template <class T> T element(std::size_t kind, std::uint64_t random) {
    if constexpr (std::integral<T>) {
        T const extremes[] = {std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), 0, 1};
        return kind < 4 ? T(random) : extremes[random % (kind == 4 ? 2 : 4)];
    } else {
        using bits =
            std::conditional_t<sizeof(T) == 2, std::uint16_t, std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>>;
        constexpr std::uint64_t one = max_exponent<T>, top = 2 * one + 1; // exponents of 1, and of infinity and NaN
        std::uint64_t const r = random >> 53, sign = random >> 52 & 1;
        std::uint64_t exponent = one - 4 + r % 9, fraction = random % (std::uint64_t{1} << digits<T>);
        switch (kind) {
        case 3: exponent = r % (top + 1); break; // any pattern
        case 4:                                  // ±0, subnormals, infinities and NaN among others
            if (r % 8 == 0) exponent = r / 8 % 2 * top, fraction *= r / 16 % 2;
            break;
        case 5: exponent = one + r % 2, fraction = 0; break; // 1 and 2, of which many are equal
        case 6: exponent = top - 1 - r % 2; break;           // sums overflow
        case 7: exponent = 0; break;                         // subnormals
        default: break;                                      // around 1
        }
        return std::bit_cast<T>(bits(sign << (8 * sizeof(T) - 1) | exponent << digits<T> | fraction));
    }
}

// ---- Arrays.

struct layout {
    std::ptrdiff_t row, column; // strides
};
inline layout packed(shape s) { return {std::ptrdiff_t(s.columns), 1}; }

/// Padded, transposed, backwards, every second or third element, one row or element again and again, overlapping windows.
inline layout any_layout(choices& c, shape s) {
    bool const is_transposed = c.below(4) == 0;
    std::ptrdiff_t const inner = c.of<std::ptrdiff_t>({1, 1, 1, 2, 3, -1, -2, 0});
    auto const width = std::ptrdiff_t(is_transposed ? s.rows : s.columns) * std::max<std::ptrdiff_t>(std::abs(inner), 1);
    std::ptrdiff_t const pitch = width + std::ptrdiff_t(c.below(3));
    std::ptrdiff_t const outer = c.of({pitch, pitch, pitch, -pitch, std::ptrdiff_t{0}, std::ptrdiff_t{1}});
    return is_transposed ? layout{inner, outer} : layout{outer, inner};
}

/// A matrix of elements in memory. What is not an element of it is poisoned, as far as the sanitizer can, and all bits are set.
template <class T> class array {
    shape shape_;
    layout layout_;
    std::ptrdiff_t low_ = 0, high_ = 0; // from the first element to the lowest, and to the highest
    std::size_t slack_, memory_;
    std::unique_ptr<T[]> room_;
    decltype(l1loss::strided(std::declval<T*>(), {{1, 1}, {1, 1}})) view_;

    void poison_gaps() {
        std::vector<bool> is_element(memory_);
        shape_.for_each([&](std::size_t r, std::size_t c) { is_element[std::size_t(&at(r, c) - room_.get())] = true; });
        for (std::size_t i = 0, end = 0; i < memory_; i = end + 1) {
            for (end = i; end < memory_ && !is_element[end];) ++end;
            ASAN_POISON_MEMORY_REGION(room_.get() + i, (end - i) * sizeof(T));
        }
    }

public:
    /// Without elements.
    array(choices& c, shape s, layout l) : shape_(s), layout_(l), slack_(c.below(17)) {
        if (s.rows > 0 && s.columns > 0) {
            (l.row < 0 ? low_ : high_) += std::ptrdiff_t(s.rows - 1) * l.row;
            (l.column < 0 ? low_ : high_) += std::ptrdiff_t(s.columns - 1) * l.column;
            ++high_;
        }
        memory_ = slack_ + std::size_t(high_ - low_);
        room_.reset(new T[memory_]);
        std::memset(static_cast<void*>(room_.get()), 0xff, memory_ * sizeof(T));
        view_ = l1loss::strided(room_.get() + slack_ - low_, {{s.rows, l.row}, {s.columns, l.column}});
        if (memory_ != size()) poison_gaps();
    }
    array(choices& c, shape s) : array(c, s, packed(s)) {}
    array(array const&) = delete;
    ~array() { ASAN_UNPOISON_MEMORY_REGION(room_.get(), memory_ * sizeof(T)); }

    void fill(choices& c) {
        std::size_t const kind = c.below(8);
        std::uint64_t state = c.bytes(2);
        shape_.for_each([&](std::size_t row, std::size_t column) { at(row, column) = element<T>(kind, next_random(state)); });
    }

    std::size_t size() const { return shape_.size(); }
    shape extents() const { return shape_; }
    bool is_packed() const { return layout_.row == packed(shape_).row && layout_.column == 1; }
    T* data() const { return view_.data; }
    T& at(std::size_t r, std::size_t c) const {
        return data()[std::ptrdiff_t(r) * layout_.row + std::ptrdiff_t(c) * layout_.column];
    }
    auto const& view() const { return view_; }
    std::span<T> span() const { return {data(), size()}; } // of a packed one

    /// The elements, broadcast to a shape, in row-major order.
    template <class A> std::vector<A> numbers(shape to) const {
        std::vector<A> all(to.size());
        A* next = all.data();
        to.for_each(
            [&](std::size_t r, std::size_t c) { *next++ = number<A>(at(shape_.rows == 1 ? 0 : r, shape_.columns == 1 ? 0 : c)); });
        return all;
    }
    bool is_untouched() const { // of one without elements
        auto const* const bytes = reinterpret_cast<unsigned char const*>(data());
        return std::all_of(bytes, bytes + size() * sizeof(T), [](unsigned char b) { return b == 0xff; });
    }
};

/// Compares what was written with what was expected. A NaN may have any payload.
template <class T, class A> void compare(char const* what, T const* got, std::vector<A> const& expected) {
    for (std::size_t i = 0; i < expected.size(); ++i) {
        A e = expected[i], g = number<A>(got[i]);
        if constexpr (is_short<T>) e = A(reference::rounded(double(e), digits<T>, max_exponent<T>));
        if (!same_bits(g, e) && !(std::isnan(g) && std::isnan(e))) wrong(what, expected.size(), i, g, e);
    }
}

} // namespace fuzz
