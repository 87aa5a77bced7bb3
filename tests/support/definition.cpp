// Compiles the definition of the order for run time: see definition.hpp.
#include "definition.hpp"

#include <l1loss/loss.hpp>

#include "archs.hpp"

using l1loss::reduction;

template <reduction R, class T> T test::by_definition(T const* x, T const* y, std::size_t n) {
    return l1loss::l1_loss<R, void, test::no_registers>(x, y, n);
}

template float test::by_definition<reduction::sum>(float const*, float const*, std::size_t);
template float test::by_definition<reduction::mean>(float const*, float const*, std::size_t);
template double test::by_definition<reduction::sum>(double const*, double const*, std::size_t);
template double test::by_definition<reduction::mean>(double const*, double const*, std::size_t);
