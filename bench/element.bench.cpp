// Benchmarks of the mean of halves, integers and dequantised codes, against the float mean of the same numbers.
//
// Names are element/type/aligned/implementation/n.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <l1loss/element.hpp>

#include "bench.hpp"
#include "element.hpp"
#include "variant.hpp"
#include "workload.hpp"

namespace l1loss_bench {

namespace {

constexpr std::size_t longest = std::size_t{1} << 25;

std::vector<element_candidate>& candidates() {
    static std::vector<element_candidate> all;
    return all;
}

/// Writes element i, made of random bits. Returns its value. Values are multiples of 2^-24, so every sum is exact in double.
using element_writer = float (*)(void* elements, std::size_t i, std::uint64_t bits);

template <class T> float write_integer(void* elements, std::size_t i, std::uint64_t bits) {
    return static_cast<T*>(elements)[i] = T(bits);
}
/// In [0, 1), with all digits of T.
template <class T, int digits> float write_fraction(void* elements, std::size_t i, std::uint64_t bits) {
    return static_cast<T*>(elements)[i] = T(float(bits >> (64 - digits)) / float(1 << digits));
}
float write_code(void* elements, std::size_t i, std::uint64_t bits) {
    return (write_integer<std::int8_t>(elements, i, bits) - float(zero_point)) * scale;
}

struct element_type {
    elements of;
    char const* name;
    std::size_t bytes; // of an element of the input and one of the target
    element_writer input, target;
};
template <class T> constexpr element_type integers(elements of, char const* name) {
    return {of, name, 2 * sizeof(T), &write_integer<T>, &write_integer<T>};
}
template <class T, int digits> constexpr element_type fractions(elements of, char const* name) {
    return {of, name, 2 * sizeof(T), &write_fraction<T, digits>, &write_fraction<T, digits>};
}
constexpr element_type types[] = {
    integers<std::uint8_t>(elements::u8, "u8"),
    integers<std::int8_t>(elements::i8, "i8"),
    integers<std::uint16_t>(elements::u16, "u16"),
    integers<std::int16_t>(elements::i16, "i16"),
    fractions<l1loss::float16_t, 11>(elements::half, "half"),
    fractions<l1loss::bfloat16_t, 8>(elements::bfloat16, "bfloat16"),
    {elements::dequantized, "dequantized", 1 + sizeof(float), &write_code, &write_fraction<float, 24>},
};

/// Input and target as elements and as floats, in the same memory for every implementation. Each begins at a cache line, whole
/// pages after the one before. The 37 Ki floats keep them off a power of two, as in workload.hpp.
class memory {
public:
    float *float_input = begin(), *float_target = float_input + distance;
    void *input = float_target + distance, *target = float_target + 2 * distance;

    /// Makes the first n elements, unless they are there.
    void fill(element_type const& type, std::size_t n) {
        if (type.of != of_) of_ = type.of, filled_ = summed_ = 0, sum_ = 0;
        for (; filled_ < n; ++filled_) {
            float_input[filled_] = type.input(input, filled_, split_mix(2 * filled_));
            float_target[filled_] = type.target(target, filled_, split_mix(2 * filled_ + 1));
        }
    }

    double exact_sum(std::size_t n) {
        if (n < summed_) summed_ = 0, sum_ = 0;
        for (; summed_ < n; ++summed_) sum_ += std::abs(double(float_input[summed_]) - float_target[summed_]);
        return sum_;
    }

    /// The bits of the first n floats, XORed, as a number below two.
    double exact_bits(std::size_t n) const {
        std::uint32_t any = 0;
        for (std::size_t i = 0; i < n; ++i)
            any ^= std::bit_cast<std::uint32_t>(float_input[i]) ^ std::bit_cast<std::uint32_t>(float_target[i]);
        return double(std::bit_cast<float>(any & below_two<std::uint32_t>));
    }

private:
    static constexpr std::size_t distance = longest + 37 * 1024;

    /// It lives as long as the program. Pages come as they are filled.
    static float* begin() {
        void* const p = std::aligned_alloc(64, 4 * distance * sizeof(float));
        if (!p) throw std::bad_alloc();
        return static_cast<float*>(p);
    }

    elements of_{};
    std::size_t filled_ = 0, summed_ = 0;
    double sum_ = 0; // of the first summed_ differences
};

void run(benchmark::State& state, element_candidate const& c, element_type const& type) {
    static memory all;
    auto const n = std::size_t(state.range(0));
    all.fill(type, n);
    double const result = c.reads_floats ? c.loop(state, all.float_input, all.float_target, n) //
                                         : c.loop(state, all.input, all.target, n);
    double const error = c.expected != answer::bits ? error_in_u(result, (long double)all.exact_sum(n) / (long double)n)
                         : result == all.exact_bits(n * type.bytes / (2 * sizeof(float))) ? 0
                                                                                          : INFINITY;
    if (!(error <= double(n) + 2) && c.expected != answer::rounded_loss) state.SkipWithError("the result is not the loss");
    state.counters["u"] = error;
    std::size_t const bytes = c.reads_floats && c.expected != answer::bits ? 2 * sizeof(float) : type.bytes;
    state.SetBytesProcessed(std::int64_t(state.iterations()) * std::int64_t(n * bytes));
}

} // namespace

void enter(element_candidate const& c) { candidates().push_back(c); }

/// Lengths around registers, then powers of two from the first level of cache to memory.
void register_element() {
    for (element_type const& type : types)
        for (std::size_t n : {1, 4, 7, 8, 15, 16, 31, 32, 48, 64, 256, 1024, 2048, 4096, 16384, 1 << 20, 1 << 24, 1 << 25})
            for (element_candidate const& c : candidates()) {
                if (c.of != type.of || (c.expected == answer::bits && n < 256)) continue; // below, a call is more than its loads
                benchmark::RegisterBenchmark((std::string("element/") + type.name + "/aligned/" + c.implementation).c_str(),
                                             [&c, &type](benchmark::State& state) { run(state, c, type); })
                    ->Arg(std::int64_t(n));
            }
}

} // namespace l1loss_bench
