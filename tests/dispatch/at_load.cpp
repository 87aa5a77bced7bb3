// Calls the library from an initialiser that runs before all others, and keeps the result for dispatch.test.cpp.
//
// It is in a shared library, which is loaded before main. Even the initialiser of libgcc comes later.
#include <l1loss/l1loss.h>

namespace {

struct early {
    float sum;
    char const* isa;
    early() {
        float const x[] = {1, 2, 3}, y[] = {3, 2, 1};
        sum = l1loss_sum_f32(x, y, 3);
        isa = l1loss_active_isa();
    }
};
[[gnu::init_priority(101)]] early const at_load;

} // namespace

extern "C" float sum_at_load() { return at_load.sum; }
extern "C" char const* isa_at_load() { return at_load.isa; }
