// A consumer of the headers that prints the loss of the README's example.
#include <cstdio>

#if defined(L1LOSS_SINGLE)
#include "l1loss_single.hpp"
#else
#include <l1loss/l1loss.hpp>
#endif
#if defined(L1LOSS_WITH_DISPATCH)
#include <l1loss/dispatch.hpp>
#endif

int main() {
    constexpr l1loss::tensor<float, 3> input{2, 3, 4}, target{1, 2, 3};
    static_assert(l1loss::l1_loss(input, target) == 1);
#if defined(__AVX__) || defined(__FAST_MATH__)
#error "a compile flag of the library has reached its consumer"
#endif
#if defined(L1LOSS_WITH_DISPATCH)
    if (l1loss::dispatch::l1_loss(input, target) != 1) return 1;
#endif
    std::printf("loss %g\n", double(l1loss::l1_loss(input.data(), target.data(), input.size())));
}
