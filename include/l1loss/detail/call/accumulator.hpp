// What the members of l1_accumulator check, and what they do.
#pragma once

#include <l1loss/detail/call/loss.hpp>
#include <l1loss/detail/sum/runs.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class T, class Input, class Target, class... Options>
concept chunk_arguments = loss_arguments<reduction::mean, T, Input, Target, Options...> && !given<kind::reduction, Options...> &&
                          !given<kind::count, Options...> && !integers<Input, Target, Options...>;

template <class Input, class Target, class... Options>
concept integer_chunk_arguments =
    integers<Input, Target, Options...> && loss_arguments<reduction::sum, std::uint64_t, Input, Target, Options...> &&
    !given<kind::reduction, Options...> && !given<kind::count, Options...>;

template <class T> inline constexpr std::size_t max_blocks = std::size_t{1} << runs<T>::max_level;

template <class T> void begin_runs(runs<T>& s, std::size_t first_index) {
    if (first_index % order<T>::block != 0) [[unlikely]]
        fail("first_index is ", first_index, ", expected a multiple of ", order<T>::block);
    s.first = s.last = first_index / order<T>::block;
}

/// Fails if one part has weights and the other has elements without weights.
template <class T> void check_weighting(runs<T> const& s, typename runs<T>::weighting kind) {
    constexpr auto unknown = runs<T>::weighting::unknown;
    if (s.kind != kind && s.kind != unknown && kind != unknown) [[unlikely]]
        fail("weights are given in some updates and not in others, expected all or none");
}

template <class Arch, class T, class Input, class Target, class Options>
L1LOSS_INLINE inline void update_runs(runs<T>& s, Input const& input, Target const& target, Options const& options) {
    with_operands<T>(input, target, options, [&](auto const& ops, std::size_t n, auto const&) L1LOSS_INLINE {
        using Operands = std::remove_cvref_t<decltype(ops)>;
        constexpr std::size_t block = order<T>::block;
        if (n == 0) return;
        auto const kind = Operands::is_weighted ? runs<T>::weighting::weighted : runs<T>::weighting::unweighted;
        check_weighting(s, kind);
        if (s.last > max_blocks<T> || n > (max_blocks<T> - s.last) * block - s.size) [[unlikely]]
            fail(n, " elements more than fit below index ", max_blocks<T> * block);
        s.kind = kind;
        if constexpr (!Operands::skips_elements) s.count += n;
        auto const terms = summed_terms<true, Operands::skips_elements>(ops);
        if (n > runs<T>::short_chunk) return append_blocks<Arch>(s, terms, n);
        append_terms<Arch>(s, terms, 0, n);
        if (s.size >= block) push_block<Arch>(s);
    });
}

template <class T> void merge_runs(runs<T>& s, runs<T> const& next) {
    constexpr std::size_t block = order<T>::block;
    if (next.first != s.last || s.size != 0) [[unlikely]]
        fail("elements [", s.first * block, ", ", s.last * block + s.size, ") and [", next.first * block, ", ",
             next.last * block + next.size, ") do not meet at a multiple of ", block);
    check_weighting(s, next.kind);
    if (next.kind != runs<T>::weighting::unknown) s.kind = next.kind;
    for (std::size_t k = 0; k < next.number; ++k) {
        s.line[s.number] = next.line[k];
        push_run(s, next.level[k]);
    }
    for (std::size_t t = 0; t < number_of_kinds(s); ++t) std::copy_n(next.elements[t], next.size, s.elements[t]);
    s.size = next.size;
    s.count += next.count;
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
