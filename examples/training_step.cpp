// Fits a line to 64 measurements by the gradient of their weighted mean absolute error.
//
// Half of the measurements count double, some are missing, and some are invalid, which a mask says. The test expects the numbers of
// NumPy for the same steps.
#include <cstddef>
#include <cstdio>
#include <limits>
#include <vector>

#include <l1loss/l1loss.hpp>

int main() {
    constexpr std::size_t n = 64;
    std::vector<float> x(n), measured(n), weight(n), predicted(n), gradient(n);
    std::vector<unsigned char> valid(n);
    for (std::size_t i = 0; i < n; ++i) {
        x[i] = static_cast<float>(i) / 32;
        measured[i] = 2 * x[i] + 1 + (static_cast<float>(i * 7 % 11) - 5) / 64; // the line to find, and noise around it
        weight[i] = i % 2 == 0 ? 2.f : 1.f;
        valid[i] = i % 9 != 4;
        if (!valid[i]) measured[i] = 1000;
        if (i % 13 == 5) measured[i] = std::numeric_limits<float>::quiet_NaN();
    }

    float slope = 0, offset = 0, rate = 0.5f, previous = std::numeric_limits<float>::infinity();
    for (int step = 0; step <= 80; ++step, rate *= 0.95f) {
        for (std::size_t i = 0; i < n; ++i) predicted[i] = slope * x[i] + offset;
        std::size_t counted = 0;
        float const loss = l1loss::l1_loss_with_gradient(predicted, measured, gradient, l1loss::weights(weight),
                                                         l1loss::where(valid), l1loss::skip_nan, l1loss::count(counted));
        if (step % 20 == 0) {
            std::printf("step %2d  loss %.4f of %zu  y = %.3f x + %.3f\n", step, loss, counted, slope, offset);
            if (!(loss < previous)) return 1;
            previous = loss;
        }
        for (std::size_t i = 0; i < n; ++i) { // chain rule: gradient[i] is with respect to predicted[i]
            slope -= rate * gradient[i] * x[i];
            offset -= rate * gradient[i];
        }
    }
}
