// Tests arrays of NumPy, by the view_traits for pybind11, in an interpreter inside this process.
#include <span>
#include <string>

#include <l1loss/l1loss.hpp>
#include <pybind11/embed.h>
#include <pybind11/numpy.h>

#include "support/bits.hpp"
#include "support/catch.hpp"
#include "support/message.hpp"

// As in the comment of view_traits.
template <class T> struct l1loss::view_traits<pybind11::array_t<T>> {
    static auto of(auto& a) {
        auto const stride = [&](int d) { return a.strides(d) / pybind11::ssize_t(sizeof(T)); };
        return l1loss::strided(a.data(), {{a.shape(0), stride(0)}, {a.shape(1), stride(1)}});
    }
};

using namespace l1loss;
using test::bits;

TEST_CASE("Arrays of NumPy", "[pybind11]") {
    pybind11::scoped_interpreter const python;
    pybind11::exec("import numpy; x, y = numpy.random.default_rng(1).random((2, 70, 90), 'float32')");
    auto const array = [](std::string const& code) { return pybind11::array_t<float>(pybind11::eval(code)); };
    for (std::string const slice : {"[:]", ".T", "[3:40, 5:80:3]", "[::-1, ::-2].T"}) {
        INFO(slice);
        auto const x = array("x" + slice), y = array("y" + slice);
        auto const x_copy = array("(x" + slice + ").flatten()"), y_copy = array("(y" + slice + ").flatten()");
        CHECK(x.owndata() == false); // it refers to the elements of the whole array
        CHECK(bits(l1_loss(x, y)) == bits(l1_loss(x_copy.data(), y_copy.data(), x.size())));
    }
    CHECK(test::message([&] { (void)l1_loss(array("x"), array("y.T")); }) ==
          "l1loss: input is 70 x 90, target is 90 x 70, expected one shape, or l1loss::broadcast");
}
