// streaming_metric INPUT TARGET [SKIP] prints the mean and the sum of the losses of two files of floats, of any length.
//
// It holds 64 KiB of each at a time. SKIP is the number of bytes before the first float, such as the 128 of most .npy files. The
// result has the bits of one call on the whole files. A progress bar goes to stderr.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <l1loss/l1loss.hpp>

namespace {

class float_file {
    std::ifstream stream_;
    std::vector<float> chunk_ = std::vector<float>(16384);
    std::string path_;

public:
    float_file(std::string const& path, std::size_t skip) : stream_(path, std::ios::binary), path_(path) {
        if (!stream_.seekg(std::streamoff(skip))) throw std::runtime_error(path + ": not readable");
    }
    /// The next floats: `limit` of them, or as many as there is room for.
    std::span<float const> next(std::size_t limit) {
        std::size_t const n = std::min(limit, chunk_.size());
        if (!stream_.read(reinterpret_cast<char*>(chunk_.data()), std::streamsize(n * sizeof(float))))
            throw std::runtime_error(path_ + ": ends too early");
        return {chunk_.data(), n};
    }
};

void show_progress(std::size_t done, std::size_t all) {
    std::size_t const width = 40, filled = all == 0 ? width : done * width / all;
    std::fprintf(stderr, "\r[%s%s] %3zu%%", std::string(filled, '#').c_str(), std::string(width - filled, '.').c_str(),
                 all == 0 ? 100 : done * 100 / all);
}

} // namespace

int main(int argc, char** argv) try {
    if (argc < 3 || argc > 4) throw std::runtime_error("usage: streaming_metric INPUT TARGET [SKIP]");
    std::size_t const skip = argc == 4 ? std::stoull(argv[3]) : 0, bytes = std::filesystem::file_size(argv[1]);
    if (std::filesystem::file_size(argv[2]) != bytes || bytes < skip || (bytes - skip) % sizeof(float) != 0)
        throw std::runtime_error(std::string(argv[2]) + ": expected the size of " + argv[1] + ", SKIP bytes and whole floats");

    float_file input(argv[1], skip), target(argv[2], skip);
    l1loss::l1_accumulator<float> loss;
    std::size_t const n = (bytes - skip) / sizeof(float);
    while (loss.last_index() < n) {
        auto const x = input.next(n - loss.last_index());
        loss.update(x, target.next(x.size()));
        show_progress(loss.last_index(), n);
    }
    std::fprintf(stderr, "\n");
    std::printf("mean %.9g  sum %.9g  of %zu elements\n", loss.mean(), loss.sum(), loss.count());
} catch (std::exception const& error) {
    std::fprintf(stderr, "streaming_metric: %s\n", error.what());
    return 2;
}
