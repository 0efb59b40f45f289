#include "core/engine/layers/cuda_linear.h"

#include "core/engine/kernels/cuda/quantized.h"
#include "core/engine/layers/aten.h"
#include "core/engine/quantization/kernels.h"

#include <c10/cuda/CUDAException.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <bit>
#include <cstring>

namespace millm::engine {

namespace {

cuda::Half half_of(at::ScalarType type) {
    switch (type) {
        case at::kHalf:
            return cuda::Half::F16;
        case at::kBFloat16:
            return cuda::Half::BF16;
        default:
            return cuda::Half::F32;
    }
}

void *stream_of(const at::Tensor &x) {
    return c10::cuda::getCurrentCUDAStream(x.device().index()).stream();
}

at::Tensor to_device(const void *from, std::size_t count, at::ScalarType type, const Compute &compute) {
    at::Tensor tensor = at::empty({static_cast<std::int64_t>(count)}, at::TensorOptions(type));
    std::memcpy(tensor.data_ptr(), from, tensor.nbytes());
    return tensor.to(compute.device);
}

class PlainCudaLinear : public Linear {
public:
    PlainCudaLinear(at::Tensor weight, at::Tensor bias) : weight_(std::move(weight)), bias_(std::move(bias)) {}
    at::Tensor forward(const at::Tensor &x) const override {
        return at::linear(x, weight_, bias_.defined() ? std::optional<at::Tensor>(bias_) : std::nullopt);
    }
    std::uint64_t bytes() const override { return weight_.nbytes() + (bias_.defined() ? bias_.nbytes() : 0); }

private:
    at::Tensor weight_, bias_;
};

/// Weights in fewer bits: read in place for a few rows, written out in the activation's type for many.
template <class Matrix>
class QuantizedCudaLinear : public Linear {
public:
    QuantizedCudaLinear(Matrix matrix, bool in_place, std::vector<at::Tensor> memory, at::Tensor bias)
        : matrix_(matrix), in_place_(in_place), memory_(std::move(memory)), bias_(std::move(bias)) {}

    at::Tensor forward(const at::Tensor &x) const override {
        TORCH_CHECK(x.is_contiguous(), "a quantized linear layer takes contiguous rows, not strides of ", x.strides());
        const c10::cuda::CUDAGuard guard(x.device());
        const cuda::Half type = half_of(x.scalar_type());
        if (in_place_ && x.size(0) <= cuda::most_rows) {
            at::Tensor y = at::empty({x.size(0), matrix_.out}, x.options());
            cuda::multiply(matrix_, type, x.const_data_ptr(), x.size(0), y.mutable_data_ptr(), stream_of(x));
            C10_CUDA_KERNEL_LAUNCH_CHECK();
            return bias_.defined() ? y.add_(bias_) : y;
        }
        at::Tensor weight = at::empty({matrix_.out, matrix_.in}, x.options());
        cuda::widen(matrix_, type, weight.mutable_data_ptr(), stream_of(x));
        C10_CUDA_KERNEL_LAUNCH_CHECK();
        return at::linear(x, weight, bias_.defined() ? std::optional<at::Tensor>(bias_) : std::nullopt);
    }

    std::uint64_t bytes() const override {
        std::uint64_t total = bias_.defined() ? bias_.nbytes() : 0;
        for (const at::Tensor &tensor : memory_) total += tensor.nbytes();
        return total;
    }

private:
    Matrix matrix_;
    bool in_place_;
    std::vector<at::Tensor> memory_;  ///< what the matrix points into
    at::Tensor bias_;
};

at::Tensor bias_of(const StoredLinear &stored, const Compute &compute) {
    return stored.bias.info != nullptr ? load_tensor(stored.bias, compute, compute.activations) : at::Tensor();
}

}  // namespace

std::unique_ptr<Linear> make_plain_cuda_linear(const at::Tensor &weight) {
    return std::make_unique<PlainCudaLinear>(weight, at::Tensor());
}

std::unique_ptr<Linear> make_plain_cuda_linear(const StoredLinear &stored, const Compute &compute) {
    return std::make_unique<PlainCudaLinear>(plain_weight(stored, compute, compute.activations), bias_of(stored, compute));
}

std::unique_ptr<Linear> make_four_bit_cuda_linear(const StoredLinear &stored, const Compute &compute) {
    const auto &weight = std::get<FourBitWeight>(stored.weight);
    const at::Tensor packed = to_device(weight.packed.data(), weight.packed.size(), at::kByte, compute);
    const at::Tensor absmax = to_device(weight.absmax.data(), weight.absmax.size(), at::kFloat, compute);
    const at::Tensor code = to_device(weight.code.data(), weight.code.size(), at::kFloat, compute);
    const cuda::FourBitMatrix matrix{packed.const_data_ptr<std::uint8_t>(),
                                     absmax.const_data_ptr<float>(),
                                     code.const_data_ptr<float>(),
                                     stored.out,
                                     stored.in,
                                     std::countr_zero(static_cast<std::uint64_t>(weight.block))};
    return std::make_unique<QuantizedCudaLinear<cuda::FourBitMatrix>>(
        matrix, stored.in % 8 == 0, std::vector{packed, absmax, code}, bias_of(stored, compute));
}

std::unique_ptr<Linear> make_int8_cuda_linear(const StoredLinear &stored, const Compute &compute) {
    const auto &weight = std::get<Int8Weight>(stored.weight);
    const at::Tensor codes = to_device(weight.codes.data(), weight.codes.size(), at::kChar, compute);
    // The reference's own constant for 1/127.
    const at::Tensor scale = to_device(weight.scale.data(), weight.scale.size(), at::kFloat, compute).mul_(int8_unit);
    const cuda::Int8Matrix matrix{codes.const_data_ptr<std::int8_t>(), scale.const_data_ptr<float>(), stored.out, stored.in};
    return std::make_unique<QuantizedCudaLinear<cuda::Int8Matrix>>(matrix, true, std::vector{codes, scale},
                                                                   bias_of(stored, compute));
}

}  // namespace millm::engine
