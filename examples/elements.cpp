// The error of an image of bytes and of 8-bit weights, computed where they lie, without a copy as floats.
//
//     elements examples/data
//
// It prints
//
//     64 x 64 pixels       mean 15.6555  exact sum 64125  OpenCV 64125
//     the digit in row 6   mean 24.7344  exact sum 1583   OpenCV 1583
//
//     one scale for all, mean 0.00197
//     one scale for all, by row      0.00192   0.00192   0.00206
//     a scale per row, by row        0.00192  0.000192  1.92e-05
#include <algorithm>
#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>

#include <l1loss/l1loss.hpp>
#include <opencv2/core.hpp>

using l1loss::dequantized, l1loss::l1_loss, l1loss::l1_loss_rows, l1loss::reduction;

template <class T> struct l1loss::view_traits<cv::Mat_<T>> {
    static auto of(auto& m) { return l1loss::strided(m[0], {{m.rows, m.step1()}, {m.cols, 1}}); }
};

namespace {

/// Reads a grey image of bytes. cv::imread reads other formats too, but Debian installs 49 packages with it.
cv::Mat_<uchar> read_pgm(std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    std::string format;
    int columns = 0, rows = 0, white = 0;
    file >> format >> columns >> rows >> white;
    if (!file || format != "P5" || columns <= 0 || rows <= 0 || white != 255)
        throw std::runtime_error(path + ": expected a PGM image");
    cv::Mat_<uchar> image(rows, columns);
    if (!file.ignore().read(reinterpret_cast<char*>(image.data), std::streamsize(image.total())))
        throw std::runtime_error(path + ": ends too early");
    return image;
}

/// Prints what the library and OpenCV compute of two images, or of the same part of both. Sums of bytes are exact, so they are
/// equal.
bool compare(char const* what, cv::Mat_<uchar> const& image, cv::Mat_<uchar> const& other) {
    auto const sum = l1_loss<reduction::sum, std::uint64_t>(image, other);
    double const opencvs = cv::norm(image, other, cv::NORM_L1);
    std::printf("%-20s mean %-8g exact sum %-6" PRIu64 " OpenCV %g\n", what, l1_loss(image, other), sum, opencvs);
    return double(sum) == opencvs;
}

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

void compare_weights() {
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

} // namespace

int main(int argc, char** argv) try {
    if (argc != 2) throw std::runtime_error("usage: elements DIRECTORY");
    auto const digits = read_pgm(std::string(argv[1]) + "/digits.pgm"),
               rebuilt = read_pgm(std::string(argv[1]) + "/digits_pca16.pgm");
    bool good = compare("64 x 64 pixels", digits, rebuilt);
    cv::Rect const digit(40, 48, 8, 8); // the one with the largest error
    good &= compare("the digit in row 6", digits(digit), rebuilt(digit));
    std::puts("");
    compare_weights();
    return good ? 0 : 1;
} catch (std::exception const& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 2;
}
