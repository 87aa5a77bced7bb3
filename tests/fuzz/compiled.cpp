// Fuzzes the compiled library on every instruction set: its bits, with arrays at guard pages, and what it says of hostile
// arguments.
#include <l1loss/dispatch.hpp>

#include "../support/guarded.hpp"
#include "choices.hpp"

using namespace fuzz;
using l1loss::bfloat16_t, l1loss::float16_t, l1loss::reduction;
namespace dispatch = l1loss::dispatch;

namespace {

/// n elements that begin or end at a page which faults.
template <class T, int> std::span<T> place(choices& c, std::size_t n, bool is_filled = true) {
    static test::guarded<T> const room(5000);
    std::span<T> const all(c.below(2) == 0 ? room.at_end(n) : room.at_begin(), n);
    std::size_t const kind = c.below(8);
    std::uint64_t state = c.bytes(2);
    std::memset(static_cast<void*>(all.data()), 0xff, all.size_bytes());
    if (is_filled)
        for (T& x : all) x = element<T>(kind, next_random(state));
    return all;
}

/// Weights, a mask, a count and a threshold.
template <class T> void selected(choices& c, std::span<T> x, std::span<T> y, reference::call<T> call) {
    bool const is_sum = c.below(2) != 0;
    if (c.below(4) == 0) {
        auto const e = reference::loss(call);
        T const loss = is_sum ? e.sum : e.mean;
        T const near[] = {loss, std::nextafter(loss, T(0)), std::nextafter(loss, T(HUGE_VAL)), element<T>(0, c.bytes(8))},
                threshold = c.of(near);
        bool const exceeds = is_sum ? dispatch::l1_exceeds<reduction::sum>(x, y, threshold) : dispatch::l1_exceeds(x, y, threshold);
        if (exceeds != !(loss <= threshold)) wrong("exceeds", x.size(), loss, threshold);
        return;
    }
    auto const w = place<T, 3>(c, x.size());
    auto const m = place<std::uint8_t, 4>(c, x.size());
    std::size_t const options = 1 + c.below(3);
    call.is_weighted = (options & 1) != 0;
    if (call.is_weighted) call.weights.assign(w.begin(), w.end());
    if ((options & 2) != 0) call.mask.assign(m.begin(), m.end());
    std::size_t counted = 77;
    auto const run = [&](auto const&... given) {
        using l1loss::count;
        return is_sum ? dispatch::l1_loss<reduction::sum>(x, y, count(counted), given...)
                      : dispatch::l1_loss(x, y, given..., count(counted));
    };
    T const got = options == 1   ? run(l1loss::weights(w))
                  : options == 2 ? run(l1loss::where(m))
                                 : run(l1loss::weights(w), l1loss::where(m));
    auto const e = reference::loss(call);
    if (!same_bits(got, is_sum ? e.sum : e.mean) || counted != e.count) wrong("selected", x.size(), options, got, counted, e.count);
}

template <class T> void bits(choices& c) {
    using A = l1loss::accumulator_of<T>;
    std::size_t const n = c.length(), what = c.below(3), columns = 1 + c.below(40), rows = n / columns, part = rows * columns;
    auto const x = place<T, 0>(c, n), y = place<T, 1>(c, n);
    using B = std::conditional_t<std::integral<T>, double, A>; // the sum of integers is exact
    reference::call<B> call;
    for (T const v : x) call.input.push_back(number<B>(v));
    for (T const v : y) call.target.push_back(number<B>(v));
    auto const expected = reference::loss(call);
    if (what == 0) {
        A const mean = dispatch::l1_loss(x, y);
        B const sum = B(dispatch::l1_loss<reduction::sum>(x, y));
        if (!same_bits(mean, A(expected.mean)) || !same_bits(sum, expected.sum))
            wrong("mean or sum", n, mean, expected.mean, sum, expected.sum);
    } else if (what == 1) {
        auto const out = place<A, 2>(c, rows, false);
        dispatch::l1_loss_rows(x.first(part), y.first(part), rows, out);
        for (std::size_t r = 0; r < rows; ++r)
            if (A const e = A(reference::loss(call.part(r * columns, columns, 1)).mean); !same_bits(out[r], e))
                wrong("rows", rows, columns, r, out[r], e);
    } else if constexpr (std::floating_point<T>) {
        std::span<T> const places[] = {place<T, 2>(c, n, false), place<T, 2>(c, n, false), x, y}, out = c.of(places);
        T const g = element<T>(c.below(8), c.bytes(8)), divisor = T(n);
        std::size_t const function = c.below(6);
        if (function > 3) return selected(c, x, y, call);
        if (function == 0) dispatch::l1_loss<reduction::none>(x, y, out);
        if (function == 1) dispatch::l1_loss_backward(x, y, out, g);
        if (function == 2) dispatch::l1_loss_backward<reduction::sum>(x, y, out, g);
        if (function == 3)
            if (T const mean = dispatch::l1_loss_with_gradient(x, y, out, g); !same_bits(mean, expected.mean))
                wrong("mean with gradient", n, mean, expected.mean);
        compare("none or gradient", out.data(),
                function == 0 ? expected.none : reference::gradient(call, {g}, function == 2 ? 1 : double(divisor)));
    }
}

// ---- Hostile arguments. Pointers are null or lie in one array, so that they overlap. Sizes are short, or no memory has them.

struct memory {
    void const* p;
    std::size_t n, size;
    bool overlaps(memory const& other) const {
        auto const at = reinterpret_cast<std::uintptr_t>(p), to = reinterpret_cast<std::uintptr_t>(other.p);
        return n > 0 && other.n > 0 && at < to + other.n * other.size && to < at + n * size;
    }
    bool is(memory const& other) const { return p == other.p && n * size == other.n * other.size; }
    bool is_too_large() const { return n > std::size_t(PTRDIFF_MAX) / size; }
    bool is_null() const { return p == nullptr && n > 0; }
};
/// What l1loss.h says of an output.
l1loss_status status_of(memory x, memory y, memory out, bool may_be_same) {
    if (x.is_too_large() || out.is_too_large()) return L1LOSS_TOO_MANY_ELEMENTS;
    if (x.is_null() || y.is_null() || out.is_null()) return L1LOSS_NULL_POINTER;
    if (out.overlaps(x) && !(may_be_same && out.is(x))) return L1LOSS_OVERLAPS_INPUT;
    if (out.overlaps(y) && !(may_be_same && out.is(y))) return L1LOSS_OVERLAPS_TARGET;
    return L1LOSS_OK;
}

std::size_t hostile_size(choices& c, std::size_t size) {
    std::size_t const limit = std::size_t(PTRDIFF_MAX) / size;
    return c.below(4) != 0 ? c.below(9)
                           : c.of<std::size_t>({limit, limit + 1, SIZE_MAX, SIZE_MAX / 2 + 1, std::size_t{1} << 32, 0});
}

template <class T> void hostile(choices& c) {
    T room[64], before[64];
    for (std::uint64_t state = 0; T & x : room) x = element<T>(0, next_random(state));
    std::memcpy(before, room, sizeof room);
    auto const any = [&] { return c.below(8) == 0 ? nullptr : room + c.below(56); };
    T *const x = any(), *const y = any(), *const out = any(), *const loss = any();
    auto const r = c.of({L1LOSS_MEAN, L1LOSS_SUM, L1LOSS_MEAN, L1LOSS_SUM, l1loss_reduction(0), l1loss_reduction(3)});
    std::size_t const n = hostile_size(c, sizeof(T)), columns = hostile_size(c, sizeof(T)), what = c.below(4);
    memory const in{x, n, sizeof(T)}, to{y, n, sizeof(T)}, at{out, n, sizeof(T)}, result{loss, 1, sizeof(T)};
    l1loss_status expected = status_of(in, to, at, true);
    if (what == 2 && expected == L1LOSS_OK) expected = status_of(in, to, result, false);
    if (what == 2 && expected == L1LOSS_OK && result.overlaps(at)) expected = L1LOSS_OUTPUTS_OVERLAP;
    if (what == 3) {
        std::size_t const all = n * columns;
        bool const is_countable = n == 0 || all / n == columns;
        expected = !is_countable ? L1LOSS_TOO_MANY_ELEMENTS : status_of({x, all, sizeof(T)}, {y, all, sizeof(T)}, at, false);
    }
    if (what != 0 && r != L1LOSS_MEAN && r != L1LOSS_SUM) expected = L1LOSS_UNKNOWN_REDUCTION;
    if (expected == L1LOSS_OK && (n > 8 || (what == 3 && n * columns > 8))) return; // it would be read
    using f = l1loss::detail::compiled_for<T>;
    l1loss_status const got = what == 0   ? f::none(x, y, n, out)
                              : what == 1 ? f::backward(x, y, n, r, T(2), out)
                              : what == 2 ? f::with_gradient(x, y, n, r, T(2), out, loss)
                                          : f::rows(x, y, n, columns, r, out);
    if (got != expected) wrong("status", what, n, columns, got, expected);
    if (got != L1LOSS_OK && std::memcmp(before, room, sizeof room) != 0) wrong("something was written", what, n, got);
    if ((x == nullptr || y == nullptr) && n > 0 && !std::isnan(f::mean(x, y, n))) wrong("mean of a null pointer", n);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t n) {
    static constexpr void (*all[])(choices&) = {hostile<float>,      hostile<double>,   bits<float>,        bits<double>,
                                                bits<float16_t>,     bits<bfloat16_t>,  bits<std::uint8_t>, bits<std::int8_t>,
                                                bits<std::uint16_t>, bits<std::int16_t>};
    static std::vector<std::string_view> const isas = l1loss::available_isas();
    choices c(bytes, n);
    if (!l1loss::set_isa(isas[c.below(isas.size())])) wrong("set_isa");
    c.of(all)(c);
    return 0;
}
