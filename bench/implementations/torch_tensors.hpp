// libtorch as the benchmarks use it, without a type of its headers.
//
// Those headers need their own C++ standard and ABI.
#pragma once

#include <cstddef>

namespace l1loss_bench {

/// Two tensors of n floats in the caller's memory. The first requires a gradient.
class torch_tensors {
public:
    torch_tensors(float const* input, float const* target, std::size_t n, int threads = 1);
    ~torch_tensors();
    torch_tensors(torch_tensors const&) = delete;
    torch_tensors& operator=(torch_tensors const&) = delete;

    /// The mean, without a gradient.
    void forward();

    /// The mean, and its gradient as a new tensor, as after zero_grad().
    void forward_and_backward();

    double loss() const;
    float const* gradient() const;

private:
    struct tensors;
    tensors* all_;
};

} // namespace l1loss_bench
