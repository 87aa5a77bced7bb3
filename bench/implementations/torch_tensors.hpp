// libtorch as the benchmarks use it, without a type of its headers.
//
// Those headers need their own C++ standard and ABI.
#pragma once

#include <cstddef>

namespace l1loss_bench {

enum class torch_type { float32, half, bfloat16 };

/// Two tensors of n elements in the caller's memory. The first requires a gradient.
class torch_tensors {
public:
    torch_tensors(void const* input, void const* target, std::size_t n, int threads = 1, torch_type type = torch_type::float32);
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
