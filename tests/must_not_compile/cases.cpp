// Calls that must not compile, one per CASE, and CASE 0 as the control that must.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <l1loss/l1loss.hpp>

using l1loss::l1_loss;
using l1loss::reduction;
using l1loss::tensor;

auto call() {
    [[maybe_unused]] tensor<float, 3, 5> const a{}, b{};
#if CASE == 0
    return l1_loss(a, b);
#elif CASE == 1
    return l1_loss(tensor<float, 15>{}, tensor<float, 16>{});
#elif CASE == 2
    return l1_loss(a, tensor<float, 5, 3>{});
#elif CASE == 3
    return l1_loss(std::array<float, 16>{}, a);
#elif CASE == 4
    std::array<float, 15> x{};
    std::array<float, 16> const y{};
    return l1_loss(std::span<float, 15>(x), std::span<float const, 16>(y));
#elif CASE == 5
    return l1_loss<reduction::none>(std::vector<float>(3), std::vector<float>(3));
#elif CASE == 6
    return l1_loss(std::vector<bool>(3), std::vector<float>(3));
#elif CASE == 7
    return l1_loss<reduction::mean, float>(std::vector<double>(3), std::vector<float>(3));
#elif CASE == 8
    constexpr l1loss::reduction r = l1loss::parse_reduction("average");
    return r;
#elif CASE == 9
    tensor<float, 5, 3> out{};
    return l1_loss<reduction::none>(a, b, out);
#elif CASE == 10
    return l1_loss(a, b, l1loss::where(std::vector<bool>(15)));
#elif CASE == 11
    return l1_loss(a, b, l1loss::weights(a), l1loss::weights(b));
#elif CASE == 12
    return l1_loss(a, b, l1loss::grad_output(2));
#elif CASE == 13
    return l1_loss(a, b, l1loss::where(a));
#elif CASE == 14
    return l1_loss(tensor<float, 2, 3>{}, tensor<float, 2, 3>{}, l1loss::weights(tensor<float, 3, 2>{}));
#elif CASE == 15
    float out[15];
    l1loss::l1_loss_backward<reduction::none>(a, b, out, l1loss::grad_output(std::vector<double>(15)));
#elif CASE == 16
    struct matrix : std::vector<float> { // its shape must not be ignored
        int rows() const { return 3; }
        int cols() const { return 5; }
    } const m{};
    return l1_loss(m, m);
#elif CASE == 17
    std::array<signed char, 3> const integers{};
    float out[3];
    l1loss::l1_loss_backward(integers, integers, out);
#elif CASE == 18
    return l1_loss<reduction::mean, std::uint64_t>(std::vector<short>(3), std::vector<short>(3));
#elif CASE == 19
    l1loss::l1_accumulator<float>{}.update(std::vector<short>(3), std::vector<short>(3));
#elif CASE == 20
    return l1_loss(l1loss::dequantized(std::vector<short>(3), 0.5f, 2.5f), std::vector<float>(3));
#elif CASE == 21
    return l1_loss(l1loss::dequantized(std::vector<short>(3), std::vector<float>(3)), std::vector<float>(3));
#elif CASE == 22
    std::vector<signed char> const integers(3);
    l1_loss<reduction::none>(integers, integers, std::vector<unsigned char>(3), l1loss::weights(std::vector<float>(3)));
#elif CASE == 23
    std::vector<float> const x(3);
    l1loss::l1_loss_rows(x, x, 3, std::vector<float>(3), l1loss::weights(l1loss::dequantized(std::vector<short>(3), x)));
#elif CASE == 24
    std::vector<float> x(3);
    l1loss::l1_loss_rows(l1loss::dequantized(std::vector<short>(3), 0.5f, std::vector<int>(3)), x, 3, std::vector<float>(3));
#elif CASE == 25
    std::vector<short> const q(3);
    return l1_loss(l1loss::dequantized(l1loss::dequantized(q, 0.5f), 0.5f), std::vector<float>(3));
#elif CASE == 26
    return l1_loss(a, b, l1loss::where(l1loss::dequantized(std::array<signed char, 15>{}, 0.5f)));
#elif CASE == 27
    return l1_loss(l1loss::dequantized(std::array<signed char, 16>{}, 0.5f), a);
#elif CASE == 28
    return l1loss::l1_exceeds(a, b, 0.5f, l1loss::weights(a));
#endif
}
