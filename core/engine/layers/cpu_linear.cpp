#include "core/engine/layers/cpu_linear.h"

#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/layers/cpu_features.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace millm::engine {

namespace {

/// Up to so many rows, weights are read as stored by our kernels, bound by memory; more rows are worth widening for.
constexpr std::int64_t few_rows = 12;
/// Floats of a widened panel: about the size of a core's second-level cache.
constexpr std::int64_t panel_floats = 1 << 18;

cpu::Format format_of(at::ScalarType type) {
    switch (type) {
        case at::kBFloat16:
            return cpu::Format::BF16;
        case at::kHalf:
            return cpu::Format::F16;
        default:
            return cpu::Format::F32;
    }
}

/// All stored forms on the CPU. Activations are f32; weights stay as they are in memory and are widened where they are
/// used, so that a 16-bit model computes as if its weights were f32.
class CpuLinear : public Linear {
public:
    CpuLinear(cpu::Format format, std::int64_t out, std::int64_t in, at::Tensor values, at::Tensor scale = {},
              at::Tensor code = {}, std::int64_t block = 64)
        : values_(std::move(values)), scale_(std::move(scale)), code_(std::move(code)) {
        matrix_.format = format;
        matrix_.out = out;
        matrix_.in = in;
        matrix_.values = values_.const_data_ptr();
        matrix_.scale = scale_.defined() ? scale_.const_data_ptr<float>() : nullptr;
        matrix_.code = code_.defined() ? code_.const_data_ptr<float>() : nullptr;
        matrix_.block_shift = std::countr_zero(static_cast<std::uint64_t>(block));
    }

    void set_bias(at::Tensor bias) { bias_ = std::move(bias); }
    void set_16_bit_products(bool on) { bf16_products_ = on && matrix_.format == cpu::Format::BF16; }

    at::Tensor forward(const at::Tensor &x) const override {
        const std::int64_t rows = x.size(0);
        if (rows > few_rows && bf16_products_) {
            return at::linear(x.to(at::kBFloat16), values_,
                              bias_.defined() ? std::optional(bias_.to(at::kBFloat16)) : std::nullopt)
                .to(at::kFloat);
        }
        at::Tensor y = at::empty({rows, matrix_.out}, x.options());
        if (rows <= few_rows) {
            multiply(x, y);
        } else {
            multiply_panels(x, y);
        }
        if (bias_.defined()) y.add_(bias_);
        return y;
    }

    std::uint64_t bytes() const override {
        std::uint64_t total = 0;
        for (const at::Tensor *tensor : {&values_, &scale_, &code_, &bias_})
            if (tensor->defined()) total += tensor->nbytes();
        return total;
    }

private:
    void multiply(const at::Tensor &x, at::Tensor &y) const {
        const float *input = x.const_data_ptr<float>();
        float *output = y.mutable_data_ptr<float>();
        const std::int64_t rows = x.size(0), grain = std::max<std::int64_t>(1, (1 << 15) / matrix_.in);
        at::parallel_for(0, matrix_.out, grain, [&](std::int64_t first, std::int64_t last) {
            cpu::kernels().multiply(matrix_, input, rows, first, last, output, matrix_.out);
        });
    }

    /// Each thread widens a panel of rows and multiplies it by itself, so that no thread waits for another's panel.
    void multiply_panels(const at::Tensor &x, at::Tensor &y) const {
        const std::int64_t threads = std::max(1, at::get_num_threads());
        std::int64_t panel = std::clamp<std::int64_t>(panel_floats / matrix_.in, 16, 1024);
        panel = std::min(panel, (matrix_.out + threads - 1) / threads);
        const std::int64_t panels = (matrix_.out + panel - 1) / panel;
        at::parallel_for(0, panels, 1, [&](std::int64_t begin, std::int64_t end) {
            const c10::InferenceMode inference;
            for (std::int64_t p = begin; p < end; ++p) {
                const std::int64_t first = p * panel, last = std::min(matrix_.out, first + panel);
                at::Tensor weights;  // [last - first, in]
                if (matrix_.format == cpu::Format::F32) {
                    weights = values_.narrow(0, first, last - first);
                } else {
                    float *memory = cpu::scratch(panel * matrix_.in);
                    cpu::kernels().widen(matrix_, first, last, memory);
                    weights = at::from_blob(memory, {last - first, matrix_.in}, at::kFloat);
                }
                at::Tensor part = y.narrow(1, first, last - first);
                at::mm_out(part, x, weights.t());
            }
        });
    }

    at::Tensor values_, scale_, code_, bias_;
    cpu::WeightMatrix matrix_;
    bool bf16_products_ = false;
};

std::unique_ptr<Linear> with_bias(std::unique_ptr<CpuLinear> linear, const StoredLinear &stored, const Compute &compute) {
    if (stored.bias.info != nullptr) linear->set_bias(load_tensor(stored.bias, compute, at::kFloat));
    return linear;
}

at::Tensor copy_of(const void *from, std::int64_t count, at::ScalarType type) {
    at::Tensor tensor = at::empty({count}, at::TensorOptions(type));
    std::memcpy(tensor.data_ptr(), from, tensor.nbytes());
    return tensor;
}

std::unique_ptr<CpuLinear> plain(at::Tensor weight, const Compute &compute) {
    const std::int64_t out = weight.size(0), in = weight.size(1);
    const cpu::Format format = format_of(weight.scalar_type());
    auto linear = std::make_unique<CpuLinear>(format, out, in, std::move(weight));
    linear->set_16_bit_products(compute.cache == at::kBFloat16 && cpu_has_bf16());
    return linear;
}

}  // namespace

std::unique_ptr<Linear> make_plain_cpu_linear(const at::Tensor &weight, const Compute &compute) {
    return plain(weight, compute);
}

std::unique_ptr<Linear> make_plain_cpu_linear(const StoredLinear &stored, const Compute &compute) {
    const auto &weight = std::get<PlainWeight>(stored.weight);
    at::Tensor tensor = load_tensor(weight.tensor, compute, compute.weights);
    if (weight.transposed) tensor = tensor.t().contiguous();
    return with_bias(plain(std::move(tensor), compute), stored, compute);
}

std::unique_ptr<Linear> make_four_bit_cpu_linear(const StoredLinear &stored, const Compute &compute) {
    const auto &weight = std::get<FourBitWeight>(stored.weight);
    auto linear =
        std::make_unique<CpuLinear>(cpu::Format::FourBit, stored.out, stored.in,
                                    copy_of(weight.packed.data(), static_cast<std::int64_t>(weight.packed.size()), at::kByte),
                                    copy_of(weight.absmax.data(), static_cast<std::int64_t>(weight.absmax.size()), at::kFloat),
                                    copy_of(weight.code.data(), 16, at::kFloat), weight.block);
    return with_bias(std::move(linear), stored, compute);
}

std::unique_ptr<Linear> make_int8_cpu_linear(const StoredLinear &stored, const Compute &compute) {
    const auto &weight = std::get<Int8Weight>(stored.weight);
    at::Tensor scale = copy_of(weight.scale.data(), static_cast<std::int64_t>(weight.scale.size()), at::kFloat);
    // The reference's own constant for 1/127.
    scale.mul_(0.007874015718698502);
    auto linear = std::make_unique<CpuLinear>(
        cpu::Format::Int8, stored.out, stored.in,
        copy_of(weight.codes.data(), static_cast<std::int64_t>(weight.codes.size()), at::kChar), scale);
    return with_bias(std::move(linear), stored, compute);
}

}  // namespace millm::engine
