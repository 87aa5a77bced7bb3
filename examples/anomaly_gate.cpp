// Watches a signal in a loop: an autoencoder rebuilds each window, and a loss above a threshold is an alarm.
//
// It prints latencies, and counts allocations, of which there is none after the start.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <vector>

#include <l1loss/l1loss.hpp>

std::size_t allocations = 0;
void* operator new(std::size_t size) {
    ++allocations;
    void* const p = std::malloc(size);
    return p != nullptr ? p : throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace {

constexpr std::size_t size = 1024, codes = 16, windows = 10000;
constexpr float threshold = 0.034f; // a fifth above the largest loss of windows that were known to be good
using window = std::array<float, size>;
using timer = std::chrono::steady_clock;

/// Stands for a trained network. A code is a window's product with a cosine, and the output is the cosines times their codes.
void rebuild(std::vector<window> const& cosines, window const& input, window& output) {
    output.fill(0);
    for (window const& cosine : cosines) {
        float code = 0;
        for (std::size_t i = 0; i < size; ++i) code += cosine[i] * input[i];
        for (std::size_t i = 0; i < size; ++i) output[i] += cosine[i] * code;
    }
}

/// Window t of the signal: a slow wave and noise. Every 500th has a burst, and is an anomaly.
bool read_signal(std::size_t t, window& signal) {
    bool const is_anomaly = t % 500 == 499;
    for (std::size_t i = 0; i < size; ++i) {
        float const x = float(i) / size, noise = float((i * 7919 + t * 104729) % 1009) / 1009 - 0.5f;
        signal[i] = std::sin(9 * x + float(t)) + 0.1f * noise + (is_anomaly && i / 64 == t % 16 ? std::sin(400 * x) : 0.f);
    }
    return is_anomaly;
}

void print_percentiles(char const* name, std::vector<timer::duration>& times) {
    std::ranges::sort(times);
    auto const us = [&](std::size_t k) { return std::chrono::duration<double, std::micro>(times[windows / 1000 * k]).count(); };
    std::printf("%-5s  p50 %7.3f us  p99 %7.3f us  p99.9 %7.3f us\n", name, us(500), us(990), us(999));
}

} // namespace

int main() {
    std::vector<window> cosines(codes);
    for (std::size_t k = 0; k < codes; ++k)
        for (std::size_t i = 0; i < size; ++i)
            cosines[k][i] = std::sqrt((k == 0 ? 1.f : 2.f) / size) * std::cos(3.14159265f * (float(i) + 0.5f) * float(k) / size);
    std::vector<timer::duration> whole(windows), gate(windows);
    window input, output;
    std::size_t right = 0, before = allocations;
    for (std::size_t t = 0; t < windows; ++t) {
        bool const is_anomaly = read_signal(t, input);
        auto const begin = timer::now();
        rebuild(cosines, input, output);
        auto const middle = timer::now();
        bool const is_alarm = l1loss::l1_exceeds(input, output, threshold);
        gate[t] = timer::now() - middle;
        whole[t] = timer::now() - begin;
        right += is_alarm == is_anomaly;
    }
    std::printf("%zu of %zu windows right, %zu allocations after the start\n", right, windows, allocations - before);
    print_percentiles("whole", whole);
    print_percentiles("gate", gate);
    return right == windows && allocations == before ? 0 : 1;
}
