// The L1 loss of libtorch, replaced by an autograd function whose bits depend on no thread count.
//
// It exits with 0 only if losses and gradients are those of libtorch up to rounding, and gradients those of finite differences.
#include <cmath>
#include <cstdio>
#include <span>
#include <string>

#include <torch/torch.h>

#include <l1loss/l1loss.hpp>

namespace {

using l1loss::reduction;

template <class T> std::span<T> elements(torch::Tensor const& t) { return {t.data_ptr<T>(), static_cast<std::size_t>(t.numel())}; }

/// The L1 loss of two tensors of the same shape and type, float or double, on the CPU.
struct l1_loss_function : torch::autograd::Function<l1_loss_function> {
    static torch::Tensor forward(torch::autograd::AutogradContext* context, torch::Tensor const& input, torch::Tensor const& target,
                                 reduction r) {
        TORCH_CHECK(input.sizes() == target.sizes(), "input has shape ", input.sizes(), ", target has ", target.sizes());
        TORCH_CHECK(input.scalar_type() == target.scalar_type(), "input and target have different types");
        auto const x = input.contiguous(), y = target.contiguous();
        context->save_for_backward({x, y});
        context->saved_data["reduction"] = static_cast<std::int64_t>(r);
        auto const loss = r == reduction::none ? torch::empty_like(x) : torch::empty({}, x.options());
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "l1_loss", [&] {
            auto const a = elements<scalar_t>(x), b = elements<scalar_t>(y), out = elements<scalar_t>(loss);
            if (r == reduction::none) l1loss::l1_loss<reduction::none>(a, b, out);
            else out[0] = l1loss::l1_loss(a, b, r);
        });
        return loss;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list grad_loss) {
        auto const saved = context->get_saved_variables();
        auto const r = static_cast<reduction>(context->saved_data["reduction"].toInt());
        auto const &x = saved[0], &y = saved[1], g = grad_loss[0].contiguous();
        auto const grad_input = torch::empty_like(x), grad_target = torch::empty_like(x);
        AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "l1_loss_backward", [&] {
            auto const a = elements<scalar_t>(x), b = elements<scalar_t>(y), scale = elements<scalar_t>(g);
            auto const dx = elements<scalar_t>(grad_input), dy = elements<scalar_t>(grad_target);
            using l1loss::grad_output, l1loss::grad_target;
            if (r == reduction::none) l1loss::l1_loss_backward<reduction::none>(a, b, dx, grad_output(scale), grad_target(dy));
            else l1loss::l1_loss_backward(a, b, dx, r, grad_output(scale[0]), grad_target(dy));
        });
        return {grad_input, grad_target, {}};
    }
};

/// Takes the place of torch::nn::L1Loss.
struct L1Loss : torch::nn::Module {
    explicit L1Loss(reduction r = reduction::mean) : r_(r) {}
    torch::Tensor forward(torch::Tensor const& input, torch::Tensor const& target) const {
        return l1_loss_function::apply(input, target, r_);
    }

private:
    reduction r_;
};

/// The largest distance of the gradient from the finite differences of f at x.
template <class F> double distance(torch::Tensor const& x, torch::Tensor const& gradient, F f) {
    constexpr double step = 1e-6;
    double worst = 0;
    torch::NoGradGuard const off;
    auto const values = x.view({-1}), slopes = gradient.reshape({-1});
    for (std::int64_t i = 0; i < values.numel(); ++i) {
        double const at = values[i].item<double>();
        values[i] = at + step;
        double const above = f();
        values[i] = at - step;
        double const below = f();
        values[i] = at;
        double const difference = std::fabs((above - below) / (2 * step) - slopes[i].item<double>());
        if (!(difference <= worst)) worst = difference; // also if it is NaN
    }
    return worst;
}

} // namespace

int main() {
    torch::manual_seed(1);
    bool good = true;
    for (reduction r : {reduction::mean, reduction::sum, reduction::none}) {
        auto const x = torch::randn({5, 7}, torch::kDouble).set_requires_grad(true);
        auto const y = torch::randn({5, 7}, torch::kDouble).set_requires_grad(true);
        auto const factors = torch::randn({7, 5}, torch::kDouble); // so that the gradient of a loss is not 1
        L1Loss const loss(r);
        auto const final_result = [&] { return (loss.forward(x.t(), y.t()) * factors).sum(); };
        final_result().backward();
        double const of_input = distance(x, x.grad(), [&] { return final_result().item<double>(); });
        double const of_target = distance(y, y.grad(), [&] { return final_result().item<double>(); });
        std::printf("%-4s  gradients differ from finite differences by less than 1e-7: %s\n", std::string(to_string(r)).c_str(),
                    of_input < 1e-7 && of_target < 1e-7 ? "yes" : "no");
        good = good && of_input < 1e-7 && of_target < 1e-7;
    }

    auto const x = torch::randn({1 << 20}), y = torch::randn({1 << 20});
    double const exact = torch::l1_loss(x.to(torch::kDouble), y.to(torch::kDouble)).item<double>();
    double const ours = L1Loss().forward(x, y).item<double>(), theirs = torch::l1_loss(x, y).item<double>();
    std::printf("2^20 floats: ours %.9g, libtorch %.9g, in double %.9g\n", ours, theirs, exact);
    good = good && std::fabs(ours - exact) <= exact * double(l1loss::relative_error_bound<float>(1 << 20, reduction::mean));

    try {
        L1Loss().forward(torch::zeros({3, 1}), torch::zeros({3}));
        good = false;
    } catch (c10::Error const& error) {
        std::printf("refused: %s\n", error.what_without_backtrace());
    }
    return good ? 0 : 1;
}
