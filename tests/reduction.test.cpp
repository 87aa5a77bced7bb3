// Tests the names of reductions.
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

#include <l1loss/reduction.hpp>

#include "support/catch.hpp"
#include "support/message.hpp"

using l1loss::parse_reduction;
using l1loss::reduction;
using l1loss::to_string;

static_assert(parse_reduction("none") == reduction::none);
static_assert(parse_reduction("mean") == reduction::mean);
static_assert(parse_reduction("sum") == reduction::sum);
static_assert(to_string(reduction::none) == "none");

TEST_CASE("Every reduction has a name, and the name gives it back", "[reduction]") {
    for (reduction r : {reduction::none, reduction::mean, reduction::sum}) CHECK(parse_reduction(to_string(r)) == r);
    CHECK(to_string(reduction::mean) == "mean");
    CHECK(to_string(reduction::sum) == "sum");
}

TEST_CASE("An unknown name is an error that names it and what is accepted", "[reduction]") {
    for (std::string name : {"avg", "", "Mean", " mean", "mean ", "sum\n", "batchmean"})
        CHECK(test::message([&] { (void)parse_reduction(name); }) ==
              "l1loss: unknown reduction \"" + name + "\", expected \"none\", \"mean\" or \"sum\"");
}

TEST_CASE("The message of a long name quotes its start", "[reduction]") {
    std::string const name(100, 'x');
    CHECK(test::message([&] { (void)parse_reduction(name); }) ==
          "l1loss: unknown reduction \"" + name + "\", expected \"none\", \"mean\" or \"sum\"");
    CHECK(test::message([&] { (void)parse_reduction(name + "y"); }) ==
          "l1loss: unknown reduction \"" + name + "...\", expected \"none\", \"mean\" or \"sum\"");
}

TEST_CASE("A message holds any integer, and ends where its room does", "[reduction]") {
    using limits = std::numeric_limits<long long>;
    CHECK(test::message([] { l1loss::detail::fail(limits::min(), " ", limits::max(), " ", 0u, " ", ~std::uint64_t{0}); }) ==
          "l1loss: -9223372036854775808 9223372036854775807 0 18446744073709551615");
    for (int n = -1200; n <= 1200; ++n)
        if (test::message([&] { l1loss::detail::fail(n); }) != "l1loss: " + std::to_string(n)) FAIL(n);
    std::string const text(600, 'x');
    CHECK(test::message([&] { l1loss::detail::fail(text.c_str(), 1); }) == ("l1loss: " + text).substr(0, 511));
}

TEST_CASE("A value outside the enumeration has no name", "[reduction]") {
    CHECK(test::message([] { (void)to_string(static_cast<reduction>(7)); }) == "l1loss: 7 is no value of l1loss::reduction");
}
