// Runs a fuzz target without libFuzzer: TARGET SECONDS SEED [FILE…] tries the files, and then random bytes for some seconds.
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t n);
// So a finding of a sanitizer ends with the signal that is handled below.
extern "C" char const* __asan_default_options() { return "abort_on_error=1"; }
extern "C" char const* __ubsan_default_options() { return "abort_on_error=1:print_stacktrace=1"; }

namespace {

std::vector<std::uint8_t> input;

void print_input(int) {
    std::fprintf(stderr, "input:");
    for (unsigned const byte : input) std::fprintf(stderr, " %02x", byte);
    std::fprintf(stderr, "\n");
    std::_Exit(1);
}

} // namespace

int main(int number, char** arguments) {
    std::signal(SIGABRT, print_input);
    for (int k = 3; k < number; ++k) {
        std::ifstream file(arguments[k], std::ios::binary);
        input.assign(std::istreambuf_iterator<char>(file), {});
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::mt19937 random(static_cast<unsigned>(std::atoi(arguments[2])));
    auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(std::atoi(arguments[1]));
    std::size_t runs = 0;
    for (; std::chrono::steady_clock::now() < end; ++runs) {
        input.resize(random() % 128);
        for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(random());
        LLVMFuzzerTestOneInput(input.data(), input.size());
    }
    std::printf("%d files and %zu random inputs\n", number - 3, runs);
}
