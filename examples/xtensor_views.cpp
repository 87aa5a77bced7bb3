// Losses of xtensor's views as they are: a range, every second element, a transpose, a plane of three dimensions.
//
// Each loss is printed with what xtensor computes. The elements are small integers, so both must be equal.
#include <cstdio>
#include <numeric>

#include <l1loss/l1loss.hpp>
#if __has_include(<xtensor/views/xview.hpp>) // since xtensor 0.26
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/misc/xmanipulation.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xbuilder.hpp>
#include <xtensor/xmanipulation.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif

using l1loss::l1_loss, l1loss::reduction;
using xt::all, xt::range, xt::view;

namespace {

template <class X, class Y> bool same(char const* what, X const& x, Y const& y) {
    float const ours = l1_loss<reduction::sum>(x, y);
    float const xtensors = xt::sum<float>(xt::abs(x - y))();
    std::printf("%-32s%12.9g  xtensor %.9g\n", what, ours, xtensors);
    return ours == xtensors;
}

} // namespace

int main() {
    xt::xtensor<float, 3> x = xt::zeros<float>({8, 60, 90});
    std::iota(x.begin(), x.end(), 0.f);
    xt::xtensor<float, 3> y = xt::fmod(7 * x, 29);
    x = xt::fmod(11 * x, 31);
    auto const page = view(x, 3, all(), all()), other = view(y, 5, all(), all());

    bool good = same("a page against a page", page, other);
    good &= same("ranges", view(page, range(5, 45), range(10, 80)), view(other, range(0, 40), range(20, 90)));
    good &= same("every second column", view(x, all(), all(), range(0, 90, 2)), view(y, all(), all(), range(1, 90, 2)));
    good &= same("transposed", xt::transpose(x, {2, 0, 1}), xt::transpose(y, {2, 0, 1}));

    xt::xtensor<float, 2> const turned = xt::transpose(view(x, 0, all(), all())); // a copy in memory
    good &= same("transposed against a copy", turned, xt::transpose(view(y, 0, all(), all())));
    return good ? 0 : 1;
}
