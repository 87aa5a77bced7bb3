// The kernels of one instruction set, compiled once for each with -DL1LOSS_ISA=name and the flags of that name.
//
// L1LOSS_FLAGS gives them a namespace that no other unit has. Arguments arrive checked, so no error path is compiled here.
#include "kernels.hpp"

#include <type_traits>

#include <l1loss/detail/call/exceeds.hpp>
#include <l1loss/detail/sum/canonical_sum.hpp>
#include <l1loss/detail/sum/combined_terms.hpp>
#include <l1loss/detail/sum/finish.hpp>

namespace l1loss::compiled {

namespace archs {
using sse2 = xsimd::sse2;
using sse4_2 = xsimd::sse4_2;
using avx = xsimd::avx;
using avx2 = xsimd::avx2;
using fma3_avx2 = xsimd::fma3<xsimd::avx2>;
using avx512bw = xsimd::avx512bw;
using neon64 = xsimd::neon64;
} // namespace archs

namespace {

using namespace l1loss::detail;
using Arch = archs::L1LOSS_ISA;
using here = on_this_thread<Arch>;
static_assert(std::is_same_v<Arch, xsimd::default_arch>, "kernels.cpp needs the flags of its instruction set, and no others");

template <class T> operands<accumulator_of<T>, T const*, T const*> plain(T const* input, T const* target) {
    return {input, target, {}, {}, {}};
}

template <class Operands> L1LOSS_INLINE inline auto summed(Operands const& ops) {
    if constexpr (Operands::is_exact) return exact_terms<false, Operands>{ops};
    else return loss_terms(ops);
}

template <class T> auto scaled(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output) {
    return plain(input, target).scaled_by(constant<T>{r == L1LOSS_MEAN ? quotient(grad_output, n) : grad_output});
}

template <class A, class Sum> A finished(l1loss_reduction r, Sum sum, std::size_t n) {
    static_assert(int(reduction::mean) == L1LOSS_MEAN && int(reduction::sum) == L1LOSS_SUM);
    return finish<A, false>(static_cast<reduction>(r), sum, n);
}

template <reduction R, class Result, class T> Result loss(T const* input, T const* target, std::size_t n) noexcept {
    return finish<Result, false>(R, here::sum(summed(plain(input, target)), n), n);
}

template <class T> bool exceeds(T const* input, T const* target, std::size_t n, l1loss_reduction r, T threshold) noexcept {
    if (n <= prefix_step)
        return is_above((r == L1LOSS_MEAN ? loss<reduction::mean, T, T> : loss<reduction::sum, T, T>)(input, target, n), threshold);
    return any_prefix_exceeds(here{}, plain(input, target), n, static_cast<reduction>(r), threshold);
}

template <class T, class Operands> T selected(Operands const& ops, std::size_t n, std::size_t count, l1loss_reduction r) {
    if constexpr (Operands::is_weighted) {
        auto const sum = here::sum(terms_of<detail::summed{.terms = true, .weights = true}>(ops), n);
        return finish<T, true>(static_cast<reduction>(r), sum.numerator, sum.weight);
    } else {
        return finished<T>(r, here::sum(loss_terms(ops), n), count);
    }
}

template <class T>
T weighted(T const* input, T const* target, T const* weights, unsigned char const* mask, std::size_t n, l1loss_reduction r,
           std::size_t& count) noexcept {
    count = mask == nullptr ? n : count_nonzero<Arch>(mask, n);
    auto const ops = plain(input, target);
    if (weights == nullptr)
        return mask == nullptr ? selected<T>(ops, n, n, r)
                               : selected<T>(ops.make(input, target, nothing{}, mask, nothing{}), n, count, r);
    return mask == nullptr ? selected<T>(ops.make(input, target, weights, nothing{}, nothing{}), n, n, r)
                           : selected<T>(ops.make(input, target, weights, mask, nothing{}), n, count, r);
}

template <class T> void none(T const* input, T const* target, std::size_t n, T* output) noexcept {
    here::write(terms_of<no_sum>(plain(input, target), output), n);
}

template <class T>
void backward(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) noexcept {
    here::write(terms_of<no_sum>(scaled(input, target, n, r, grad_output), nothing{}, grad_input), n);
}

template <class T>
T with_gradient(T const* input, T const* target, std::size_t n, l1loss_reduction r, T grad_output, T* grad_input) noexcept {
    auto const terms = terms_of<sum_of_terms>(scaled(input, target, n, r, grad_output), nothing{}, grad_input);
    return finished<T>(r, here::sum(terms, n), n);
}

template <class T>
void rows(T const* input, T const* target, std::size_t rows, std::size_t columns, l1loss_reduction r,
          accumulator_of<T>* output) noexcept {
    auto const ops = plain(input, target);
    here::sum_rows([&](std::size_t row) L1LOSS_INLINE { return summed(ops.row(row, columns)); }, rows, columns,
                   [&](std::size_t row, auto sum) L1LOSS_INLINE { output[row] = finished<accumulator_of<T>>(r, sum, columns); });
}

struct make_kernels {
    template <class T> constexpr losses<T> operator()(losses<T>) const {
        return {loss<reduction::mean, accumulator_of<T>, T>, loss<reduction::sum, sum_of<T>, T>, rows<T>};
    }
    template <class T> constexpr gradients<T> operator()(gradients<T>) const { return {none<T>, backward<T>, with_gradient<T>}; }
    template <class T> constexpr selections<T> operator()(selections<T>) const { return {weighted<T>, exceeds<T>}; }
};

} // namespace

// Without -DL1LOSS_SELECTIONS=name, which is another instruction set, the selections are compiled here.
#ifdef L1LOSS_SELECTIONS
namespace selections_of {
extern selection_table const L1LOSS_SELECTIONS;
}
#else
#define L1LOSS_SELECTIONS L1LOSS_ISA
namespace selections_of {
extern selection_table const L1LOSS_ISA;
constinit selection_table const L1LOSS_ISA = make_table(make_kernels{}, selection_table{});
} // namespace selections_of
#endif

namespace tables {
extern kernel_table const L1LOSS_ISA;
constinit kernel_table const L1LOSS_ISA{make_table(make_kernels{}, loss_table{}), &selections_of::L1LOSS_SELECTIONS};
} // namespace tables

} // namespace l1loss::compiled
