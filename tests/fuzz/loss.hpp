// Calls l1_loss, l1_loss_rows and l1_loss_columns as the bytes choose, and compares their bits with the reference.
#pragma once

#include <l1loss/dequantized.hpp>
#include <l1loss/loss.hpp>
#include <l1loss/rows.hpp>

#include "arguments.hpp"

namespace fuzz {

using l1loss::count, l1loss::reduction;

/// A call of elements X and Y, computed in A. Outputs and rows have either no option, or all three: each combination takes a third
/// of a second to compile.
template <class X, class Y, unsigned Forms, unsigned Sets, bool is_quantized = false> class losses {
    using A = std::conditional_t<std::is_same_v<X, double> || std::is_same_v<Y, double>, double, float>;
    using Out = std::conditional_t<is_short<X>, X, A>;
    template <class... Options> static constexpr bool is_tried = sizeof...(Options) == 0 || sizeof...(Options) == 3;

    choices& c_;
    arguments<X, Y, X, Forms, Sets> const a_{c_};
    float const scale_ = element<float>(c_.below(8), c_.bytes(8));
    int const zero_point_ = int(element<std::int8_t>(0, c_.bytes(1))) + 128 * std::is_unsigned_v<X>;
    reference::call<A> const call_ = call();

    reference::call<A> call() const {
        auto call = a_.template call<A>();
        if (is_quantized)
            for (A& q : call.input) q = reference::product(q - A(zero_point_), A(scale_));
        return call;
    }
    auto input(auto const& x) const {
        if constexpr (is_quantized) return l1loss::dequantized(x, scale_, zero_point_);
        else return x;
    }
    /// The sum of integers without weights is exact, and that of so few is exact in double.
    static reference::result<A> expected(reference::call<A> const& part) {
        auto r = reference::loss(part);
        if (!std::integral<X> || !std::integral<Y> || is_quantized || part.is_weighted) return r;
        auto const exact = reference::loss(reference::call<double>{
            {part.input.begin(), part.input.end()}, {part.target.begin(), part.target.end()}, {}, part.mask, false, false});
        r.sum = A(exact.sum), r.mean = A(exact.mean);
        return r;
    }

public:
    explicit losses(choices& c) : c_(c) {
        std::size_t const what = c.below(4);
        if (what < 2) reduced();
        else if (what == 2) elementwise();
        else rows_or_columns();
    }

    void reduced() const {
        reduction const r = c_.of({reduction::mean, reduction::sum});
        auto const e = expected(call_);
        a_.pass_to([&](auto, auto const& x, auto const& y, auto const&... options) {
            std::size_t counted = 77;
            A result = 77;
            bool const done = succeeds(a_.fails(), [&] { result = l1loss::l1_loss(input(x), y, r, options..., count(counted)); });
            if (!same_bits(result, !done ? 77 : r == reduction::sum ? e.sum : e.mean))
                wrong("mean or sum", a_.all.size(), result, e.sum, e.mean);
            if (counted != (done ? e.count : 77)) wrong("count", counted, e.count);
        });
    }

    void elementwise() const {
        auto const e = expected(call_);
        std::vector<array<Out> const*> replaceable;
        if constexpr (std::is_same_v<X, Out>) replaceable = a_.replaceable();
        output<Out> const out(c_, a_.all, replaceable);
        a_.pass_to([&](auto k, auto const& x, auto const& y, auto const&... options) {
            if constexpr (is_tried<decltype(options)...>) {
                bool const done = succeeds(a_.fails() || out.fails(),
                                           [&] { l1loss::l1_loss<reduction::none>(input(x), y, out.as(k), options...); });
                out.check("none", done, e.none);
            }
        });
    }

    void rows_or_columns() const {
        bool const by_column = c_.below(2) != 0;
        std::size_t const rows = a_.all.rows, columns = a_.form == given::ranges && rows == 0 ? 0 : a_.all.columns;
        std::size_t const n = by_column ? columns : rows;
        output<A> const out(c_, {1, n});
        array<std::size_t> const counts(c_, {1, n});
        a_.pass_to([&](auto k, auto const& x, auto const& y, auto const&... options) {
            if constexpr (is_tried<decltype(options)...>) {
                constexpr reduction r = int(k()) % 2 == 0 ? reduction::mean : reduction::sum;
                bool const done = succeeds(a_.fails() || out.fails(), [&] {
                    auto const run = [&](auto const&... more) {
                        if (by_column) l1loss::l1_loss_columns<r>(input(x), y, more...);
                        else l1loss::l1_loss_rows<r>(input(x), y, more...);
                    };
                    auto const to = out.as(constant<given::ranges>);
                    if constexpr (k() == given::ranges) run(rows, to, options..., count(counts.span()));
                    else if constexpr (k() == given::of_rows) run(to, rows, options...);
                    else run(options..., count(counts.span()), to);
                });
                for (std::size_t i = 0; done && i < n; ++i) {
                    auto const e = expected(by_column ? call_.part(i, rows, columns) : call_.part(i * columns, columns, 1));
                    A const got = number<A>(out.data()[i]), loss = r == reduction::mean ? e.mean : e.sum;
                    if (!same_bits(got, loss)) wrong("rows or columns", rows, columns, i, got, loss);
                    if (k() != given::of_rows && counts.at(0, i) != e.count) wrong("counts", rows, columns, i, counts.at(0, i));
                }
                if (!done && (!counts.is_untouched() || !out.is_unchanged())) wrong("rows of a call that fails");
            }
        });
    }
};

} // namespace fuzz
