// The door between the two worlds: in constant evaluation the definition, else batches of the same bits. All that the
// library computes goes through here, and nothing else asks which of the two it is in.
//
// On top of sum.hpp, sum_simd.hpp, elementwise.hpp, byte_mask.hpp and finish.hpp, under every public function.
#pragma once

#include <type_traits>

#include <l1loss/detail/simd/byte_mask.hpp>
#include <l1loss/detail/sum/batches.hpp>
#include <l1loss/detail/sum/definition.hpp>
#include <l1loss/detail/sum/elementwise.hpp>
#include <l1loss/detail/sum/finish.hpp>

namespace l1loss::detail {

/// Whether a source can be walked on batches of Arch. Decorated ones choose lanes by their bits, which takes real registers.
template <class Terms, class Arch>
inline constexpr bool on_batches = [] {
    using A = typename Terms::value_type;
    if constexpr (!batchable<A, Arch>) return false;
    else return !Terms::is_combined || is_vector<A, Arch>;
}();

/// The canonical sum of n terms, and what `finish` makes of it: finish(sum, n).
template <class Arch, class Terms, class Size, class Finish>
L1LOSS_INLINE constexpr auto canonical_sum(Terms const& terms, Size n, Finish finish) {
    if (std::is_constant_evaluated()) return finish(sum_by_definition(terms, n), n);
    if constexpr (!on_batches<Terms, Arch>) {
        return finish(sum_by_definition(terms, n), n);
    } else if constexpr (fixed_length<Size>) {
        return sum_on_batches_fixed<Arch, Size::value>(terms, finish);
    } else {
        return sum_on_batches<Arch>(terms, n, finish);
    }
}

/// f(r, sum of row r) for the canonical sums of rows of equally many terms; row(r) is their source.
template <class Arch, class Rows, class Size, class F>
L1LOSS_INLINE constexpr void canonical_sum_of_rows(Rows const& row, std::size_t rows, Size columns, F f) {
    using Terms = decltype(row(0));
    if constexpr (on_batches<Terms, Arch> && !fixed_length<Size>)
        if (!std::is_constant_evaluated()) return sum_each_row<Arch>(row, rows, columns, f);
    for (std::size_t r = 0; r < rows; ++r) f(r, canonical_sum<Arch>(row(r), columns, unfinished{}));
}

/// The same with no sum: all that a source of n terms writes.
template <class Arch, class Terms, class Size>
L1LOSS_INLINE constexpr void write_terms(Terms const& terms, Size n) {
    if (std::is_constant_evaluated()) return write_by_definition(terms, n);
    if constexpr (on_batches<Terms, Arch>) {
        write_part<Arch>(terms, 0, n, n);
    } else {
        write_by_definition(terms, n);
    }
}

/// Whether the elements that a mask selects can be counted apart from their sum, by its bytes.
template <class Arch, class Operands, class Size>
inline constexpr bool can_count_bytes =
    Operands::are_selected_by_bytes && batchable<typename Operands::A, Arch> && !fixed_length<Size>;

/// Whether they are: for up to so many elements it is faster, by a tenth. What comes from memory is better read once.
L1LOSS_INLINE constexpr bool counts_bytes(std::size_t n) { return !std::is_constant_evaluated() && n <= std::size_t{1} << 17; }

/// Where a call is computed: on the thread that calls, all of it. (parallel.hpp has another such context.)
template <class Arch>
struct on_this_thread {
    static_assert(std::is_class_v<Arch>, "l1loss: the third template argument is an architecture of xsimd, such as xsimd::avx2");
    using arch = Arch;

    template <class Terms, class Size, class Finish>
    L1LOSS_INLINE constexpr auto sum(Terms const& terms, Size n, Finish finish) const {
        return canonical_sum<Arch>(terms, n, finish);
    }
    template <class Rows, class Size, class F>
    L1LOSS_INLINE constexpr void sum_rows(Rows const& row, std::size_t rows, Size columns, F f) const {
        canonical_sum_of_rows<Arch>(row, rows, columns, f);
    }
    template <class Terms, class Size>
    L1LOSS_INLINE constexpr void write(Terms const& terms, Size n) const {
        write_terms<Arch>(terms, n);
    }
};

} // namespace l1loss::detail
