// The error of an image of bytes and of 8-bit weights, computed where they lie, without a copy as floats.
#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <span>
#include <vector>

#include <l1loss/l1loss.hpp>

using l1loss::dequantized, l1loss::l1_loss, l1loss::l1_loss_rows, l1loss::reduction;

namespace {

constexpr std::size_t rows = 3, columns = 64;

/// Maps the range of x to the codes -128 to 127 and writes the code of each number. A code stands for (code - zero_point) * scale.
void quantize(std::span<float const> x, float& scale, std::int8_t& zero_point, std::int8_t* codes) {
    auto const [low, high] = std::ranges::minmax(x);
    scale = (high - low) / 255;
    zero_point = static_cast<std::int8_t>(std::lround(-128 - low / scale));
    for (float const value : x)
        *codes++ = static_cast<std::int8_t>(std::clamp(std::lround(value / scale) + zero_point, -128L, 127L));
}

void print(char const* name, std::array<float, rows> const& errors) {
    std::printf("%-28s%10.3g%10.3g%10.3g\n", name, errors[0], errors[1], errors[2]);
}

} // namespace

int main() {
    std::vector<std::uint8_t> image(480 * 640), rounded(image.size()); // to 16 shades of grey
    for (std::size_t i = 0; i < image.size(); ++i) {
        image[i] = static_cast<std::uint8_t>(7 * i);
        rounded[i] = static_cast<std::uint8_t>(7 * i / 16 * 16 + 8);
    }
    std::printf("image  mean %g  exact sum %" PRIu64 "\n\n", l1_loss(image, rounded),
                l1_loss<reduction::sum, std::uint64_t>(image, rounded));

    std::array<float, rows * columns> weights; // each row is a tenth of the row before
    for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = (float(37 * i % columns) / 32 - 0.5f) / (i < columns ? 1.0f : i < 2 * columns ? 10.0f : 100.0f);
    std::array<std::int8_t, rows * columns> codes;
    std::array<float, rows> scales, errors;
    std::array<std::int8_t, rows> zero_points;

    quantize(weights, scales[0], zero_points[0], codes.data());
    std::printf("one scale for all, mean %.3g\n", l1_loss(dequantized(codes, scales[0], zero_points[0]), weights));
    l1_loss_rows(dequantized(codes, scales[0], zero_points[0]), weights, rows, errors);
    print("one scale for all, by row", errors);

    for (std::size_t r = 0; r < rows; ++r)
        quantize(std::span(weights).subspan(r * columns, columns), scales[r], zero_points[r], &codes[r * columns]);
    l1_loss_rows(dequantized(codes, scales, zero_points), weights, rows, errors);
    print("a scale per row, by row", errors);
}
