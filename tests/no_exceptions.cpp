// Tests that without exceptions and RTTI an error goes to stderr and the program aborts.
#include <csignal>
#include <cstdlib>
#include <unistd.h>
#include <vector>

#include <l1loss/l1loss.hpp>

int main() {
    std::signal(SIGABRT, [](int) {
        constexpr char const text[] = "aborted\n";
        _exit(write(2, text, sizeof text - 1) > 0 ? 3 : 4);
    });
    std::vector<float> const x(15), y(16);
    if (l1loss::l1_loss(x, x) != 0) return 1;
    return l1loss::l1_loss(x, y) == 0 ? 1 : 2; // reached only if the error does not abort
}
