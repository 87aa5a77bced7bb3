// The reductions of the L1 loss and their names.
#pragma once

#include <string_view>

#include <l1loss/detail/args/error.hpp>

namespace l1loss {

/// How the absolute differences |input - target| are reduced: not at all, to their mean, or to their sum.
enum class reduction { none, mean, sum };

} // namespace l1loss

namespace l1loss::inline L1LOSS_FLAGS {

/// Returns "none", "mean" or "sum". Throws std::invalid_argument for a value that is not in the enumeration.
constexpr std::string_view to_string(reduction r) {
    switch (r) {
    case reduction::none: return "none";
    case reduction::mean: return "mean";
    case reduction::sum: return "sum";
    }
    detail::fail(static_cast<int>(r), " is no value of l1loss::reduction");
}

/// Returns the reduction with the given name, "none", "mean" or "sum". Throws std::invalid_argument, whose message quotes the
/// name, for any other. Upper case and surrounding blanks are not accepted.
constexpr reduction parse_reduction(std::string_view name) {
    for (reduction r : {reduction::none, reduction::mean, reduction::sum})
        if (name == to_string(r)) return r;
    detail::fail("unknown reduction \"", name, "\", expected \"none\", \"mean\" or \"sum\"");
}

} // namespace l1loss::inline L1LOSS_FLAGS
