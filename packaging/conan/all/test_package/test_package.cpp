#include <cstdio>

#include <l1loss/l1loss.hpp>

int main() {
    float const input[] = {2, 3, 4}, target[] = {1, 2, 3};
    std::printf("loss %g\n", double(l1loss::l1_loss(input, target)));
}
