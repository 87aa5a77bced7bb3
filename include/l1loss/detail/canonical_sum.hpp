// The door between the two worlds: in constant evaluation the definition, else batches of the same bits. All that the
// library computes goes through here, and nothing else asks which of the two it is in.
//
// On top of sum.hpp, sum_simd.hpp, elementwise.hpp and finish.hpp, under every public function.
#pragma once

#include <type_traits>

#include <l1loss/detail/elementwise.hpp>
#include <l1loss/detail/finish.hpp>
#include <l1loss/detail/sum.hpp>
#include <l1loss/detail/sum_simd.hpp>

namespace l1loss::detail {

/// Whether a source can be walked on batches of Arch.
template <class Terms, class Arch>
inline constexpr bool on_batches = batchable<typename Terms::value_type, Arch> &&
                                   (!Terms::needs_vectors || is_vector<typename Terms::value_type, Arch>);

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

/// out[i] = t[i] for all n terms of each source, whose `out` may be one of the memories that they are read from.
template <class Arch, class Size, class... Terms, class... Out>
L1LOSS_INLINE constexpr void write_terms(Size n, written<Terms, Out> const&... writes) {
    if (std::is_constant_evaluated()) return write_by_definition(n, writes...);
    if constexpr ((on_batches<Terms, Arch> && ...)) {
        write_on_batches<Arch>(n, writes...);
    } else {
        write_by_definition(n, writes...);
    }
}

} // namespace l1loss::detail
