// Tests that ranks with any split of the elements have the bits of one call on all of them, and that all throw alike.
//
// Every rank makes all data, and compares what all ranks compute with a call of its own.
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

#include <l1loss/l1loss.hpp>
#include <l1loss/mpi.hpp>

#include "../support/bits.hpp"
#include "../support/threads.hpp"
#include "ranks.hpp"

using namespace l1loss;
using test::bits;

namespace {

test::ranks const world;
MPI_Comm const comm = MPI_COMM_WORLD;
int failures = 0;

void check(bool holds, std::string const& what) {
    if (holds) return;
    ++failures;
    std::fprintf(stderr, "rank %d of %d: %s\n", world.rank, world.number, what.c_str());
}

template <class T> struct data {
    std::vector<T> x, y, w;
    std::vector<unsigned char> mask;
    explicit data(std::size_t n) : mask(n) {
        std::tie(x, y) = test::make_pair<T>(test::distribution::wide, n);
        w = test::make_pair<T>(test::distribution::wide, n).second;
        for (std::size_t i = 0; i < n; ++i) {
            mask[i] = test::split_mix(5, i) % 4 != 0;
            if (test::split_mix(6, i) % 50 == 0) x[i] = std::numeric_limits<T>::quiet_NaN();
        }
    }
};

/// One split of n elements.
template <class T> void check_split(std::size_t n, std::uint64_t seed) {
    data<T> const d(n);
    auto const [first, last] = world.split(n, seed);
    std::size_t const number = last - first;
    auto const *x = d.x.data() + first, *y = d.y.data() + first, *w = d.w.data() + first;
    auto const* mask = d.mask.data() + first;
    std::string const text = std::to_string(n) + " elements, seed " + std::to_string(seed);
    std::size_t counted = 0, expected_count = 1;

    check(bits(l1_loss<reduction::sum>(comm, y, w, number)) == bits(l1_loss<reduction::sum>(d.y, d.w)), "sum of " + text);
    check(bits(l1_loss<reduction::mean, double>(comm, y, w, number)) == bits(l1_loss<reduction::mean, double>(d.y, d.w)),
          "mean in double of " + text);
    check(bits(l1_loss(comm, x, y, number, weights(w), where(mask), skip_nan, count(counted))) ==
                  bits(l1_loss(d.x, d.y, weights(d.w), where(d.mask), skip_nan, count(expected_count))) &&
              counted == expected_count,
          "weighted mean of " + text);
    check(bits(l1_loss(comm, x, y, number, reduction::mean, skip_nan, count(counted))) ==
                  bits(l1_loss(d.x, d.y, skip_nan, count(expected_count))) &&
              counted == expected_count,
          "mean without NaN of " + text);

    std::vector<T> gradient(number), of_target(number), all(n), all_of_target(n);
    auto const is_part = [&] {
        return std::memcmp(gradient.data(), all.data() + first, number * sizeof(T)) == 0 &&
               std::memcmp(of_target.data(), all_of_target.data() + first, number * sizeof(T)) == 0;
    };
    T loss =
        l1_loss_with_gradient(comm, x, y, gradient, number, grad_target(of_target), grad_output(T(0.7)), where(mask), skip_nan);
    check(bits(loss) == bits(l1_loss_with_gradient(d.x, d.y, all, grad_target(all_of_target), grad_output(T(0.7)), where(d.mask),
                                                   skip_nan)) &&
              is_part(),
          "masked gradient of " + text);
    loss = l1_loss_with_gradient(comm, y, w, gradient, number, weights(w), count(counted), grad_target(of_target));
    check(bits(loss) == bits(l1_loss_with_gradient(d.y, d.w, all, weights(d.w), grad_target(all_of_target))) && is_part() &&
              counted == n,
          "weighted gradient of " + text);

    l1_accumulator<T> part(first);
    for (std::size_t i = 0; i < number; i += 100) part.update(y + i, w + i, std::min<std::size_t>(100, number - i));
    auto const whole = reduce(comm, part);
    check(bits(whole.mean()) == bits(l1_loss(d.y, d.w)) && whole.count() == n && whole.last_index() == n, "accumulator of " + text);
}

template <class T> std::vector<T> integers(std::uint64_t seed, std::size_t n) {
    std::vector<T> all(n);
    for (std::size_t i = 0; i < n; ++i) all[i] = static_cast<T>(test::split_mix(seed, i));
    return all;
}

void check_other_elements(std::size_t n, std::uint64_t seed) {
    auto const [first, last] = world.split(n, seed);
    auto const part = [&, begin = first, end = last](auto const& all) { return std::span(all).subspan(begin, end - begin); };
    auto const a = integers<std::int8_t>(1, n), b = integers<std::int8_t>(2, n);
    auto const mask = integers<unsigned char>(3, n);
    std::size_t counted = 0, expected_count = 1;
    check(l1_loss<reduction::sum, std::uint64_t>(comm, part(a), part(b)) == l1_loss<reduction::sum, std::uint64_t>(a, b) &&
              bits(l1_loss(comm, part(a), part(b), where(part(mask)), count(counted))) ==
                  bits(l1_loss(a, b, where(mask), count(expected_count))) &&
              counted == expected_count,
          "exact mean of " + std::to_string(n));
    l1_accumulator<std::uint64_t> exact;
    exact.update(part(a), part(b));
    check(reduce(comm, exact).sum() == l1_loss<reduction::sum, std::uint64_t>(a, b) && reduce(comm, exact).count() == n,
          "exact accumulator");
    std::vector<float16_t> half(n), other(n);
    for (std::size_t i = 0; i < n; ++i)
        half[i] = float16_t(test::element<float>(test::distribution::uniform, 0, i)), other[i] = float16_t(float(a[i]));
    check(bits(l1_loss(comm, part(half), part(other))) == bits(l1_loss(half, other)), "half");
    check(bits(l1_loss(comm, part(b), part(other))) == bits(l1_loss(b, other)), "integers against half");
    std::vector<float16_t> gradient(last - first), all(n);
    check(bits(l1_loss_with_gradient(comm, part(half), part(other), gradient)) == bits(l1_loss_with_gradient(half, other, all)) &&
              std::memcmp(gradient.data(), all.data() + first, 2 * gradient.size()) == 0,
          "gradient of half");
}

/// Indexes that 32 bits do not hold, of a sequence whose first elements are elsewhere.
void check_far_indexes() {
    std::size_t const begin = (std::size_t{1} << 40) + 77, n = 20000;
    data<float> const d(n);
    auto const [first, last] = world.split(n, 200);
    l1_accumulator<float> part(begin + first), alone(begin);
    part.update(d.y.data() + first, d.w.data() + first, last - first);
    alone.update(d.y, d.w);
    auto const whole = reduce(comm, part);
    check(bits(whole.sum()) == bits(alone.sum()) && whole.first_index() == begin && whole.last_index() == begin + n, "far indexes");
}

/// Long inputs, where each rank has threads.
void check_threads() {
    test::threads const pool(3);
    std::size_t const n = 1 << 20;
    data<float> const d(n);
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
        auto const [first, last] = world.split(n, 100 + seed);
        auto const *x = d.x.data() + first, *y = d.y.data() + first, *w = d.w.data() + first;
        std::size_t const number = last - first;
        std::size_t counted = 0, expected_count = 1;
        check(bits(l1_loss(comm, pool, y, w, number)) == bits(l1_loss(d.y, d.w)), "mean on threads");
        check(bits(l1_loss(comm, pool, x, y, number, weights(w), skip_nan, count(counted))) ==
                      bits(l1_loss(d.x, d.y, weights(d.w), skip_nan, count(expected_count))) &&
                  counted == expected_count,
              "weighted mean on threads");
        std::vector<float> gradient(number), all(n);
        check(bits(l1_loss_with_gradient(comm, pool, y, w, gradient, number)) == bits(l1_loss_with_gradient(d.y, d.w, all)) &&
                  std::memcmp(gradient.data(), all.data() + first, 4 * number) == 0,
              "gradient on threads");
    }
}

template <class F> void check_error(std::string const& expected, F f) {
    std::string text = "nothing was thrown";
    try {
        f();
    } catch (std::invalid_argument const& error) {
        text = error.what();
    }
    check(text == "l1loss: " + expected, text + ", expected " + expected);
}

/// One rank makes a mistake, and all throw its error.
void check_errors() {
    int const wrong = world.number / 2;
    std::string const who = "rank " + std::to_string(wrong) + " of " + std::to_string(world.number) + ": ";
    bool const is_wrong = world.rank == wrong;
    std::vector<float> const x(5), y(is_wrong ? 6 : 5), fits(5), mask_like(5);
    std::vector<float> gradient(5, -7), too_short(is_wrong ? 4 : 5, -7);
    std::vector<unsigned char> const mask(is_wrong ? 7 : 5, 1);
    check_error(who + "input has 5 elements, target has 6", [&] { (void)l1_loss(comm, x, y); });
    check_error(who + "input has 5 elements, mask has 7", [&] { (void)l1_loss(comm, x, fits, where(mask)); });
    check_error(who + "input has 5 elements, grad_input has 4",
                [&] { (void)l1_loss_with_gradient(comm, x, fits, too_short, weights(fits)); });
    check_error(who + "input has 5 elements, target has 6", [&] { (void)l1_loss_with_gradient(comm, x, y, gradient); });
    check(gradient == std::vector<float>(5, -7) && too_short == std::vector<float>(too_short.size(), -7),
          "written before an error");
    reduction const r = is_wrong ? reduction::none : reduction::sum;
    check_error(who + "reduction is \"none\", expected \"mean\" or \"sum\" where the result is one number",
                [&] { (void)l1_loss(comm, x, fits, r); });
    check_error("rank 0 of " + std::to_string(world.number) + ": input has 5 elements, target has 1",
                [&] { (void)l1_loss(comm, x, std::vector<float>(1)); }); // the first of many

    if (world.number == 1) return;
    l1_accumulator<float> part(world.rank == 0 ? 0 : is_wrong ? 1234 : 5 * std::size_t(world.rank));
    part.update(x, fits);
    check_error(who + "the accumulator begins at element 1234, and the one before ends at " + std::to_string(5 * wrong),
                [&] { (void)reduce(comm, part); });
    l1_accumulator<float> mixed(5 * std::size_t(world.rank));
    if (is_wrong) mixed.update(x, fits, weights(fits));
    else mixed.update(x, fits);
    check_error("weights are given on some ranks and not on others, expected all or none", [&] { (void)reduce(comm, mixed); });
    l1_accumulator<std::uint64_t> large;
    std::byte bytes[24];
    large.update(std::vector<std::uint8_t>{1}, std::vector<std::uint8_t>{0});
    large.to_bytes(bytes);
    bytes[15] = std::byte{0xff}; // 255 · 2^56 + 1
    large = l1_accumulator<std::uint64_t>::from_bytes(bytes);
    check_error("the sum of " + std::to_string(world.number) + " elements of all ranks does not fit 64 bits",
                [&] { (void)reduce(comm, large); });
}

} // namespace

int main(int argc, char** argv) {
    std::uint64_t const splits = argc == 2 ? std::strtoul(argv[1], nullptr, 10) : 0;
    if (splits == 0) {
        std::fprintf(stderr, "usage: mpirun -n RANKS mpi_test SPLITS\n");
        return 2;
    }
    for (std::uint64_t seed = 0; seed < splits; ++seed) {
        std::size_t const n = test::split_mix(9, seed) % (seed % 3 == 0 ? 700 : seed % 3 == 1 ? 3000 : 20000);
        check_split<float>(n, seed);
        check_split<double>(n, seed);
        if (seed % 5 == 0) check_other_elements(n, seed);
    }
    check_split<float>(0, 0);
    check_far_indexes();
    if (splits > 10) check_threads();
    check_errors();
    int all = 0;
    MPI_Allreduce(&failures, &all, 1, MPI_INT, MPI_SUM, comm);
    std::printf("%d ranks, %d failures\n", world.number, all);
    return all != 0;
}
