// Prints the digest of all results: a hash for each function and type, and one of all hashes.
//
//     digest finite|special [ENVIRONMENT]
//
// `finite` is what no compiler flag may change. `special` has NaN, infinities, subnormal numbers and means of nothing, which
// -ffast-math does not promise. NumPy computes the same numbers in golden/make_digest.py, and golden/digest.txt keeps them.
// ENVIRONMENT is what the calls run in: see environment.hpp.
#include <algorithm>
#include <cstdio>
#include <string_view>

#include "digest.hpp"
#include "environment.hpp"

namespace {

struct size {
    std::size_t rows, columns;
};

/// Every length from `least` to 200, then lengths around the units of the order.
std::vector<size> lengths(std::size_t least) {
    std::vector<size> all;
    for (std::size_t n = least; n <= 200; ++n) all.push_back({1, n});
    for (std::size_t unit : {256u, 320u, 384u, 448u, 512u, 576u, 768u, 1024u, 1536u, 2048u, 4096u, 5120u})
        for (std::size_t n : {unit - 1, unit, unit + 1, unit + 37}) all.push_back({1, n});
    return all;
}
constexpr size matrices[] = {{1, 1},   {3, 5},   {7, 1},    {5, 64},   {3, 65},   {40, 33}, {65, 8},
                             {2, 600}, {130, 3}, {300, 21}, {20, 130}, {1100, 5}, {9, 100}};
constexpr std::size_t most = 6400; // elements of a call, at most

/// How many elements after a cache line input and target begin.
struct offset {
    std::size_t input, target;
};
constexpr offset offsets[] = {{0, 0}, {1, 3}, {4, 4}, {15, 6}};

enum class kind { uniform, wide, near, zeros, special, subnormal, huge };
constexpr kind finite_kinds[] = {kind::uniform, kind::wide, kind::near, kind::zeros};
constexpr kind special_kinds[] = {kind::special, kind::subnormal, kind::huge};

/// Element i of the input (which = 0) or the target (1).
template <class T> T element(kind k, unsigned which, std::size_t i) {
    using limits = std::numeric_limits<T>;
    using test::distribution;
    if (k <= kind::near) return test::element<T>(static_cast<distribution>(k), which, i);
    if (k == kind::subnormal) // half are subnormal, half the smallest normal numbers
        return std::bit_cast<T>(static_cast<test::bits_of<T>>(test::split_mix(10 + which, i) >> (64 - limits::digits)));
    T const x = test::element<T>(distribution::wide, which, i);
    if (k == kind::huge) return x * test::power_of_two<T>(limits::max_exponent - 23); // the sum of a few of these overflows
    if (which == 1 && i % 5 == 1) return element<T>(k, 0, i);
    if (k == kind::zeros) return i % 7 == 3 + which ? T(0) : i % 7 == 4 - which ? -T(0) : x;
    T const values[] = {0, -T(0), limits::quiet_NaN(), limits::infinity(), -limits::infinity(), limits::denorm_min(), 1};
    return i % (3 + which) == 0 ? values[test::split_mix(12 + which, i) % 7] : x;
}

/// An array that begins `begin` elements after a cache line.
template <class T> class array {
public:
    template <class F> array(std::size_t begin, F f) : memory_(most + 128 / sizeof(T)) {
        first_ =
            memory_.data() + (64 - reinterpret_cast<std::uintptr_t>(memory_.data()) % 64) / sizeof(T) + begin % (64 / sizeof(T));
        for (std::size_t i = 0; i < most; ++i) first_[i] = f(i);
    }
    T* data() { return first_; }

private:
    std::vector<T> memory_;
    T* first_;
};

/// The arrays of one kind at one offset, and all calls of a function on them.
template <class T> class calls {
public:
    calls(kind k, offset at)
        : input_(at.input, [=](std::size_t i) { return element<T>(k, 0, i); }),
          target_(at.target, [=](std::size_t i) { return element<T>(k, 1, i); }),
          float_target_(at.target, [=](std::size_t i) { return static_cast<float>(element<T>(k, 1, i)); }),
          weights_(at.target, [](std::size_t i) { return test::element<T>(test::distribution::uniform, 0, i); }),
          scale_(at.input, [](std::size_t i) { return test::element<T>(test::distribution::wide, 0, i); }),
          mask_(at.input, [](std::size_t i) { return byte(i); }), is_finite_(k <= kind::zeros) {}

    void run(digest::function<T> const& f, digest::hash& out) {
        if (f.takes == digest::shape::fixed) call(f, {1, most}, out);
        if (f.takes == digest::shape::vector)
            for (size const s : lengths(is_finite_ ? 1 : 0)) call(f, s, out);
        if (f.takes == digest::shape::matrix)
            for (size const s : matrices) call(f, s, out);
    }

private:
    static unsigned char byte(std::size_t i) {
        std::uint64_t const z = test::split_mix(5, i);
        return z % 4 == 0 ? 0 : static_cast<unsigned char>(z >> 8 | 1);
    }
    /// Sets the mask at the first element of each row and column, so that no mean is over nothing.
    void call(digest::function<T> const& f, size s, digest::hash& out) {
        for (std::size_t r = 1; r < s.rows; ++r) mask_.data()[r * s.columns] = 1;
        for (std::size_t c = 0; c < (s.rows == 1 ? 1 : s.columns); ++c) mask_.data()[c] = 1;
        f.run(
            {input_.data(), target_.data(), weights_.data(), scale_.data(), float_target_.data(), mask_.data(), s.rows, s.columns},
            out);
        for (std::size_t r = 0; r < s.rows; ++r) mask_.data()[r * s.columns] = byte(r * s.columns);
        for (std::size_t c = 0; c < s.columns; ++c) mask_.data()[c] = byte(c);
    }

    array<T> input_, target_;
    array<float> float_target_;
    array<T> weights_, scale_;
    array<unsigned char> mask_;
    bool is_finite_;
};

/// Prints the hash of each function, and adds it to the digest.
template <class T>
void walk(char const* part, char const* type, std::span<digest::function<T> const> functions, std::span<kind const> kinds,
          environment const& env, digest::hash& all) {
    std::vector<digest::hash> hashes(functions.size());
    for (kind const k : kinds)
        for (offset const at : offsets) {
            calls<T> of_data(k, at);
            env.enter();
            for (std::size_t f = 0; f < hashes.size(); ++f) of_data.run(functions[f], hashes[f]);
            env.leave();
        }
    for (std::size_t f = 0; f < hashes.size(); ++f) {
        std::printf("%s %s %s %016llx\n", part, type, functions[f].name, static_cast<unsigned long long>(hashes[f].value()));
        all.put(hashes[f].value());
    }
}

} // namespace

int main(int argc, char** argv) {
    std::string_view const part = argc > 1 ? argv[1] : "";
    environment const env(argc > 2 ? argv[2] : "default");
    if ((part != "finite" && part != "special") || argc > 3 || !env.is_known()) {
        std::fprintf(stderr, "usage: digest finite|special [%s]\n", environment::names);
        return 2;
    }
    std::span<kind const> const kinds = part == "finite" ? std::span<kind const>(finite_kinds) : special_kinds;
    digest::hash all;
    walk<float>(argv[1], "float", digest::functions<float>(), kinds, env, all);
    walk<double>(argv[1], "double", digest::functions<double>(), kinds, env, all);
    walk<float>(argv[1], "element", digest::functions_of_elements(), kinds, env, all);
    std::printf("%s digest %016llx\n", argv[1], static_cast<unsigned long long>(all.value()));
}
