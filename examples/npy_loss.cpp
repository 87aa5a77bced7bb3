// npy_loss INPUT.npy TARGET.npy prints the L1 loss of two NumPy files, with CLI11 and xtensor's NPY reader.
//
// Most of the code checks that a file is what its header says. Every error is one line.
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <exception>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <limits>
#include <optional>
#include <regex>
#include <span>
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

/// The first character of the types of this machine's byte order.
char const byte_order = xt::detail::build_typestring<float>()[0];
char const expected_types[] = "float16, float32, float64, bool or an integer, in the byte order of this machine";

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
    auto const begin = stream.tellg();
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
    stream.seekg(begin);
}

/// Moves to the data of a member of a .npz file, which is a ZIP file.
void seek_member(std::istream& stream, std::string const& member) {
    for (;;) {
        std::string header(30, '\0');
        stream.read(header.data(), 30);
        auto const number = [&](std::size_t at, std::size_t bytes) { // little-endian
            std::uint64_t n = 0;
            while (bytes-- > 0) n = n << 8 | static_cast<unsigned char>(header[at + bytes]);
            return n;
        };
        if (number(0, 4) != 0x04034b50) throw std::runtime_error("the member " + member + " is not there");
        std::uint64_t const method = number(8, 2), name_size = number(26, 2), extra_size = number(28, 2);
        std::uint64_t size = number(18, 4);
        header.resize(name_size + extra_size);
        stream.read(header.data(), std::streamsize(header.size()));
        std::string const name = header.substr(0, name_size);
        if (name == member + ".npy") {
            if (method != 0) throw std::runtime_error("the member " + member + " is compressed, and numpy.savez stores it");
            return;
        }
        if (size == 0xffffffff) { // ZIP64: the second number of the first extra field
            if (extra_size < 20 || number(name_size, 2) != 1) throw std::runtime_error("a member has no size");
            size = number(name_size + 12, 8);
        }
        if (size >> 62 != 0) throw std::runtime_error("a member has no size");
        stream.seekg(std::streamoff(size), std::ios::cur);
    }
}

/// Reads a file, or a member of an archive, which is named archive.npz:member.
npy_file load(std::string const& path) {
    std::size_t const npz = path.rfind(".npz:"), end = npz == std::string::npos ? path.size() : npz + 4;
    std::ifstream stream(path.substr(0, end), std::ios::binary);
    if (!stream) reject(path, std::generic_category().message(errno), "an NPY file");
    stream.exceptions(std::ios::failbit | std::ios::badbit); // the reader does not check its reads
    try {
        if (end < path.size()) seek_member(stream, path.substr(end + 1));
        check_header(stream);
        return xt::detail::load_npy_file(stream);
    } catch (std::ios::failure const&) {
        reject(path, "ends too early or cannot be read", "a header and all the data that it announces");
    } catch (std::exception const& error) {
        reject(path, std::string("not readable (") + error.what() + ")", std::string("an NPY file of ") + expected_types);
    }
}

bool is_type(npy_file const& file, char const* name) {
    return file.m_typestring.substr(1) == name && (file.m_typestring[0] == byte_order || file.m_typestring[0] == '|');
}

npy_file checked(std::string const& path) {
    npy_file file = load(path);
    bool is_known = false;
    for (char const* const type : {"f2", "f4", "f8", "b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"})
        is_known = is_known || is_type(file, type);
    if (!is_known) reject(path, "type " + file.m_typestring, expected_types);

    // The reader multiplies extents in integers, and accepts a size that overflows.
    double bytes = static_cast<double>(file.m_word_size);
    for (std::size_t const extent : file.m_shape) bytes *= static_cast<double>(extent);
    if (bytes != static_cast<double>(file.m_n_bytes)) reject(path, shape_text(file), "one that fits in memory");
    return file;
}
npy_file checked(std::string const& path, npy_file const& other, std::string const& other_path) {
    npy_file file = checked(path);
    if (file.m_shape != other.m_shape) reject(path, shape_text(file), shape_text(other) + " as in " + other_path);
    return file;
}

/// The elements of type U as T, in C order.
template <class T, class U> std::vector<T> converted(npy_file& file) {
    std::vector<T> all(file.m_n_bytes / sizeof(U));
    for (std::size_t i = 0; i < all.size(); ++i) {
        std::size_t at = i;
        if (file.m_fortran_order) {
            std::size_t rest = i, stride = all.size();
            at = 0;
            for (std::size_t d = file.m_shape.size(); d-- > 0; rest /= file.m_shape[d]) {
                stride /= file.m_shape[d];
                at += rest % file.m_shape[d] * stride;
            }
        }
        U x;
        std::memcpy(&x, file.ptr() + at * sizeof(U), sizeof(U));
        all[i] = static_cast<T>(x);
    }
    return all;
}
template <class T> std::vector<T> elements(npy_file& file) {
    if (is_type(file, "f2")) return converted<T, l1loss::float16_t>(file);
    if (is_type(file, "f4")) return converted<T, float>(file);
    if (is_type(file, "f8")) return converted<T, double>(file);
    if (is_type(file, "i1")) return converted<T, std::int8_t>(file);
    if (is_type(file, "i2")) return converted<T, std::int16_t>(file);
    if (is_type(file, "u2")) return converted<T, std::uint16_t>(file);
    if (is_type(file, "i4")) return converted<T, std::int32_t>(file);
    if (is_type(file, "u4")) return converted<T, std::uint32_t>(file);
    if (is_type(file, "i8")) return converted<T, std::int64_t>(file);
    if (is_type(file, "u8")) return converted<T, std::uint64_t>(file);
    return converted<T, std::uint8_t>(file); // u1 and b1
}

/// What the command line asks for.
struct command {
    std::string input, target, weights, mask, output;
    reduction r = reduction::mean;
    bool by_rows = false;
};

/// Prints or writes losses computed in T. A mask that selects all changes no bit, so there always is one.
template <class T> void run(command const& c, npy_file& input, npy_file& target, std::optional<npy_file>& weights_file) {
    std::vector<T> const x = elements<T>(input), y = elements<T>(target);
    std::vector<unsigned char> mask(x.size(), 1);
    if (!c.mask.empty()) {
        npy_file file = checked(c.mask, input, c.input);
        if (file.m_word_size != 1) reject(c.mask, "type " + file.m_typestring, "bool, int8 or uint8");
        mask = converted<unsigned char, unsigned char>(file);
    }
    std::vector<T> const weights = weights_file ? elements<T>(*weights_file) : std::vector<T>();
    if (c.r == reduction::none) {
        std::vector<T> losses(x.size());
        if (!weights_file) l1_loss<reduction::none>(x, y, losses, l1loss::where(mask));
        else l1_loss<reduction::none>(x, y, losses, l1loss::where(mask), l1loss::weights(weights));
        std::ofstream stream(c.output, std::ios::binary);
        if (!(stream << xt::dump_npy(xt::adapt(losses, input.m_shape)) << std::flush))
            throw std::runtime_error(c.output + ": not written (" + std::generic_category().message(errno) + ")");
        return;
    }
    std::size_t const rows = c.by_rows ? input.m_shape[0] : 1, columns = rows == 0 ? 0 : x.size() / rows;
    for (std::size_t row = 0; row < rows; ++row) {
        auto const part = [&](auto const& all) { return std::span(all).subspan(row * columns, columns); };
        auto const selected = part(mask);
        T const loss = !weights_file ? l1_loss(part(x), part(y), c.r, l1loss::where(selected))
                                     : l1_loss(part(x), part(y), c.r, l1loss::where(selected), l1loss::weights(part(weights)));
        std::cout << std::setprecision(std::numeric_limits<T>::max_digits10) << loss << '\n';
    }
}

} // namespace

int main(int argc, char** argv) try {
    command c;
    auto const set_reduction = [&c](std::string const& name) { c.r = l1loss::parse_reduction(name); };

    CLI::App app(
        "The L1 loss of two NumPy files of one shape, computed in float32 if all are float16 or float32, else in float64.\n"
        "Mean and sum are printed; none writes one loss per element. FILE.npz:NAME is the array NAME of numpy.savez.",
        "npy_loss");
    app.add_option("INPUT", c.input, "an .npy file")->required();
    app.add_option("TARGET", c.target, "an .npy file of the same shape")->required();
    app.add_option_function<std::string>("--reduction", set_reduction, "mean (unless given), sum or none")->type_name("NAME");
    app.add_flag("--rows", c.by_rows, "one loss for each index of the first dimension, each on a line");
    app.add_option("--weights", c.weights, "a weight for each element, of the same shape")->type_name("FILE.npy");
    app.add_option("--mask", c.mask, "bool or bytes of the same shape: elements where it is 0 do not count")->type_name("FILE.npy");
    app.add_option("--output", c.output, "with --reduction none, and only then: the .npy file to write")->type_name("FILE.npy");
    app.footer("Exit status: 0, or 2 with one line on stderr that says what is wrong.");
    try {
        app.parse(argc, argv);
    } catch (CLI::CallForHelp const& help) {
        return app.exit(help);
    }
    if (c.r == reduction::none && c.output.empty()) throw std::runtime_error("no --output, expected one with --reduction none");
    if (c.r != reduction::none && !c.output.empty())
        throw std::runtime_error("--output with --reduction " + std::string(to_string(c.r)) + ", expected one with none alone");
    if (c.r == reduction::none && c.by_rows) throw std::runtime_error("--rows with --reduction none, expected mean or sum");

    npy_file input = checked(c.input);
    npy_file target = checked(c.target, input, c.input);
    if (c.by_rows && input.m_shape.empty()) reject(c.input, "shape ()", "at least one dimension with --rows");
    std::optional<npy_file> weights;
    if (!c.weights.empty()) weights.emplace(checked(c.weights, input, c.input));
    auto const is_float = [](npy_file const& file) { return is_type(file, "f2") || is_type(file, "f4"); };
    bool const are_floats = is_float(input) && is_float(target) && (!weights || is_float(*weights));
    (are_floats ? run<float> : run<double>)(c, input, target, weights);
} catch (std::exception const& error) {
    std::cerr << "npy_loss: " << error.what() << '\n';
    return 2;
}
