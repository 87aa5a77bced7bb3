// Calls the library from an initialiser that runs before all others, those of libgcc among them: in a shared library, so that it is
// loaded before main. dispatch.test.cpp looks at what came of it.
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
