/* A consumer of the compiled library that prints the loss of the README's example. */
#include <stdio.h>

#include <l1loss/l1loss.h>

int main(void) {
    float const input[] = {2, 3, 4}, target[] = {1, 2, 3};
    printf("loss %g\n", l1loss_mean_f32(input, target, 3));
    return l1loss_mean_f32(input, target, 3) == 1 ? 0 : 1;
}
