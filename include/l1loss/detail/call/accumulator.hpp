// What the members of l1_accumulator check, and what they do.
#pragma once

#include <l1loss/detail/call/loss.hpp>
#include <l1loss/detail/sum/run_bytes.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

template <class T, class Input, class Target, class... Options>
concept chunk_arguments = loss_arguments<reduction::mean, T, Input, Target, Options...> && !given<kind::reduction, Options...> &&
                          !given<kind::count, Options...> && !integers<Input, Target, Options...>;

template <class Input, class Target, class... Options>
concept integer_chunk_arguments =
    integers<Input, Target, Options...> && loss_arguments<reduction::sum, std::uint64_t, Input, Target, Options...> &&
    !given<kind::reduction, Options...> && !given<kind::count, Options...>;

template <class T> void begin_runs(runs<T>& s, std::size_t first_index) {
    s.first = first_index;
    s.last = first_index / order<T>::block;
    s.number = s.count = 0;
    s.size = first_index % order<T>::block;
    s.kind = runs<T>::weighting::unknown;
    for (auto& terms : s.elements) std::fill_n(terms, s.size, T(0));
}
/// The index after the last element.
template <class T> std::size_t end_of(runs<T> const& s) { return s.last * order<T>::block + s.size; }

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
        if (n > runs<T>::short_chunk) return append_blocks<Arch>(s, terms, 0, n);
        append_terms<Arch>(s, terms, 0, n);
        if (s.size >= block) push_block<Arch>(s);
    });
}

/// Appends a part that begins where s ends. If that is within a block, its terms of this block follow those of s.
template <class Arch, class T> void merge_runs(runs<T>& s, runs<T> const& next) {
    constexpr std::size_t block = order<T>::block;
    if (next.first != end_of(s)) [[unlikely]]
        fail("elements [", s.first, ", ", end_of(s), ") and [", next.first, ", ", end_of(next), ") do not meet");
    check_weighting(s, next.kind);
    if (next.kind != runs<T>::weighting::unknown) s.kind = next.kind;
    s.count += next.count;
    auto const append = [&](T const* terms, std::size_t pitch, std::size_t end) {
        for (std::size_t t = 0; t < number_of_kinds(s); ++t)
            std::copy(terms + t * pitch + s.size, terms + t * pitch + end, s.elements[t] + s.size);
        s.size = end;
    };
    if (next.has_head()) {
        append(next.head[0], block, block);
        push_block<Arch>(s);
    }
    for (std::size_t k = 0; k < next.number; ++k) {
        s.line[s.number] = next.line[k];
        push_run(s, next.level[k]);
    }
    append(next.elements[0], next.capacity, next.size);
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
