// This library with halves, integers and dequantised codes, the float mean of as many elements, and the read ceiling of as many
// bytes.
#include <cstdint>
#include <type_traits>

#include <l1loss/dequantized.hpp>
#include <l1loss/loss.hpp>

#include "../element.hpp"
#include "read_ceiling.hpp"

namespace l1loss_bench {
namespace {

struct of_elements {
    template <work, class X, class Y> L1LOSS_BENCH_INLINE static float loss(X const* x, Y const* y, std::size_t n) {
        if constexpr (std::is_same_v<X, Y>) return l1loss::l1_loss(x, y, n);
        else return l1loss::l1_loss(l1loss::dequantized(x, scale, zero_point), y, n);
    }
};

/// Reads as many bytes as n pairs of X and Y have.
template <class X, class Y> struct ceiling_of {
    template <work W> L1LOSS_BENCH_INLINE static float loss(float const* x, float const* y, std::size_t n) {
        return read_ceiling::loss<W>(x, y, n * (sizeof(X) + sizeof(Y)) / (2 * sizeof(float)));
    }
};

template <class X, class Y = X> bool enter_beside_float(elements of) {
    return enter_elements<ceiling_of<X, Y>, float>(of, "ceiling", answer::bits) &&
           enter_elements<of_elements, X, Y>(of, "l1loss") && enter_elements<of_elements, float>(of, "l1loss_float");
}

[[maybe_unused]] bool const entered =
    enter_beside_float<std::uint8_t>(elements::u8) && enter_beside_float<std::int8_t>(elements::i8) &&
    enter_beside_float<std::uint16_t>(elements::u16) && enter_beside_float<std::int16_t>(elements::i16) &&
    enter_beside_float<l1loss::float16_t>(elements::half) && enter_beside_float<l1loss::bfloat16_t>(elements::bfloat16) &&
    enter_beside_float<std::int8_t, float>(elements::dequantized);

} // namespace
} // namespace l1loss_bench
