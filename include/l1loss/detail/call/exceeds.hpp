// What a call of l1_exceeds requires, and what it does.
#pragma once

#include <concepts>
#include <type_traits>

#include <l1loss/detail/call/loss.hpp>
#include <l1loss/detail/sum/prefixes.hpp>

namespace l1loss::detail::inline L1LOSS_FLAGS {

/// With weights, terms may be negative, and then a part does not bound the whole.
template <class... Options>
concept terms_not_negative = !given<kind::weights, Options...>;

template <reduction R, class Accumulator, class Input, class Target, class Threshold, class... Options>
concept exceeds_arguments = R != reduction::none && !std::same_as<Accumulator, std::uint64_t> && std::is_arithmetic_v<Threshold> &&
                            terms_not_negative<Options...> && loss_arguments<R, Accumulator, Input, Target, Options...> &&
                            !given<kind::count, Options...> && !given<kind::reduction, Options...>;

/// Whether a loss exceeds the threshold, or is NaN. Integers are converted as a comparison converts them.
template <class A, class Threshold> L1LOSS_INLINE constexpr bool is_above(A loss, Threshold threshold) {
    if constexpr (std::integral<Threshold>) return !(loss <= A(threshold));
    else return !(loss <= threshold);
}

/// Tests the loss of a prefix. What the test does not need is `nothing`.
///
/// The sum of a prefix bounds the sum of all: what it lacks counts as +0 in the same tree of additions. No term is below +0, and
/// rounding is monotonic, so no node of the tree is greater than with all terms. A mean divides by at least the final count, which
/// is monotonic too. A NaN in a prefix is one in the sum of all.
template <class Reduction, class Context, class Operands, class Threshold> struct prefix_test {
    static constexpr bool is_mean = !std::is_same_v<Reduction, std::integral_constant<reduction, reduction::sum>>,
                          is_counted = needs_count<Operands, is_mean, false>,
                          is_counted_by_bytes = is_counted && counts_bytes<Context, Operands, std::size_t>,
                          is_counted_along = is_counted && !is_counted_by_bytes;
    template <class T> using if_counted_by_bytes = std::conditional_t<is_counted_by_bytes, T, nothing>;

    std::size_t n; // of all elements
    Threshold threshold;
    [[no_unique_address]] Reduction r; // a constant, or a value
    [[no_unique_address]] if_counted_by_bytes<unsigned char const*> mask;
    [[no_unique_address]] if_counted_by_bytes<std::size_t> counted;

    /// The elements [first, last) are those since the prefix before. Those that follow may all count.
    template <class Sum>
    L1LOSS_INLINE inline bool operator()(Sum const& sum, [[maybe_unused]] std::size_t first, std::size_t last) {
        std::size_t max_count = n;
        if constexpr (is_counted_by_bytes) max_count = (counted += Context{}.count_bytes(mask + first, last - first)) + (n - last);
        if constexpr (is_counted_along) max_count = sum.count + (n - last);
        return is_above(finish<typename Operands::A, false>(r, numerator_of(sum), max_count), threshold);
    }
};

/// Whether the loss of n elements exceeds the threshold, found out by the first prefix that does. The last prefix is all elements.
template <class Context, class Operands, class Reduction, class Threshold>
L1LOSS_INLINE inline bool any_prefix_exceeds(Context const&, Operands const& ops, std::size_t n, Reduction r, Threshold threshold) {
    using test = prefix_test<Reduction, Context, Operands, Threshold>;
    check_fits_64_bits<Operands>(n);
    auto const terms = summed_terms<test::is_mean, test::is_counted_along>(ops);
    auto const start = [&](auto mask) L1LOSS_INLINE {
        return any_prefix<typename Context::arch, std::remove_const_t<decltype(terms)>>(terms, n, test{n, threshold, r, mask, {}});
    };
    if constexpr (test::is_counted_by_bytes) return start(reinterpret_cast<unsigned char const*>(ops.mask));
    else return start(nothing{});
}

template <class Size, std::size_t most> constexpr bool is_fixed_up_to() {
    if constexpr (fixed_length<Size>) return Size::value <= most;
    else return false;
}

/// l1_exceeds on the calling thread. Up to one step, the loss is computed as a whole.
template <reduction R, class Accumulator, class Arch, class Input, class Target, class Threshold, class Options>
L1LOSS_INLINE constexpr bool compute_exceeds(Input const& input, Target const& target, Threshold threshold,
                                             Options const& options) {
    using A = accumulator_type<Accumulator, Input, Target, nothing>;
    return with_operands<A>(input, target, options, [&](auto const& ops, auto n, auto const&) L1LOSS_INLINE {
        using context = on_this_thread<Arch>;
        if constexpr (!is_fixed_up_to<decltype(n), prefix_step>())
            if (!std::is_constant_evaluated() && n > prefix_step)
                return any_prefix_exceeds(context{}, ops, n, reduction_of<R>(options), threshold);
        return is_above(reduce<R>(context{}, ops, n, options), threshold);
    });
}

} // namespace l1loss::detail::inline L1LOSS_FLAGS
