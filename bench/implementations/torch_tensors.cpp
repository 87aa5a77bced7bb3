// The part that includes libtorch, compiled with its flags as C++17, because not every compiler takes its headers as C++20.
#include "torch_tensors.hpp"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/l1_loss.h>

namespace l1loss_bench {

struct torch_tensors::tensors {
    at::Tensor input, target, loss;
};

torch_tensors::torch_tensors(void const* input, void const* target, std::size_t n, int threads, torch_type type) {
    at::set_num_threads(threads);
    auto const scalar = type == torch_type::half ? at::kHalf : type == torch_type::bfloat16 ? at::kBFloat16 : at::kFloat;
    auto const tensor = [&](void const* p) { return at::from_blob(const_cast<void*>(p), {static_cast<std::int64_t>(n)}, scalar); };
    all_ = new tensors{tensor(input).set_requires_grad(true), tensor(target), {}};
}

torch_tensors::~torch_tensors() { delete all_; }

void torch_tensors::forward() {
    at::NoGradGuard const none;
    all_->loss = at::l1_loss(all_->input, all_->target);
}

void torch_tensors::forward_and_backward() {
    all_->input.mutable_grad().reset();
    all_->loss = at::l1_loss(all_->input, all_->target);
    all_->loss.backward();
}

double torch_tensors::loss() const { return all_->loss.item<float>(); }

float const* torch_tensors::gradient() const { return all_->input.grad().data_ptr<float>(); }

} // namespace l1loss_bench
