#include "core/engine/layers/device_linear.h"

#include "core/engine/layers/aten.h"
#include "core/engine/layers/device_runtime.h"
#include "core/engine/quantization/kernels.h"

#include <bit>

namespace millm::engine {

namespace {

template <class Values>
at::Tensor to_device(const Values &values, at::ScalarType type, const Compute &compute) {
    return copy_to_device(std::as_bytes(std::span(values)), {static_cast<std::int64_t>(std::size(values))}, type,
                          compute.device);
}

std::optional<at::Tensor> optional(const at::Tensor &tensor) {
    return tensor.defined() ? std::optional<at::Tensor>(tensor) : std::nullopt;
}

class PlainDeviceLinear : public Linear {
public:
    PlainDeviceLinear(at::Tensor weight, at::Tensor bias) : weight_(std::move(weight)), bias_(std::move(bias)) {}
    at::Tensor forward(const at::Tensor &x) const override { return at::linear(x, weight_, optional(bias_)); }
    std::uint64_t bytes() const override { return weight_.nbytes() + (bias_.defined() ? bias_.nbytes() : 0); }

private:
    at::Tensor weight_, bias_;
};

/// The kernels of one form of weights.
template <class Matrix>
struct Form;
template <>
struct Form<cuda::FourBitMatrix> {
    static constexpr auto widen = &cuda::Kernels::widen_four_bit;
    static constexpr auto multiply = &cuda::Kernels::multiply_four_bit;
    static constexpr auto can_multiply = &cuda::Kernels::can_multiply_four_bit;
};
template <>
struct Form<cuda::Int8Matrix> {
    static constexpr auto widen = &cuda::Kernels::widen_int8;
    static constexpr auto multiply = &cuda::Kernels::multiply_int8;
    static constexpr auto can_multiply = &cuda::Kernels::can_multiply_int8;
};

/// Weights in fewer bits: read in place for up to cuda::most_rows rows, written out in the activation's type for more.
template <class Matrix>
class QuantizedDeviceLinear : public Linear {
public:
    QuantizedDeviceLinear(Matrix matrix, std::vector<at::Tensor> memory, at::Tensor bias)
        : matrix_(matrix), memory_(std::move(memory)), bias_(std::move(bias)) {}

    at::Tensor forward(const at::Tensor &x) const override {
        const Linear *self = this;
        return std::move(forward_together({&self, 1}, x).front());
    }

    bool runs_with(const Linear &other) const override {
        const auto *like = dynamic_cast<const QuantizedDeviceLinear *>(&other);
        return like != nullptr && like->matrix_.in == matrix_.in;
    }

    std::vector<at::Tensor> forward_together(std::span<const Linear *const> all, const at::Tensor &x) const override {
        TORCH_CHECK(x.is_contiguous() && x.dim() == 2 && x.size(1) == matrix_.in, "a quantized linear layer of ", matrix_.in,
                    " inputs takes contiguous rows, not ", x.sizes(), " with strides of ", x.strides());
        const DeviceRuntime &runtime = *device_runtime(x.device());
        void *stream = runtime.enter(x.device());
        const auto of = [&](std::size_t i) -> const QuantizedDeviceLinear & {
            return static_cast<const QuantizedDeviceLinear &>(*all[i]);
        };
        std::vector<at::Tensor> results;
        if (!(runtime.kernels.*Form<Matrix>::can_multiply)(matrix_, x.size(0))) {
            for (std::size_t i = 0; i < all.size(); ++i) results.push_back(of(i).forward_widened(x, runtime, stream));
            return results;
        }
        for (std::size_t first = 0; first < all.size(); first += cuda::most_products) {
            cuda::Products<Matrix> products;
            products.type = kernel_type(x.scalar_type());
            products.count = static_cast<int>(std::min<std::size_t>(cuda::most_products, all.size() - first));
            products.x = x.const_data_ptr();
            products.rows = x.size(0);
            for (int i = 0; i < products.count; ++i) {
                const QuantizedDeviceLinear &linear = of(first + static_cast<std::size_t>(i));
                results.push_back(at::empty({x.size(0), linear.matrix_.out}, x.options()));
                products.matrices[i] = linear.matrix_;
                products.bias[i] = linear.bias_.defined() ? linear.bias_.const_data_ptr() : nullptr;
                products.y[i] = results.back().mutable_data_ptr();
            }
            if (x.size(0) > 0) (runtime.kernels.*Form<Matrix>::multiply)(products, stream);
            runtime.check();
        }
        return results;
    }

    std::uint64_t bytes() const override {
        std::uint64_t total = bias_.defined() ? bias_.nbytes() : 0;
        for (const at::Tensor &tensor : memory_) total += tensor.nbytes();
        return total;
    }

private:
    at::Tensor forward_widened(const at::Tensor &x, const DeviceRuntime &runtime, void *stream) const {
        at::Tensor weight = at::empty({matrix_.out, matrix_.in}, x.options());
        (runtime.kernels.*Form<Matrix>::widen)(matrix_, kernel_type(x.scalar_type()), weight.mutable_data_ptr(), stream);
        runtime.check();
        return at::linear(x, weight, optional(bias_));
    }

    Matrix matrix_;
    std::vector<at::Tensor> memory_;  ///< what the matrix points into
    at::Tensor bias_;
};

at::Tensor bias_of(const StoredLinear &stored, const Compute &compute) {
    return stored.bias.info != nullptr ? load_tensor(stored.bias, compute, compute.activations) : at::Tensor();
}

/// Where the device cannot run the kernels of packed weights: their values, in the activations' type.
std::unique_ptr<Linear> make_restored(const StoredLinear &stored, const Compute &compute) {
    return std::make_unique<PlainDeviceLinear>(plain_weight(stored, compute, compute.activations), bias_of(stored, compute));
}

}  // namespace

std::unique_ptr<Linear> make_plain_device_linear(const at::Tensor &weight) {
    return std::make_unique<PlainDeviceLinear>(weight, at::Tensor());
}

std::unique_ptr<Linear> make_plain_device_linear(const StoredLinear &stored, const Compute &compute) {
    return make_restored(stored, compute);
}

std::unique_ptr<Linear> make_four_bit_device_linear(const StoredLinear &stored, const Compute &compute) {
    const cuda::Kernels &kernels = device_runtime(compute.device)->kernels;
    if (kernels.multiply_four_bit == nullptr || kernels.widen_four_bit == nullptr) return make_restored(stored, compute);
    const auto &weight = std::get<FourBitWeight>(stored.weight);
    const at::Tensor packed = to_device(weight.packed, at::kByte, compute);
    const at::Tensor absmax = to_device(weight.absmax, at::kFloat, compute);
    const at::Tensor code = to_device(weight.code, at::kFloat, compute);
    const cuda::FourBitMatrix matrix{packed.const_data_ptr<std::uint8_t>(),
                                     absmax.const_data_ptr<float>(),
                                     code.const_data_ptr<float>(),
                                     stored.out,
                                     stored.in,
                                     std::countr_zero(static_cast<std::uint64_t>(weight.block))};
    return std::make_unique<QuantizedDeviceLinear<cuda::FourBitMatrix>>(matrix, std::vector{packed, absmax, code},
                                                                        bias_of(stored, compute));
}

std::unique_ptr<Linear> make_int8_device_linear(const StoredLinear &stored, const Compute &compute) {
    const cuda::Kernels &kernels = device_runtime(compute.device)->kernels;
    if (kernels.multiply_int8 == nullptr || kernels.widen_int8 == nullptr) return make_restored(stored, compute);
    const auto &weight = std::get<Int8Weight>(stored.weight);
    const at::Tensor codes = to_device(weight.codes, at::kChar, compute);
    // The reference's own constant for 1/127.
    const at::Tensor scale = to_device(weight.scale, at::kFloat, compute).mul_(int8_unit);
    const cuda::Int8Matrix matrix{codes.const_data_ptr<std::int8_t>(), scale.const_data_ptr<float>(), stored.out, stored.in};
    return std::make_unique<QuantizedDeviceLinear<cuda::Int8Matrix>>(matrix, std::vector{codes, scale},
                                                                     bias_of(stored, compute));
}

}  // namespace millm::engine
