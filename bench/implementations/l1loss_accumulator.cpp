// This library's accumulator, fed chunk by chunk, and one call on all chunks.
#include <cstddef>

#include <l1loss/accumulator.hpp>
#include <l1loss/loss.hpp>

#include "../variant.hpp"

namespace l1loss_bench {
namespace {

using l1loss::weights;

L1LOSS_BENCH_INLINE std::size_t elements(operands const& o) { return streamed_elements / o.columns * o.columns; }

template <bool is_weighted> struct chunk_by_chunk {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        l1loss::l1_accumulator<float> loss;
        std::size_t const n = elements(o);
        for (std::size_t first = 0; first < n; first += o.columns) {
            if constexpr (is_weighted) loss.update(o.input + first, o.target + first, o.columns, weights(o.weights + first));
            else loss.update(o.input + first, o.target + first, o.columns);
        }
        return loss.mean();
    }
};

template <bool is_weighted> struct one_call {
    L1LOSS_BENCH_INLINE static float call(operands const& o) {
        if constexpr (is_weighted) return l1loss::l1_loss(o.input, o.target, elements(o), weights(o.weights));
        else return l1loss::l1_loss(o.input, o.target, elements(o));
    }
};

[[maybe_unused]] bool const entered = enter_variant<chunk_by_chunk<false>>(variant::chunks, "l1loss") &&
                                      enter_variant<one_call<false>>(variant::chunks, "one_call") &&
                                      enter_variant<chunk_by_chunk<true>>(variant::weighted_chunks, "l1loss") &&
                                      enter_variant<one_call<true>>(variant::weighted_chunks, "one_call");

} // namespace
} // namespace l1loss_bench
