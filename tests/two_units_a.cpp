// Tests that two translation units that include everything link to one program.
#include <l1loss/l1loss.hpp>

float other(float const* x, float const* y, std::size_t n);

int main() {
    l1loss::tensor<float, 3> const x{2, 3, 4}, y{1, 2, 3};
    return l1loss::l1_loss(x, y) == 1 && other(x.data(), y.data(), 3) == 1 ? 0 : 1;
}
