// Fuzzes examples/npy_loss.cpp with two files that the bytes hold.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <new>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

extern "C" int npy_loss_main(int, char**); // its main, renamed

// A header may announce more than there is memory. A sanitizer ends the program then, and does not throw.
void* operator new(std::size_t n) {
    void* const p = n < std::size_t{1} << 28 ? std::malloc(n) : nullptr;
    return p != nullptr ? p : throw std::bad_alloc();
}
void* operator new[](std::size_t n) { return operator new(n); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }

namespace {

/// A file in memory.
class file {
    int const descriptor_ = memfd_create("npy", 0);

public:
    file(std::uint8_t const* bytes, std::size_t n) {
        if (write(descriptor_, bytes, n) != ssize_t(n)) std::abort();
    }
    file(file const&) = delete;
    ~file() { close(descriptor_); }
    std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }
};

} // namespace

/// The first two bytes choose the reduction, and where the second file begins. It may be the first once more.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t n) {
    if (n < 2) return 0;
    std::cout.rdbuf(nullptr);
    std::cerr.rdbuf(nullptr);
    bool const is_same = bytes[1] % 2 == 0, is_sum = bytes[1] % 4 < 2;
    std::uint8_t const *const first = bytes + 2, *const end = bytes + n;
    std::uint8_t const* const middle = is_same ? end : first + bytes[0] * (n - 2) / 256;
    file const x(first, std::size_t(middle - first)), y(is_same ? first : middle, std::size_t(end - (is_same ? first : middle)));
    file const out(bytes, 0);
    std::string words[] = {"npy_loss", x.path(), y.path(), is_sum ? "--reduction=sum" : "--reduction=none",
                           "--output=" + out.path()};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), words[4].data(), nullptr};
    int const status = npy_loss_main(is_sum ? 4 : 5, arguments);
    if (status != 0 && status != 2) std::abort();
    return 0;
}
