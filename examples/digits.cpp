// Measures how well 16 principal components render 1797 handwritten digits, as the loss of two NumPy files.
//
// The loss is compared with PyTorch's of the same files and with the exact value. Both are in data/expected.txt.
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <l1loss/l1loss.hpp>
#if __has_include(<xtensor/io/xnpy.hpp>) // since xtensor 0.26
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/io/xnpy.hpp>
#else
#include <xtensor/xnpy.hpp>
#include <xtensor/xtensor.hpp>
#endif

namespace {

struct expectation {
    l1loss::reduction r;
    float torch;
    double exact;
};

/// From a line of expected.txt. The numbers are hexadecimal, so no bit depends on a conversion.
expectation parse(std::string const& line) {
    std::istringstream fields(line);
    std::string name, torch, torch_decimal, exact, exact_decimal;
    fields >> name >> torch >> torch_decimal >> exact >> exact_decimal;
    return {l1loss::parse_reduction(name), std::stof(torch), std::stod(exact)};
}

/// Whether the loss and PyTorch's recorded loss are within the bound of the exact value.
bool agree(float loss, expectation const& expected, std::size_t n) {
    auto const [r, torch, exact] = expected;
    int const ulps = std::bit_cast<std::int32_t>(loss) - std::bit_cast<std::int32_t>(torch);
    std::printf("%-4s %.9g  PyTorch %.9g, %+d ulp  exact %.17g\n", std::string(to_string(r)).c_str(), loss, torch, ulps, exact);
    double const bound = l1loss::relative_error_bound<float>(n, r) * exact;
    return std::abs(loss - exact) <= bound && std::abs(torch - exact) <= bound;
}

} // namespace

int main(int argc, char** argv) try {
    if (argc != 2) throw std::runtime_error("usage: digits DIRECTORY, of digits.npy, digits_pca16.npy and expected.txt");
    std::string const data = std::string(argv[1]) + '/';
    xt::xtensor<float, 2> const digits = xt::load_npy<float>(data + "digits.npy");
    xt::xtensor<float, 2> const rebuilt = xt::load_npy<float>(data + "digits_pca16.npy");

    std::ifstream file(data + "expected.txt");
    int compared = 0;
    int agreed = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        expectation const expected = parse(line);
        agreed += agree(l1loss::l1_loss(digits, rebuilt, expected.r), expected, digits.size());
        ++compared;
    }
    if (compared == 0) throw std::runtime_error(data + "expected.txt has nothing to compare with");
    return agreed == compared ? 0 : 1;
} catch (std::exception const& error) {
    std::fprintf(stderr, "digits: %s\n", error.what());
    return 2;
}
