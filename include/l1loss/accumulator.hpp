// The L1 loss of elements that arrive in chunks, or in parts that are merged later.
#pragma once

#include <l1loss/detail/call/accumulator.hpp>
#include <l1loss/loss.hpp>

namespace l1loss {

/// Computes the mean or sum of the elements [first_index, last_index) of two sequences. Where first_index is 0, the result has
/// the bits of one call of l1_loss on all of these elements.
///
///     l1_accumulator<float> loss;
///     while (more) loss.update(input, target);            // chunks of any lengths
///     loss.mean()
///
///     l1_accumulator<float> left, right(n);               // two threads, processes or machines
///     left.update(…); right.update(…);                    // elements [0, n) and [n, …)
///     left.merge(right);
///
/// T, float or double, is the type of every subtraction, product and sum. No element or weight may be wider. Arch, on
/// update, merge, sum and mean, is that of l1_loss. Two arguments of integers have an exact sum, in l1_accumulator<std::uint64_t>.
///
/// The object holds the canonical subtrees of its range, so merging is exact and associative. Neighbouring parts may be merged in
/// any grouping. They may begin anywhere, and be empty.
///
/// Where first_index is not 0, the result is that of the part alone. Step 3 of the order (DESIGN.md, section 2) then pairs runs of
/// blocks by their index in the whole sequence. The runs that remain are joined from the last to the first, as always. A block
/// whose first elements belong to another part is joined last. So the bits may differ from those of l1_loss on the part.
///
/// The state is trivially copyable. Its size is fixed, sizeof(l1_accumulator<T>), about 20 KB. to_bytes gives a state that any
/// machine can read. Indexes stay below 2^40 blocks of 2 KB, on 32-bit targets below 2^22 blocks. No member allocates, except for
/// the message of an exception. Only update, merge, to_bytes and from_bytes throw std::invalid_argument.
template <class T> class l1_accumulator {
    static_assert(detail::accumulator<T>, "l1loss: the accumulator is float or double, or std::uint64_t for integers");

public:
    /// A part that begins at a multiple of this number of elements keeps no terms of its first block, and merges faster.
    static constexpr std::size_t block = detail::order<T>::block;
    /// The most bytes of a state.
    static constexpr std::size_t max_bytes = detail::max_bytes<T>;

    /// Starts empty, at the element first_index of the sequence.
    L1LOSS_INLINE explicit l1_accumulator(std::size_t first_index = 0) { detail::begin_runs(runs_, first_index); }

    /// Adds the next elements. The arguments and options are those of l1_loss, without `count` and a run-time reduction.
    ///
    /// Weights are given in every update or in none, otherwise update throws. A chunk that does not fit throws before anything is
    /// added.
    template <class Arch = xsimd::default_arch, class Input, class Target, class... Options>
        requires detail::chunk_arguments<T, Input, Target, Options...>
    L1LOSS_INLINE void update(Input const& input, Target const& target, Options&&... options) {
        detail::update_runs<Arch>(runs_, input, target, detail::parse(options...));
    }

    /// Appends the elements of `next`. Throws unless next.first_index() equals last_index(). Throws if one of the two has weights
    /// and the other has elements without weights.
    template <class Arch = xsimd::default_arch> L1LOSS_INLINE void merge(l1_accumulator const& next) {
        detail::merge_runs<Arch>(runs_, next.runs_);
    }

    /// The sum of the elements so far. The sum of no elements is +0.
    template <class Arch = xsimd::default_arch> L1LOSS_INLINE T sum() const {
        return detail::finish_runs<Arch>(runs_, reduction::sum);
    }
    /// The mean of the elements so far. The mean of no elements is NaN.
    template <class Arch = xsimd::default_arch> L1LOSS_INLINE T mean() const {
        return detail::finish_runs<Arch>(runs_, reduction::mean);
    }

    /// The number of elements that counted, which excludes those that a mask or skip_nan left out.
    L1LOSS_INLINE std::size_t count() const { return runs_.count; }

    L1LOSS_INLINE std::size_t first_index() const { return runs_.first; }
    L1LOSS_INLINE std::size_t last_index() const { return detail::end_of(runs_); }

    /// Makes the accumulator empty again, with the same first_index.
    L1LOSS_INLINE void reset() { detail::begin_runs(runs_, runs_.first); }

    /// Writes the state to the first bytes of `out`, and returns how many there are. They are the same on every machine, and at
    /// most max_bytes. Throws, and writes nothing, if out is too short. An accumulator that is made of them continues with the same
    /// bits.
    L1LOSS_INLINE std::size_t to_bytes(std::span<std::byte> out) const { return detail::write_bytes(runs_, out); }
    /// Returns the accumulator whose bytes these are, and no others. Bytes from an untrusted source are safe: it throws where the
    /// range, the count or the runs are none that an accumulator has. The sums themselves may be any numbers.
    L1LOSS_INLINE static l1_accumulator from_bytes(std::span<std::byte const> bytes) {
        l1_accumulator result;
        detail::read_bytes(result.runs_, bytes);
        return result;
    }

private:
    detail::runs<T> runs_;
};

/// Computes the mean or sum of integers that arrive in chunks. The sum is exact, so parts may be merged in any order. The state is
/// trivially copyable and has 16 bytes.
template <> class l1_accumulator<std::uint64_t> {
public:
    static constexpr std::size_t max_bytes = detail::bytes_of_exact_sum;

    /// Adds elements. The arguments and options are those of l1_loss of two arguments of integers, without `count`, weights and a
    /// run-time reduction. Throws std::invalid_argument, and adds nothing, if the sum would not fit 64 bits.
    template <class Arch = xsimd::default_arch, class Input, class Target, class... Options>
        requires detail::integer_chunk_arguments<Input, Target, Options...>
    L1LOSS_INLINE void update(Input const& input, Target const& target, Options&&... options) {
        l1_accumulator chunk;
        std::size_t counted = 0;
        chunk.sum_ = l1_loss<reduction::sum, std::uint64_t, Arch>(input, target, options..., l1loss::count(counted));
        chunk.count_ = counted;
        merge(chunk);
    }

    /// Adds the elements of another part. Throws as update does.
    L1LOSS_INLINE void merge(l1_accumulator const& other) {
        std::uint64_t sum = 0;
        if (__builtin_add_overflow(sum_, other.sum_, &sum)) [[unlikely]]
            detail::fail("the sums of ", count_, " and of ", other.count_, " elements do not fit 64 bits together");
        sum_ = sum;
        count_ += other.count_;
    }

    L1LOSS_INLINE std::uint64_t sum() const { return sum_; }
    /// The mean of the elements so far, A(double(sum) / double(count)). The mean of no elements is NaN. The template argument is
    /// the type of the result, and no Arch, since nothing is left to compute.
    template <class A = float>
        requires detail::accumulator<A>
    L1LOSS_INLINE A mean() const {
        return detail::finish_exact<A>(reduction::mean, sum_, count_);
    }
    /// The number of elements that counted.
    L1LOSS_INLINE std::uint64_t count() const { return count_; }
    L1LOSS_INLINE void reset() { *this = {}; }

    /// The state as bytes, as those of l1_accumulator<float>.
    L1LOSS_INLINE std::size_t to_bytes(std::span<std::byte> out) const { return detail::write_bytes(sum_, count_, out); }
    L1LOSS_INLINE static l1_accumulator from_bytes(std::span<std::byte const> bytes) {
        l1_accumulator result;
        detail::read_bytes(result.sum_, result.count_, bytes);
        return result;
    }

private:
    std::uint64_t sum_ = 0, count_ = 0;
};

} // namespace l1loss
