// The arguments, options and outputs of one call: contiguous ranges, views and broadcasts, in place or apart, and what must fail.
#pragma once

#include <algorithm>
#include <stdexcept>
#include <type_traits>

#include <l1loss/options.hpp>

#include "choices.hpp"

namespace fuzz {

/// How input, target, weights and mask are given.
///     ranges      contiguous ranges
///     views       views of one shape
///     broadcasts  views that are broadcast, all four
///     of_rows     a range, a view, broadcast weights, a view
///     of_target   a view, a broadcast target, ranges
enum class given { ranges, views, broadcasts, of_rows, of_target };
template <given Form> inline constexpr std::integral_constant<given, Form> constant{};

/// The shapes and strides of a call.
struct plan {
    given form;
    unsigned options; // 1 weights, 2 a mask, 4 skip_nan
    shape all, of[4]; // of the result, and of input, target, weights and mask
    layout layouts[4];
    unsigned misfit = 0; // the one of these that has a column more than the others

    plan(choices& c, shape s, unsigned forms, unsigned sets) : form(given(c.below(forms))), options(unsigned(c.below(8)) & sets) {
        static constexpr char const* each[] = {"rrrr", "vvvv", "bbbb", "rvbv", "vbrr"};
        char const* const how = each[int(form)];
        auto const shape_of = [&](int k, shape to) {
            if (how[k] == 'b' && c.below(3) == 0) to.rows = 1;
            if (how[k] == 'b' && c.below(3) == 0) to.columns = 1;
            return to;
        };
        of[0] = shape_of(0, s), of[1] = shape_of(1, s);
        all = {of[0].rows == 1 ? of[1].rows : of[0].rows, of[0].columns == 1 ? of[1].columns : of[0].columns};
        of[2] = shape_of(2, all), of[3] = shape_of(3, all);
        if (form <= given::views && all.size() > 0 && c.below(16) == 15) ++of[misfit = unsigned(1 + c.below(3))].columns;
        for (int k = 0; k < 4; ++k) layouts[k] = how[k] == 'r' ? packed(of[k]) : any_layout(c, of[k]);
    }
    bool fails() const { return misfit == 1 || (misfit == 2 && (options & 1) != 0) || (misfit == 3 && (options & 2) != 0); }
};

/// The first so many forms, and the sets of options that have no other bits than `Sets`. Each combination is compiled.
template <class X, class Y, class W, unsigned Forms = 5, unsigned Sets = 7> struct arguments : plan {
    array<X> x;
    array<Y> y;
    array<W> w;
    array<unsigned char> m;

    explicit arguments(choices& c) : arguments(c, c.any_shape()) {}
    arguments(choices& c, shape s)
        : plan(c, s, Forms, Sets), x(c, of[0], layouts[0]), y(c, of[1], layouts[1]), w(c, of[2], layouts[2]),
          m(c, of[3], layouts[3]) {
        x.fill(c), y.fill(c), w.fill(c);
        if ((options & 2) != 0) m.fill(c);
    }

    template <class A> reference::call<A> call() const {
        reference::call<A> r{x.template numbers<A>(all), y.template numbers<A>(all), {}, {},
                             (options & 4) != 0,         (options & 1) != 0};
        if ((options & 1) != 0) r.weights = w.template numbers<A>(all);
        if ((options & 2) != 0) r.mask = m.template numbers<unsigned char>(all);
        return r;
    }
    /// Those that an output of the same type may replace.
    std::vector<array<X> const*> replaceable() const {
        std::vector<array<X> const*> arrays;
        if (form > given::views) return arrays;
        arrays.push_back(&x);
        if constexpr (std::is_same_v<X, Y>) arrays.push_back(&y);
        if constexpr (std::is_same_v<X, W>)
            if ((options & 1) != 0) arrays.push_back(&w);
        return arrays;
    }

    /// Calls f(form, input, target, options…) with the form as a constant.
    template <class F> void pass_to(F f) const {
        using l1loss::broadcast;
        switch (form) {
        case given::ranges: return pass(f, constant<given::ranges>, x.span(), y.span(), w.span(), m.span());
        case given::views: return pass(f, constant<given::views>, x.view(), y.view(), w.view(), m.view());
        default: break;
        }
        if constexpr (Forms > 2) {
            switch (form) {
            case given::broadcasts:
                return pass(f, constant<given::broadcasts>, broadcast(x.view()), broadcast(y.view()), broadcast(w.view()),
                            broadcast(m.view()));
            case given::of_rows: return pass(f, constant<given::of_rows>, x.span(), y.view(), broadcast(w.view()), m.view());
            default: return pass(f, constant<given::of_target>, x.view(), broadcast(y.view()), w.span(), m.span());
            }
        }
    }

private:
    template <class F, class Form, class I, class T, class V, class M>
    void pass(F f, Form k, I const& input, T const& target, V const& v, M const& mask) const {
        using l1loss::skip_nan, l1loss::weights, l1loss::where;
        switch (options) {
        case 0: return f(k, input, target);
        case 1:
            if constexpr ((Sets & 1) == 1) return f(k, input, target, weights(v));
            break;
        case 2:
            if constexpr ((Sets & 2) == 2) return f(k, input, target, where(mask));
            break;
        case 3:
            if constexpr ((Sets & 3) == 3) return f(k, input, target, weights(v), where(mask));
            break;
        case 4:
            if constexpr ((Sets & 4) == 4) return f(k, input, target, skip_nan);
            break;
        case 5:
            if constexpr ((Sets & 5) == 5) return f(k, input, target, skip_nan, weights(v));
            break;
        case 6:
            if constexpr ((Sets & 6) == 6) return f(k, input, target, where(mask), skip_nan);
            break;
        default:
            if constexpr (Sets == 7) return f(k, input, target, where(mask), weights(v), skip_nan);
        }
    }
};

/// An output: memory of its own, or that of an argument, or one that must be refused.
template <class T> class output {
    shape shape_;
    array<T> own_;
    T* data_;
    std::size_t inside_; // how many elements may be looked at
    std::vector<unsigned char> before_;
    bool fails_ = false;

public:
    output(choices& c, shape s, std::vector<array<T> const*> const& arguments = {}) : output(c, s, arguments, c.below(8)) {}
    output(choices& c, shape s, std::vector<array<T> const*> const& arguments, std::size_t choice)
        : shape_{s.rows, s.columns + (choice == 7 && s.rows > 0)}, own_(c, shape_), data_(own_.data()), inside_(shape_.size()),
          fails_(shape_.columns != s.columns) {
        if ((choice == 5 || choice == 6) && !arguments.empty()) {
            array<T> const& argument = *arguments[c.below(arguments.size())];
            bool const overlaps = choice == 6;
            if (argument.is_packed() && argument.size() == s.size() && s.size() >= 2) {
                data_ = argument.data() + overlaps, inside_ -= overlaps;
                fails_ = overlaps;
            }
        }
        auto const* const bytes = reinterpret_cast<unsigned char const*>(data_);
        before_.assign(bytes, bytes + inside_ * sizeof(T));
    }

    bool fails() const { return fails_; }
    bool is_unchanged() const { return std::equal(before_.begin(), before_.end(), reinterpret_cast<unsigned char const*>(data_)); }
    bool overlaps(output const& other) const { return data_ < other.data_ + shape_.size() && other.data_ < data_ + shape_.size(); }
    T const* data() const { return data_; }
    template <class Form> auto as(Form) const {
        if constexpr (Form::value == given::views)
            return l1loss::strided(data_, {{shape_.rows, shape_.columns}, {shape_.columns, 1}});
        else return std::span<T>(data_, shape_.size());
    }
    template <class A> void check(char const* what, bool is_written, std::vector<A> const& expected) const {
        if (is_written) compare(what, data_, expected);
        else if (!is_unchanged()) wrong(what, 0);
    }
};

/// Calls f, which must throw if it `fails`. Returns whether it did not.
template <class F> bool succeeds(bool fails, F f) {
    try {
        f();
    } catch (std::invalid_argument const& error) {
        if (!fails) wrong(error.what());
        return false;
    }
    if (fails) wrong("nothing was thrown");
    return true;
}

} // namespace fuzz
