// Fuzzes l1_loss_backward and l1_loss_with_gradient of floats with every combination of options.
#include <l1loss/gradient.hpp>

#include "arguments.hpp"

using namespace fuzz;
using l1loss::count, l1loss::grad_output, l1loss::grad_target, l1loss::reduction;

namespace {

/// What both gradients are, for `g`, which is one number or one per element.
struct expected_gradients {
    std::vector<float> of_input, of_target;

    expected_gradients(plan const& p, reference::call<float> call, std::vector<float> const& g, double divisor)
        : of_input(reference::gradient(call, g, divisor)) {
        std::swap(call.input, call.target);
        of_target = reference::gradient(call, g, divisor);
        if (p.form == given::broadcasts) of_input = reference::reduced(of_input, p.all.columns, p.of[0].rows, p.of[0].columns);
        if (p.form == given::broadcasts || p.form == given::of_target)
            of_target = reference::reduced(of_target, p.all.columns, p.of[1].rows, p.of[1].columns);
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t n) {
    choices c(bytes, n);
    bool const chooses_none = c.below(3) == 2, chooses_loss = c.below(2) == 0;
    arguments<float, float, float> const a(c);
    reduction const r = c.of({reduction::mean, reduction::sum});
    float const number = element<float>(c.below(8), c.bytes(8));
    array<float> g(c, a.all, a.form == given::ranges ? packed(a.all) : any_layout(c, a.all));
    g.fill(c);
    auto const each_number = g.numbers<float>(a.all); // an output may replace g
    auto const call = a.call<float>();
    auto const loss = reference::loss(call);

    a.pass_to([&](auto k, auto const& x, auto const& y, auto const&... options) {
        constexpr std::size_t given_options = sizeof...(options);
        constexpr bool has_number = int(k()) % 2 == 0, has_array = k() == given::ranges || k() == given::views;
        bool const is_none = chooses_none && given_options % 3 == 0, has_loss = given_options == 0 ? chooses_loss : has_number;
        auto replaceable = a.replaceable();
        if (is_none && has_array) replaceable.push_back(&g);
        output<float> const of_input(c, a.of[0], replaceable), of_target(c, has_array ? a.all : a.of[1], replaceable);
        auto const to_input = of_input.as(k), to_target = of_target.as(k);
        std::size_t counted = 77;
        float result = 77;
        auto const run_none = [&](auto const& scale) {
            if constexpr (given_options % 3 == 0)
                l1loss::l1_loss_backward<reduction::none>(x, y, to_input, grad_target(to_target), options..., grad_output(scale));
        };
        auto const run = [&](auto const&... more) {
            if constexpr (given_options == 0 || !has_number)
                if (!has_loss) l1loss::l1_loss_backward(x, y, to_input, r, grad_target(to_target), options..., more...);
            if constexpr (given_options == 0 || has_number)
                if (has_loss)
                    result = l1loss::l1_loss_with_gradient(x, y, to_input, r, options..., more..., grad_target(to_target));
        };
        bool const fails = a.fails() || of_input.fails() || of_target.fails() || of_input.overlaps(of_target);
        bool const done = succeeds(fails, [&] {
            if (!is_none) {
                if constexpr (has_number) run(grad_output(number));
                else run(count(counted));
            } else if constexpr (k() == given::ranges) {
                run_none(g.span());
            } else if constexpr (k() == given::views) {
                run_none(g.view());
            } else {
                run_none(number);
            }
        });
        std::vector<float> scale{is_none || has_number ? number : 1.f};
        if (is_none && has_array) scale = each_number;
        expected_gradients const expected(a, call, scale, !is_none && r == reduction::mean ? loss.denominator : 1);
        of_input.check("grad_input", done, expected.of_input);
        of_target.check("grad_target", done, expected.of_target);
        if (done && !is_none && has_loss && !same_bits(result, r == reduction::mean ? loss.mean : loss.sum))
            wrong("loss with gradient", a.all.size(), result, loss.mean, loss.sum);
        if (counted != 77 && counted != loss.count) wrong("count", counted, loss.count);
    });
    return 0;
}
