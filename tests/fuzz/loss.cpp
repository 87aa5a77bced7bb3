// Fuzzes l1_loss, l1_loss_rows and l1_loss_columns of floats, in every form and with every set of options.
#include "loss.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t n) {
    fuzz::choices c(bytes, n);
    fuzz::losses<float, float, 5, 7> const all(c);
    return 0;
}
