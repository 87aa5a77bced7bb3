// Which elements count: selections, for terms.hpp to apply. Element i counts where selection(i) is true; at<A, Arch>(i, lanes)
// says the same of a batch, and chooses no lane that is not meant.
//
// On top of array.hpp, under terms.hpp.
#pragma once

#include <bit>
#include <limits>

#include <l1loss/detail/array.hpp>

namespace l1loss::detail {

/// The type of a mask's elements: one byte, and 0 means no.
template <class M>
concept mask_element = std::is_same_v<M, bool> || std::is_same_v<M, char> || std::is_same_v<M, signed char> ||
    std::is_same_v<M, unsigned char> || std::is_same_v<M, std::byte>;

/// Where the mask is not 0.
template <class Mask>
struct where_set {
    static constexpr bool has_views = is_view<Mask>;

    Mask mask;

    L1LOSS_INLINE constexpr bool operator()(std::size_t i) const { return element_at<bool>(mask, i); }
    template <class A, class Arch, class Lanes>
    L1LOSS_INLINE inline lane_mask<A, Arch> at(std::size_t i, Lanes lanes) const {
        return load_mask<A, Arch>(reinterpret_cast<unsigned char const*>(mask + i), lanes);
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return where_set<decltype(f(mask))>{f(mask)};
    }
};

/// Where neither of the two is NaN: by bits, since -ffast-math knows no NaN.
template <class A, class Input, class Target>
struct where_numbers {
    static constexpr bool has_views = is_view<Input> || is_view<Target>;
    static constexpr lane_integer<A> infinity = std::bit_cast<lane_integer<A>>(std::numeric_limits<A>::infinity());
    static constexpr lane_integer<A> all_but_sign = std::numeric_limits<lane_integer<A>>::max();

    Input input;
    Target target;

    L1LOSS_INLINE static constexpr bool is_number(A x) { return (std::bit_cast<lane_integer<A>>(x) & all_but_sign) <= infinity; }
    L1LOSS_INLINE constexpr bool operator()(std::size_t i) const {
        return is_number(element_at<A>(input, i)) && is_number(element_at<A>(target, i));
    }
    template <class, class Arch, class Lanes>
    L1LOSS_INLINE inline lane_mask<A, Arch> at(std::size_t i, Lanes lanes) const {
        lane_mask<A, Arch> const numbers = ((bits_of(load_at<A, Arch>(input, i, lanes)) & all_but_sign) <= infinity) &
                                           ((bits_of(load_at<A, Arch>(target, i, lanes)) & all_but_sign) <= infinity);
        if constexpr (std::is_same_v<Lanes, first_lanes>) return numbers & mask_of<A, Arch>(lanes);
        else return numbers;
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return where_numbers<A, decltype(f(input)), decltype(f(target))>{f(input), f(target)};
    }
};

/// Where two selections agree.
template <class First, class Second>
struct where_both {
    static constexpr bool has_views = First::has_views || Second::has_views;

    First first;
    Second second;

    L1LOSS_INLINE constexpr bool operator()(std::size_t i) const { return first(i) && second(i); }
    template <class A, class Arch, class Lanes>
    L1LOSS_INLINE inline lane_mask<A, Arch> at(std::size_t i, Lanes lanes) const {
        return first.template at<A, Arch>(i, lanes) & second.template at<A, Arch>(i, lanes);
    }
    template <class F>
    L1LOSS_INLINE constexpr auto map(F const& f) const {
        return where_both<decltype(first.map(f)), decltype(second.map(f))>{first.map(f), second.map(f)};
    }
};

} // namespace l1loss::detail
