// Reductions and their names. Ground floor.
#pragma once

#include <string>
#include <string_view>

#include <l1loss/detail/args/error.hpp>

namespace l1loss {

/// What becomes of the absolute differences |input - target|: kept one by one, averaged, or summed.
enum class reduction { none, mean, sum };

/// "none", "mean" or "sum".
constexpr std::string_view to_string(reduction r) {
    switch (r) {
    case reduction::none: return "none";
    case reduction::mean: return "mean";
    case reduction::sum: return "sum";
    }
    detail::fail("l1loss: " + std::to_string(static_cast<int>(r)) + " is no value of l1loss::reduction");
}

/// The reduction of that name.
/// Throws std::invalid_argument for any other name (upper case and surrounding blanks included), which the message quotes.
constexpr reduction parse_reduction(std::string_view name) {
    for (reduction r : {reduction::none, reduction::mean, reduction::sum})
        if (name == to_string(r)) return r;
    detail::fail("l1loss: unknown reduction \"" + std::string(name) + "\", expected \"none\", \"mean\" or \"sum\"");
}

} // namespace l1loss
