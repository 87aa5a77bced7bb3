// A program of two units with different flags. It calls the one that every CPU can run.
#include <cstddef>
#include <vector>

double for_any_cpu(float* x, float* y, unsigned char* mask, float* out, std::size_t n);

int main() {
    std::vector<float> x(2000, 3), y(2000, 1), out(4000);
    std::vector<unsigned char> mask(2000, 1);
    return for_any_cpu(x.data(), y.data(), mask.data(), out.data(), 2000) > 0 ? 0 : 1;
}
