// Losses of images with padded rows, as in a region of a cv::Mat, read where they are.
//
// The library reads any view with the interface of std::mdspan, and a few lines give a cv::Mat that interface. Each loss is printed
// with what OpenCV computes. The elements are whole numbers, so both must be equal.
#include <cstddef>
#include <cstdio>

#include <l1loss/l1loss.hpp>
#include <opencv2/core.hpp>

using l1loss::l1_loss, l1loss::reduction;

namespace {

template <class T> struct pixels { // rows x columns x channels
    cv::Mat const& mat;
    T const* data_handle() const { return mat.ptr<T>(); }
    static constexpr std::size_t rank() { return 3; }
    int extent(std::size_t r) const { return r < 2 ? mat.size[static_cast<int>(r)] : mat.channels(); }
    std::size_t stride(std::size_t r) const { return r < 2 ? mat.step1(static_cast<int>(r)) : 1; } // in elements, not in bytes
};

bool same(char const* what, double ours, double opencvs) {
    std::printf("%-24s%12.9g  OpenCV %.9g\n", what, ours, opencvs);
    return ours == opencvs;
}

cv::Mat random_image() {
    cv::Mat bytes(480, 640, CV_8UC3), image;
    cv::randu(bytes, 0, 256);
    bytes.convertTo(image, CV_32F);
    return image;
}

} // namespace

int main() {
    cv::Mat const x = random_image(), y = random_image();
    cv::Mat const a = x(cv::Rect(17, 9, 200, 100)), b = y(cv::Rect(300, 100, 200, 100));
    std::printf("%d x %d pixels, a row of %d elements every %zu\n", a.rows, a.cols, a.cols * a.channels(), a.step1());
    pixels<float> const input{a}, target{b};
    bool good = same("sum", l1_loss<reduction::sum>(input, target), cv::norm(a, b, cv::NORM_L1));

    cv::Mat const mask = cv::Mat::eye(480, 640, CV_8U)(cv::Rect(40, 40, 200, 100)); // one element per pixel, for all channels
    good &= same("sum where a mask is set",
                 l1_loss<reduction::sum>(input, target, l1loss::where(l1loss::broadcast(pixels<uchar>{mask}))),
                 cv::norm(a, b, cv::NORM_L1, mask));
    return good ? 0 : 1;
}
