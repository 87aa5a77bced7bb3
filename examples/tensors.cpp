// Losses of two 3 x 5 tensors as constants, as fixed shapes, and as vectors of run-time length.
//
// All three give the same bits. PyTorch's results are within the error bound.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <l1loss/l1loss.hpp>

using l1loss::l1_loss, l1loss::reduction, l1loss::tensor;

namespace {

constexpr tensor<float, 3, 5> input{
    0.3367f,  0.1288f, 0.2345f,  0.2303f,  -1.1229f, //
    -0.1863f, 2.2082f, -0.6380f, 0.4617f,  0.2674f,  //
    0.5349f,  0.8094f, 1.1103f,  -1.6898f, -0.9890f,
};
constexpr tensor<float, 3, 5> target{
    0.9580f, 1.3221f, 0.8172f,  -0.7658f, -0.7506f, //
    1.3525f, 0.6863f, -0.3278f, 0.7950f,  0.2815f,  //
    0.0562f, 0.5227f, -0.2384f, -0.0499f, 0.5263f,
};
constexpr auto none = l1_loss<reduction::none>(input, target);
constexpr float sum = l1_loss<reduction::sum>(input, target);
constexpr float mean = l1_loss(input, target);
static_assert(mean == 0.8502199649810791f);

// torch.nn.functional.l1_loss of the same tensors, by PyTorch 1.13.0a0 of Debian 12. It is the same with AVX2 and without.
constexpr tensor<float, 3, 5> torch_none{
    0.621299982f, 1.19330001f, 0.582700014f, 0.996100008f, 0.372300029f,  //
    1.5388f,      1.52189994f, 0.310200006f, 0.333300024f, 0.0141000152f, //
    0.478700012f, 0.28670001f, 1.34869993f,  1.63989997f,  1.51530004f,
};
constexpr float torch_sum = 12.753300666809082f;
constexpr float torch_mean = 0.8502200245857239f;
static_assert(none == torch_none); // IEEE 754 rounds each difference once, in every library

constexpr tensor<float, 3> a{2, 3, 4};
constexpr tensor<float, 3> b{1, 2, 3};
static_assert(l1_loss<reduction::none>(a, b) == tensor<float, 3>{1, 1, 1});
static_assert(l1_loss<reduction::sum>(a, b) == 3);
static_assert(l1_loss(a, b) == 1);

void print(char const* name, std::span<float const> row) {
    std::printf("%-4s", name);
    for (float const x : row) std::printf("%14.9g", x);
    std::printf("\n");
}

bool close_to_torch(reduction r, float ours, float torch) {
    int const ulps = std::bit_cast<std::int32_t>(ours) - std::bit_cast<std::int32_t>(torch);
    std::printf("%-4s%14.9g  PyTorch %.9g, %+d ulp\n", std::string(to_string(r)).c_str(), ours, torch, ulps);
    return std::abs(ours - torch) <= l1loss::relative_error_bound<float>(input.size(), r) * torch;
}

/// Whether the loss of x against y has the bits of the constants above. `out` has room for one result per element.
template <class X> bool same_as_constants(X const& x, X const& y, X out) {
    auto const same = [](float p, float q) { return std::bit_cast<std::uint32_t>(p) == std::bit_cast<std::uint32_t>(q); };
    l1_loss<reduction::none>(x, y, out);
    return same(l1_loss(x, y), mean) && same(l1_loss<reduction::sum>(x, y), sum) && std::ranges::equal(out, none, same);
}

} // namespace

int main() {
    for (std::size_t i = 0; i < 3; ++i) print(i == 0 ? "none" : "", {&none(i, 0), 5});
    bool const sum_close = close_to_torch(reduction::sum, sum, torch_sum);
    bool const mean_close = close_to_torch(reduction::mean, mean, torch_mean);

    std::vector<float> const x(input.begin(), input.end());
    std::vector<float> const y(target.begin(), target.end());
    bool const fixed_same = same_as_constants(input, target, {});
    bool const run_time_same = same_as_constants(x, y, std::vector<float>(x.size()));
    std::printf("compile time and fixed shape: %s bits\n", fixed_same ? "the same" : "DIFFERENT");
    std::printf("compile time and run-time length: %s bits\n", run_time_same ? "the same" : "DIFFERENT");

    std::puts("\n[2, 3, 4] against [1, 2, 3]");
    print("none", l1_loss<reduction::none>(a, b));
    std::printf("sum %14g\nmean%14g\n", l1_loss<reduction::sum>(a, b), l1_loss(a, b));
    return sum_close && mean_close && fixed_same && run_time_same ? 0 : 1;
}
