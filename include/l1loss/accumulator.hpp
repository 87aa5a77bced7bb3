// The L1 loss of elements that arrive in chunks, or in parts that are merged later.
#pragma once

#include <cstdint>

#include <l1loss/detail/sum/runs.hpp>
#include <l1loss/loss.hpp>

namespace l1loss {

/// Computes the mean or sum of the elements [first_index, last_index) of two sequences. Where first_index is 0, the result has
/// the bits of one call of l1_loss on all of these elements.
///
///     l1_accumulator<float> loss;
///     while (more) loss.update(input, target);            // chunks of any lengths
///     loss.mean()
///
///     l1_accumulator<float> left, right(n);               // n a multiple of block: two threads, two ranks
///     left.update(…); right.update(…);                    // elements [0, n) and [n, …)
///     left.merge(right);
///
/// T, float or double, is the type of every subtraction, product and sum. No element or weight may be wider. Arch, on the
/// members, is that of l1_loss.
///
/// The object holds the canonical subtrees of its range, so merging is exact and associative. Neighbouring parts that begin at
/// multiples of `block` may be merged in any grouping.
///
/// Where first_index is not 0, the result is that of the part alone. Its bits may differ from those of l1_loss on the part,
/// because blocks are paired by their index in the whole sequence.
///
/// The state is trivially copyable. Its size is fixed, sizeof(l1_accumulator<T>), about 16 KB. It may be sent to another process
/// on the same type of machine. Indexes stay below 2^40 blocks. No member allocates, except for the message of an exception. Only
/// the constructor, update and merge throw std::invalid_argument.
template <class T>
    requires detail::element<T>
class l1_accumulator {
public:
    /// A part that is merged into another begins at a multiple of this number of elements.
    static constexpr std::size_t block = detail::order<T>::block;

    /// Starts empty, at the element first_index of the sequence. Throws unless first_index is a multiple of block.
    explicit l1_accumulator(std::size_t first_index = 0) : runs_(first_index / block) {
        if (first_index % block != 0) [[unlikely]]
            detail::fail("l1loss: first_index is " + std::to_string(first_index) + ", expected a multiple of " +
                         std::to_string(block));
    }

    /// Adds the next elements. The arguments and options are those of l1_loss, without `count` and a run-time reduction.
    ///
    /// Weights are given in every update or in none, otherwise update throws. A chunk that does not fit throws before anything is
    /// added.
    template <class Arch = xsimd::default_arch, class Input, class Target, class... Options>
        requires detail::loss_arguments<reduction::mean, T, Input, Target, Options...> &&
                 (!detail::given<detail::is_reduction, Options...> && !detail::given<detail::is_count, Options...>)
    void update(Input const& input, Target const& target, Options&&... options) {
        using namespace detail;
        with_operands<T>(input, target, parse(options...), [&](auto const& ops, std::size_t n, auto const&) L1LOSS_INLINE {
            using Operands = std::remove_cvref_t<decltype(ops)>;
            if (n == 0) return;
            auto const kind = Operands::is_weighted ? weighting::weighted : weighting::plain;
            if (weighting_ != weighting::none_yet && weighting_ != kind) [[unlikely]]
                fail(mixed_weights);
            if (runs_.last >= max_blocks || n / block >= max_blocks - runs_.last) [[unlikely]]
                fail("l1loss: " + std::to_string(n) + " elements more than fit below index " + std::to_string(max_blocks * block));
            weighting_ = kind;
            if constexpr (!Operands::skips_elements) count_ += n;
            auto const terms = summed_terms<true, Operands::skips_elements>(ops);
            if (n > rest_.short_chunk) return add<Arch>(terms, n);
            rest_.template append<Arch>(count_, terms, 0, n);
            if (rest_.size >= block) push_rest<Arch>();
        });
    }

    /// Appends the elements of `next`. Throws unless next.first_index() equals last_index() and is a multiple of block. Throws if
    /// one of the two has weights and the other has elements without weights.
    template <class Arch = xsimd::default_arch> void merge(l1_accumulator const& next) {
        if (next.first_index() != last_index() || rest_.size != 0) [[unlikely]]
            detail::fail("l1loss: elements [" + std::to_string(first_index()) + ", " + std::to_string(last_index()) + ") and [" +
                         std::to_string(next.first_index()) + ", " + std::to_string(next.last_index()) +
                         ") do not meet at a multiple of " + std::to_string(block));
        if (next.weighting_ != weighting::none_yet) {
            if (weighting_ != weighting::none_yet && weighting_ != next.weighting_) [[unlikely]]
                detail::fail(mixed_weights);
            weighting_ = next.weighting_;
        }
        for (std::size_t k = 0; k < next.runs_.size; ++k) {
            runs_.next() = next.runs_.line[k];
            runs_.template push<Arch>(next.runs_.level[k], is_weighted());
        }
        rest_ = next.rest_;
        count_ += next.count_;
    }

    /// The sum of the elements so far. The sum of no elements is +0.
    template <class Arch = xsimd::default_arch> T sum() const { return finished<Arch>(reduction::sum); }
    /// The mean of the elements so far. The mean of no elements is NaN.
    template <class Arch = xsimd::default_arch> T mean() const { return finished<Arch>(reduction::mean); }

    /// The number of elements that counted, which excludes those that a mask or skip_nan left out.
    constexpr std::size_t count() const { return count_; }

    constexpr std::size_t first_index() const { return runs_.first * block; }
    constexpr std::size_t last_index() const { return runs_.last * block + rest_.size; }

    /// Makes the accumulator empty again, with the same first_index.
    constexpr void reset() {
        runs_.last = runs_.first;
        runs_.size = 0;
        rest_.size = 0;
        count_ = 0;
        weighting_ = weighting::none_yet;
    }

private:
    enum class weighting : std::uint8_t { none_yet, plain, weighted };
    static constexpr std::size_t max_blocks = std::size_t{1} << detail::runs<T>::max_level;
    static constexpr char const* mixed_weights =
        "l1loss: weights are given in some updates and not in others, expected all or none";

    template <class Arch, class Terms> [[gnu::noinline]] void add(Terms const& of_caller, std::size_t n) {
        Terms const terms = detail::in_registers(of_caller);
        std::size_t i = 0;
        if (rest_.size != 0) {
            i = std::min(n, block - rest_.size);
            rest_.template append<Arch>(count_, terms, 0, i);
            if (rest_.size < block) return;
            push_rest<Arch>();
        }
        while (n - i >= block) { // takes the longest run of blocks that may begin here
            std::size_t const blocks = (n - i) / block;
            std::size_t const m =
                std::min<std::size_t>(std::size_t(std::countr_zero(runs_.last)), std::size_t(std::bit_width(blocks)) - 1);
            if constexpr (detail::uses_registers<Terms, Arch>) {
                detail::put_line(runs_.next(), count_, detail::join_blocks<Arch>(terms, i, block << m));
                runs_.template push<Arch>(m, is_weighted());
                i += block << m;
            } else {
                rest_.template append<Arch>(count_, terms, i, block);
                push_rest<Arch>();
                i += block;
            }
        }
        if (i < n) rest_.template append<Arch>(count_, terms, i, n - i);
    }

    template <class Arch> [[gnu::noinline]] void push_rest() {
        rest_.template put_line<Arch>(runs_.next(), is_weighted());
        runs_.template push<Arch>(0, is_weighted());
        rest_.remove_block(is_weighted());
    }

    template <class Arch> T finished(reduction r) const {
        using namespace detail;
        line_pair<T> rest{}, line{};
        if (rest_.size != 0) rest_.template put_line<Arch>(rest, is_weighted());
        if (rest_.size != 0 || runs_.size != 0)
            line = runs_.template joined<Arch>(rest_.size != 0 ? &rest : nullptr, is_weighted());
        T const sum = fold_line<Arch>(line.terms);
        return is_weighted() ? finish<true>(r, sum, fold_line<Arch>(line.weights)) : finish<false>(r, sum, count_);
    }

    constexpr bool is_weighted() const { return weighting_ == weighting::weighted; }

    detail::runs<T> runs_;              // the complete blocks
    detail::block_under_way<T> rest_{}; // the terms after them
    std::size_t count_ = 0;
    weighting weighting_ = weighting::none_yet;
};

} // namespace l1loss
