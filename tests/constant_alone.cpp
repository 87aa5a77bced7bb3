// Tests that constant.hpp alone is enough for a constant, and that it does not include xsimd.
#include <l1loss/constant.hpp>

#ifdef XSIMD_VERSION_MAJOR
#error constant.hpp includes xsimd
#endif

using namespace l1loss;

constexpr tensor<float, 2, 2> x{1, 2, 3, 4}, y{2, 4, 3, 3.5f};
static_assert(l1_loss_constant(x, y) == 0.875f);
static_assert(l1_loss_constant<reduction::sum>(x, y) == 3.5f);
static_assert(l1_loss_constant<reduction::none>(x, tensor<double, 2, 2>{0.5, 2, 3, 5}) == tensor<double, 2, 2>{0.5, 0, 0, 1});
static_assert(l1_loss_constant(tensor<l1loss::float16_t, 2>{1.f, 2.f}, tensor<float, 2>{2, 4}) == 1.5f);
