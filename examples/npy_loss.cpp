// npy_loss INPUT.npy TARGET.npy prints the L1 loss of two NumPy files, with CLI11 and xtensor's NPY reader.
//
// Most of the code checks that a file is what its header says. Every error is one line.
#include <cerrno>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <regex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <l1loss/l1loss.hpp>
#if __has_include(<xtensor/io/xnpy.hpp>) // since xtensor 0.26
#include <xtensor/io/xnpy.hpp>
#else
#include <xtensor/xnpy.hpp>
#endif

using l1loss::l1_loss, l1loss::reduction;
using xt::detail::npy_file; // what xt::load_npy<T> reads before it checks T

namespace {

std::string const float_type = xt::detail::build_typestring<float>();
std::string const double_type = xt::detail::build_typestring<double>();

[[noreturn]] void reject(std::string const& path, std::string const& found, std::string const& expected) {
    throw std::runtime_error(path + ": " + found + ", expected " + expected);
}

std::string shape_text(npy_file const& file) {
    std::string text;
    for (std::size_t const extent : file.m_shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return "shape (" + text + ")";
}

/// The reader recurses for each character of a type, and takes the first and last of values that may be empty. So it only gets a
/// short header with the three values that NumPy writes.
void check_header(std::istream& stream) {
    std::string start(10, '\0'); // magic, version and length
    stream.read(start.data(), 10);
    auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(start[i]); };
    if (byte(6) == 1 || byte(6) == 2) {
        if (byte(6) == 2 || byte(8) > 127 || byte(9) != 0) throw std::runtime_error("the header has more than 127 bytes");
        std::string header(byte(8), '\0');
        stream.read(header.data(), byte(8));
        std::regex const expected(R"(\{'descr': *'[^']*', *'fortran_order': *\w+, *'shape': *\([-0-9, ]*\),? *\} *\n)");
        if (!std::regex_match(header, expected)) throw std::runtime_error("the header has not the values that NumPy writes");
    }
    stream.seekg(0);
}

npy_file load(std::string const& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) reject(path, std::generic_category().message(errno), "an NPY file");
    stream.exceptions(std::ios::failbit | std::ios::badbit); // the reader does not check its reads
    try {
        check_header(stream);
        return xt::detail::load_npy_file(stream);
    } catch (std::ios::failure const&) {
        reject(path, "ends too early or cannot be read", "a header and all the data that it announces");
    } catch (std::exception const& error) {
        reject(path, std::string("not readable (") + error.what() + ")", "an NPY file of " + float_type + " or " + double_type);
    }
}

npy_file checked(std::string const& path) {
    npy_file file = load(path);
    if (file.m_typestring != float_type && file.m_typestring != double_type)
        reject(path, "type " + file.m_typestring, float_type + " or " + double_type);
    if (file.m_fortran_order) reject(path, "Fortran order", "C order");

    // The reader multiplies extents in integers, and accepts a size that overflows.
    double bytes = static_cast<double>(file.m_word_size);
    for (std::size_t const extent : file.m_shape) bytes *= static_cast<double>(extent);
    if (bytes != static_cast<double>(file.m_n_bytes)) reject(path, shape_text(file), "one that fits in memory");
    return file;
}

/// Both arrays have been checked to be dense and of one shape, so storage() is all that the loss needs.
template <class T> void print_or_write(npy_file&& input_file, npy_file&& target_file, reduction r, std::string const& output) {
    auto const input = std::move(input_file).cast<T>();
    auto const target = std::move(target_file).cast<T>();
    if (r == reduction::none) {
        std::vector<T> losses(input.size());
        l1_loss<reduction::none>(input.storage(), target.storage(), losses);
        std::ofstream stream(output, std::ios::binary);
        if (!(stream << xt::dump_npy(xt::adapt(losses, input.shape())) << std::flush))
            throw std::runtime_error(output + ": not written (" + std::generic_category().message(errno) + ")");
    } else {
        T const loss = l1_loss(input.storage(), target.storage(), r);
        std::cout << std::setprecision(std::numeric_limits<T>::max_digits10) << loss << '\n';
    }
}

} // namespace

int main(int argc, char** argv) try {
    std::string input_path, target_path, output_path;
    reduction r = reduction::mean;
    auto const set_reduction = [&r](std::string const& name) { r = l1loss::parse_reduction(name); };

    CLI::App app("The L1 loss of two NumPy files of one shape and one type, float32 or float64, in C order.\n"
                 "Mean and sum are printed; none writes one loss per element.",
                 "npy_loss");
    app.add_option("INPUT", input_path, "an .npy file")->required();
    app.add_option("TARGET", target_path, "an .npy file of the same shape and type")->required();
    app.add_option_function<std::string>("--reduction", set_reduction, "mean (unless given), sum or none")->type_name("NAME");
    app.add_option("--output", output_path, "with --reduction none, and only then: the .npy file to write")->type_name("FILE.npy");
    app.footer("Exit status: 0, or 2 with one line on stderr that says what is wrong.");
    try {
        app.parse(argc, argv);
    } catch (CLI::CallForHelp const& help) {
        return app.exit(help);
    }
    if (r == reduction::none && output_path.empty()) throw std::runtime_error("no --output, expected one with --reduction none");
    if (r != reduction::none && !output_path.empty())
        throw std::runtime_error("--output with --reduction " + std::string(to_string(r)) + ", expected one with none alone");

    npy_file input = checked(input_path);
    npy_file target = checked(target_path);
    if (target.m_typestring != input.m_typestring)
        reject(target_path, "type " + target.m_typestring, input.m_typestring + " as in " + input_path);
    if (target.m_shape != input.m_shape) reject(target_path, shape_text(target), shape_text(input) + " as in " + input_path);

    auto const run = input.m_typestring == float_type ? print_or_write<float> : print_or_write<double>;
    run(std::move(input), std::move(target), r, output_path);
} catch (std::exception const& error) {
    std::cerr << "npy_loss: " << error.what() << '\n';
    return 2;
}
