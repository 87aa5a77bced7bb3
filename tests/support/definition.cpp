// See definition.hpp.
#include "definition.hpp"

#include <l1loss/detail/canonical_sum.hpp>

using l1loss::reduction;

template <reduction R, class T>
T test::by_definition(T const* x, T const* y, std::size_t n) {
    return l1loss::detail::finish<R>{}(
        l1loss::detail::sum_by_definition(l1loss::detail::abs_difference<T, T const*, T const*>{x, y}, n), n);
}

template float test::by_definition<reduction::sum>(float const*, float const*, std::size_t);
template float test::by_definition<reduction::mean>(float const*, float const*, std::size_t);
template double test::by_definition<reduction::sum>(double const*, double const*, std::size_t);
template double test::by_definition<reduction::mean>(double const*, double const*, std::size_t);
