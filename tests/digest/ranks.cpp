// The functions of mpi.hpp for the digest, on elements that are split over the ranks.
#include <l1loss/l1loss.hpp>
#include <l1loss/mpi.hpp>

#include "../mpi/ranks.hpp"
#include "digest.hpp"

using digest::data;
using digest::hash;
using digest::shape;
using namespace l1loss;

namespace {

test::ranks const world;

/// The part of an array that this rank has.
struct part {
    std::size_t first, n;
    explicit part(std::size_t all) {
        static std::uint64_t calls = 0;
        auto const [begin, end] = world.split(all, calls++);
        first = begin, n = end - begin;
    }
};

/// Puts the parts of all ranks.
template <class T> void put_all(std::vector<T> const& mine, part const& p, std::size_t all, hash& out) {
    std::vector<T> whole(all);
    std::copy(mine.begin(), mine.end(), whole.begin() + std::ptrdiff_t(p.first));
    MPI_Datatype const bits = sizeof(T) == 4 ? MPI_UINT32_T : MPI_UINT64_T; // of the elements of other ranks, none is set
    MPI_Allreduce(MPI_IN_PLACE, whole.data(), int(all), bits, MPI_BOR, MPI_COMM_WORLD);
    out.put(whole);
}

template <class T> void mean(data<T> const& d, hash& out) {
    part const p(d.size());
    out.put(l1_loss(MPI_COMM_WORLD, d.input + p.first, d.target + p.first, p.n));
}
template <class T> void masked(data<T> const& d, hash& out) {
    part const p(d.size());
    std::size_t counted = 0;
    out.put(l1_loss(MPI_COMM_WORLD, d.input + p.first, d.target + p.first, p.n, where(d.mask + p.first), count(counted)));
    out.put(counted);
}
template <class T> void with_gradient(data<T> const& d, hash& out) {
    part const p(d.size());
    std::vector<T> gradient(p.n);
    out.put(l1_loss_with_gradient(MPI_COMM_WORLD, d.input + p.first, d.target + p.first, gradient, p.n));
    put_all(gradient, p, d.size(), out);
}
template <class T> void gradient_all_named(data<T> const& d, hash& out) {
    part const p(d.size());
    std::vector<T> gradient(p.n);
    out.put(l1_loss_with_gradient(MPI_COMM_WORLD, d.input + p.first, d.target + p.first, gradient, p.n,
                                  weights(d.weights + p.first), where(d.mask + p.first), skip_nan));
    put_all(gradient, p, d.size(), out);
}

template <class T>
constexpr digest::function<T> table[] = {
    {"mean", shape::vector, mean},
    {"with_gradient", shape::vector, with_gradient},
    {"masked", shape::vector, masked},
    {"gradient_all_named", shape::vector, gradient_all_named},
};

} // namespace

std::span<digest::function<float> const> digest::functions_of_elements() { return {}; }
template <> std::span<digest::function<float> const> digest::functions() { return table<float>; }
template <> std::span<digest::function<double> const> digest::functions() { return table<double>; }
