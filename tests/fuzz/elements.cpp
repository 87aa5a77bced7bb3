// Fuzzes l1_loss, l1_loss_rows and l1_loss_columns of the other elements, and of pairs of types.
#include "loss.hpp"

using l1loss::bfloat16_t, l1loss::float16_t;

namespace {

template <class X, class Y, bool is_quantized = false> void pair(fuzz::choices& c) {
    fuzz::losses<X, Y, 2, std::integral<X> ? 2 : 3, is_quantized> const all(c);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t n) {
    static constexpr void (*pairs[])(fuzz::choices&) = {pair<double, double>,
                                                        pair<float16_t, float16_t>,
                                                        pair<bfloat16_t, bfloat16_t>,
                                                        pair<std::uint8_t, std::uint8_t>,
                                                        pair<std::int8_t, std::int8_t>,
                                                        pair<std::uint16_t, std::uint16_t>,
                                                        pair<std::int16_t, std::int16_t>,
                                                        pair<std::uint8_t, std::int16_t>,
                                                        pair<float, double>,
                                                        pair<float16_t, float>,
                                                        pair<bfloat16_t, std::int16_t>,
                                                        pair<std::int8_t, float, true>,
                                                        pair<std::uint16_t, float16_t, true>};
    fuzz::choices c(bytes, n);
    c.of(pairs)(c);
    return 0;
}
