// mpirun -n RANKS mpi_loss INPUT.npy TARGET.npy prints the mean and the sum of the losses of two NumPy files of floats.
//
// Each rank maps its own part of the files, so no rank reads all. The result has the bits of one call on one machine. Rank 0 shows
// a progress bar on stderr.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <fstream>
#include <regex>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <l1loss/mpi.hpp>

namespace {

[[noreturn]] void reject(std::string const& path, std::string const& why) { throw std::runtime_error(path + ": " + why); }

/// What the header of an .npy file says: where the floats begin, and how many there are.
struct npy_header {
    std::size_t begin, size;

    explicit npy_header(std::string const& path) {
        std::ifstream stream(path, std::ios::binary);
        std::string start(10, '\0'), text;
        if (!stream) reject(path, std::generic_category().message(errno));
        stream.read(start.data(), 10);
        if (start.substr(0, 7) != "\x93NUMPY\1") reject(path, "no NPY file of version 1");
        begin = 10 + static_cast<unsigned char>(start[8]) + 256u * static_cast<unsigned char>(start[9]);
        text.resize(begin - 10);
        stream.read(text.data(), std::streamsize(text.size()));
        std::smatch match;
        std::regex const header(R"(\{'descr': '<f4', 'fortran_order': False, 'shape': \(([0-9, ]*)\), \} *\n)");
        if (!stream || !std::regex_match(text, match, header)) reject(path, "expected little-endian float32 in C order");
        std::string const shape = match[1];
        std::size_t bytes = sizeof(float);
        std::regex const number("[0-9]+");
        for (std::sregex_iterator at(shape.begin(), shape.end(), number), end; at != end; ++at)
            if (__builtin_mul_overflow(bytes, std::stoull(at->str()), &bytes)) reject(path, "its shape is too large");
        size = bytes / sizeof(float);
    }
};

/// The floats [first, last) of a file, mapped into memory.
class mapped_floats {
    void* base_ = nullptr;
    std::size_t bytes_ = 0, skip_ = 0, size_;

public:
    mapped_floats(std::string const& path, npy_header const& header, std::size_t first, std::size_t last) : size_(last - first) {
        int const file = open(path.c_str(), O_RDONLY);
        struct stat status{};
        if (file < 0 || fstat(file, &status) != 0) reject(path, std::generic_category().message(errno));
        if (std::size_t(status.st_size) != header.begin + header.size * sizeof(float))
            reject(path, "has not the size of its shape");
        std::size_t const from = header.begin + first * sizeof(float);
        skip_ = from % std::size_t(sysconf(_SC_PAGESIZE));
        bytes_ = skip_ + size_ * sizeof(float);
        if (size_ != 0) base_ = mmap(nullptr, bytes_, PROT_READ, MAP_PRIVATE, file, off_t(from - skip_));
        if (base_ == MAP_FAILED) reject(path, std::generic_category().message(errno));
        close(file);
    }
    mapped_floats(mapped_floats const&) = delete;
    ~mapped_floats() {
        if (base_ != nullptr) munmap(base_, bytes_);
    }
    float const* data() const { return reinterpret_cast<float const*>(static_cast<std::byte const*>(base_) + skip_); }
    std::size_t size() const { return size_; }
};

void show_progress(std::size_t done, std::size_t all) {
    std::size_t const width = 40, filled = all == 0 ? width : done * width / all;
    std::fprintf(stderr, "\r[%s%s] %3zu%%%s", std::string(filled, '#').c_str(), std::string(width - filled, '.').c_str(),
                 all == 0 ? 100 : done * 100 / all, done == all ? "\n" : "");
}

} // namespace

int main(int argc, char** argv) {
    MPI_Init(&argc, &argv);
    int rank = 0, ranks = 1;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    try {
        if (argc != 3) throw std::runtime_error("usage: mpirun -n RANKS mpi_loss INPUT.npy TARGET.npy");
        npy_header const of_input(argv[1]), of_target(argv[2]);
        if (of_target.size != of_input.size) reject(argv[2], "has not as many elements as " + std::string(argv[1]));
        std::size_t const n = of_input.size, share = n / std::size_t(ranks), r = std::size_t(rank);
        std::size_t const first = r * share, last = rank + 1 == ranks ? n : first + share;
        mapped_floats const input(argv[1], of_input, first, last), target(argv[2], of_target, first, last);

        l1loss::l1_accumulator<float> part(first);
        std::size_t const chunk = std::size_t{1} << 20;
        for (std::size_t i = 0; i < input.size(); i += chunk) {
            if (rank == 0) show_progress(i, input.size());
            part.update(input.data() + i, target.data() + i, std::min(chunk, input.size() - i));
        }
        if (rank == 0) show_progress(input.size(), input.size());
        auto const all = l1loss::reduce(MPI_COMM_WORLD, part);
        if (rank == 0) std::printf("mean %.9g  sum %.9g  of %zu elements on %d ranks\n", all.mean(), all.sum(), all.count(), ranks);
    } catch (std::exception const& error) {
        std::fprintf(stderr, "mpi_loss: rank %d: %s\n", rank, error.what());
        MPI_Abort(MPI_COMM_WORLD, 2);
    }
    MPI_Finalize();
}
