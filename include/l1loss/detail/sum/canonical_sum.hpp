// Chooses between the scalar definition and SIMD registers, for one sum, for the sums of rows, and for terms that are written.
//
// Both give the same bits. Constant evaluation takes the definition, and so does a source that has no registers on Arch. Sums of
// columns choose in columns.hpp. Threads and the accumulator ask `uses_registers` themselves, and never run in constant evaluation.
#pragma once

#include <type_traits>

#include <l1loss/detail/simd/byte_mask.hpp>
#include <l1loss/detail/sum/definition.hpp>
#include <l1loss/detail/sum/elementwise.hpp>
#include <l1loss/detail/sum/exact_sum.hpp>
#include <l1loss/detail/sum/on_registers.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// Whether a source can be summed on registers of Arch. A source that chooses lanes by their bits needs vectors of the compiler,
/// and not emulated batches.
template <class Terms, class Arch>
inline constexpr bool uses_registers = [] {
    using A = typename Terms::value_type;
    if constexpr (is_exact<Terms> || !has_registers<A, Arch>) return false; // exact_sum has registers of its own
    else return !Terms::needs_vectors || is_vector<A, Arch>;
}();

/// The execution context that computes all of a call on the calling thread. threads.hpp has the one with many threads.
template <class Arch> struct on_this_thread {
    static_assert(std::is_class_v<Arch>, "l1loss: the third template argument is an architecture of xsimd, such as xsimd::avx2");
    using arch = Arch;

    /// Returns then(sum, n) of the canonical sum of n terms.
    template <class Terms, class Size, class Then = unchanged>
    L1LOSS_INLINE static constexpr auto sum(Terms const& terms, Size n, Then then = {}) {
        if constexpr (uses_registers<Terms, Arch>) {
            if (!std::is_constant_evaluated()) return sum_on_registers<Arch>(terms, n, then);
        } else if constexpr (uses_integer_registers<Terms>) {
            if (!std::is_constant_evaluated()) return then(exact_sum<Arch>(terms, n), n);
        }
        return then(sum_by_definition(terms, n), n);
    }

    /// Calls f(r, sum) with the canonical sum of each row r of a matrix. row(r) is the term source of row r.
    template <class Rows, class Size, class F>
    L1LOSS_INLINE static constexpr void sum_rows(Rows const& row, std::size_t rows, Size columns, F f) {
        if constexpr (uses_registers<decltype(row(0)), Arch> && !fixed_length<Size>)
            if (!std::is_constant_evaluated()) return sum_each_row<Arch>(row, rows, columns, f);
        for (std::size_t r = 0; r < rows; ++r) f(r, sum(row(r), columns));
    }

    /// Writes everything that a source of n terms writes, and sums nothing.
    template <class Terms, class Size> L1LOSS_INLINE static constexpr void write(Terms const& terms, Size n) {
        if constexpr (uses_registers<Terms, Arch>)
            if (!std::is_constant_evaluated()) return write_part<Arch>(terms, 0, n, n);
        for (std::size_t i = 0; i < n; ++i) (void)terms(i);
    }

    /// The number of elements of the whole call, of which these are n.
    template <class Size> L1LOSS_INLINE static constexpr Size size_of_all(Size n) { return n; }

    /// How many of n bytes are not 0.
    static constexpr bool counts_bytes = true;
    L1LOSS_INLINE static std::size_t count_bytes(unsigned char const* mask, std::size_t n) { return count_nonzero<Arch>(mask, n); }
};

} // namespace l1loss::detail::inline L1LOSS_FLAGS
