// The L1 loss, or mean absolute error, of two arguments.
#pragma once

#include <l1loss/detail/call/loss.hpp>

namespace l1loss::inline L1LOSS_FLAGS {

/// Returns or writes the L1 loss of `input` against `target`, which have N elements each:
///
///     none_i = |input_i - target_i|      sum = Σ none_i      mean = sum / N
///
/// The semantics are those of PyTorch's nn.L1Loss. DESIGN.md specifies the order of summation, which fixes every bit.
///
///     l1_loss(x, y)                              mean
///     l1_loss<reduction::sum>(x, y)              sum; or none
///     l1_loss<reduction::mean, double>(x, y)     computed in double, whatever the elements are
///     l1_loss<reduction::sum, std::uint64_t>(x, y)   the exact sum of integers
///     l1_loss<R, Accumulator, xsimd::sse2>(x, y) on the registers of another architecture of xsimd, or by the definition where
///                                                the program is not compiled for it; the same bits
///     l1_loss(x, y, r)                           mean or sum, chosen at run time
///     l1_loss(x, y, n)                           of two pointers with a length
///     l1_loss<reduction::none>(x, y)             of fixed shapes: returns a tensor, or an array
///     l1_loss<reduction::none>(x, y, out)        writes N elements to `out`
///     l1_loss(x, y, weights(w), where(mask), skip_nan, count(n))    options (options.hpp), in any order
///     l1_loss(x, broadcast(y))                   y extended to the shape of x
///
/// Template arguments.
/// * R is reduction::mean, sum or none.
/// * Accumulator, or A, is the type of every subtraction, product and sum. It is float or double, and not narrower than any
///   element or weight. `void` stands for double if one of them is double, and for float otherwise. The sum of integers may also
///   be a std::uint64_t.
/// * Arch is an architecture of xsimd, whose registers compute the result. If the program is not compiled for it, the scalar
///   definition does. Every Arch gives the same bits.
///
/// Elements (element.hpp). The types of input and target may differ.
///
///     float, double                       as they are
///     float16_t, bfloat16_t, and types    converted exactly
///     that have the format of either
///     std::int8_t, std::uint8_t,          converted exactly, where the other argument is no integer or weights are given
///     std::int16_t, std::uint16_t         both without weights: the sum S is exact, and the mean is A(double(S) / double(N))
///     dequantized(q, scale, zero_point)   A(q_i - zero_point) · A(scale), the product rounded once (dequantized.hpp)
///
/// Arguments. Each is a fixed shape, a run-time length or a view.
/// * Fixed shapes are tensor, std::array, C array of one dimension and std::span of static extent. Two that differ do not compile.
///   Short ones are unrolled. A call whose arguments both have fixed shapes is noexcept, if it has no option but skip_nan.
/// * Run-time lengths are contiguous ranges, objects with data() and size(), and pointers with a length. The length holds for all
///   pointers of the call. Any shape with the same number of elements fits them.
/// * Views have any strides, also 0 and negative ones. They are objects like std::mdspan, dense objects of Eigen, containers and
///   strided views of xtensor, matrices, vectors and cubes of Armadillo, and C arrays of several dimensions, which are no
///   constants. An object like std::mdspan has rank(), extent(r), stride(r) and data_handle(). Strides are in elements, and
///   data_handle() returns a pointer. `strided` makes such an object of a pointer. An expression has no memory, so evaluate it
///   first.
/// * Other types that show a shape, such as rows() and cols(), do not compile. view_traits says how to view them (view.hpp).
///
/// Shapes of views are compared at run time. They are equal, or one is broadcast. Elements are summed in row-major order of their
/// indexes, so a view gives the bits of its contiguous copy. There is one exception. If every argument with a shape is a
/// matrix of Eigen or Armadillo that is stored by columns, elements are summed in column-major order. An argument without a shape
/// is then an error, because its order would be ambiguous. If only one extent of the shape differs from 1, it is allowed.
///
/// Output. reduction::none writes N elements to a contiguous range, a pointer, or a view without gaps. They are of type A. Where
/// input or target has a floating-point type of two bytes, they may be of that type, rounded once to the nearest, ties to even.
/// For integers without weights they may be of the narrowest unsigned type that holds every difference.
/// Fixed shapes that ask for no Accumulator return this type for integers. An output that has a shape has that of the arguments. It
/// is exactly the memory of one argument, or disjoint from all. The memory of a view reaches from its lowest element to its
/// highest, so an output in its gaps is an error. On x86, an output of 32 MiB or more of type A bypasses the caches, if it is the
/// only output and disjoint from the arguments, and all of these are contiguous. A gradient that is written alone does so too.
///
/// Constant evaluation. Every call is constexpr, where the result is finite. Overlaps are not checked there.
///
/// Special values. For N = 0, the mean is NaN and the sum is +0. NaN and infinities propagate as in IEEE arithmetic. A mean or a
/// sum that is NaN is the positive quiet NaN without payload.
///
/// Errors. Sizes or layouts that do not fit, overlaps, and integers whose sum may not fit 64 bits throw
/// std::invalid_argument before anything is written. So does reduction::none chosen at run time, because the result is one number.
/// Without exceptions, the message goes to stderr and the program aborts.
///
/// Accuracy. The result is within relative_error_bound (error_bound.hpp) of the exact value. A sum of
/// integers is rounded once. Their mean is A(double(S) / double(N)). A loss that is written in two bytes is rounded once more.
///
/// Nothing allocates, locks, or reads a locale, except for the message of an error.
template <reduction R = reduction::mean, class Accumulator = void, class Arch = xsimd::default_arch, class Input, class Target,
          class... Options>
    requires detail::loss_arguments<R, Accumulator, Input, Target, Options...>
L1LOSS_INLINE constexpr auto l1_loss(Input const& input, Target const& target,
                                     Options&&... options) noexcept(detail::cannot_fail<Input, Target, Options...>) {
    return detail::compute_loss<R, Accumulator>(detail::on_this_thread<Arch>{}, input, target, detail::parse(options...));
}

} // namespace l1loss::inline L1LOSS_FLAGS
