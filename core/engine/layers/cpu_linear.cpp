#include "core/engine/layers/cpu_linear.h"

#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/cpu_product.h"
#include "core/engine/layers/packed_linear.h"
#include "core/engine/layers/parallel.h"
#include "core/engine/layers/weight_memory.h"
#include "core/engine/quantization/kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace millm::engine {

namespace {

/// Inputs to bring into order that are worth a thread of their own.
constexpr std::int64_t grain_values = 1 << 13;
/// Weights to lay out, the same.
constexpr std::int64_t grain_weights = 1 << 16;

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

/// All stored forms on the CPU, but for quantized ones that are packed. Activations are f32; weights stay as they are in memory
/// and are widened where they are used, so that a 16-bit model computes as if its weights were f32. Where the processor has
/// bf16 products, a model computed in bf16 rounds the inputs of its plain weights to that type (docs/numerics.md).
class CpuLinear : public CpuProduct {
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

    void set_bf16_inputs(bool on) { matrix_.bf16_inputs = on; }
    void set_tiled() { matrix_.tiled = true; }

    std::int64_t in() const override { return matrix_.in; }
    std::int64_t out() const override { return matrix_.out; }
    int input_form() const override {
        return wide_form + 1 + 2 * static_cast<int>(matrix_.format) + (matrix_.bf16_inputs ? 1 : 0);
    }
    std::int64_t unit() const override { return cpu::input_unit; }

    /// The inputs as the kernel reads them, which may be as they are.
    at::Tensor arrange(const at::Tensor &x) const override {
        const std::int64_t rows = x.size(0), bytes = cpu::kernels().input_bytes(matrix_, rows);
        if (bytes == 0) return x;
        at::Tensor arranged = at::empty({bytes}, at::kByte);
        const float *from = x.const_data_ptr<float>();
        void *to = arranged.mutable_data_ptr();
        const std::int64_t groups = (rows + cpu::input_unit - 1) / cpu::input_unit;
        const std::int64_t grain = std::max<std::int64_t>(1, grain_values / (cpu::input_unit * matrix_.in));
        parallel_rows(Loop::Arrange, groups, grain, [&](std::int64_t first, std::int64_t last) {
            cpu::kernels().arrange(matrix_, from, rows, first * cpu::input_unit, std::min(rows, last * cpu::input_unit), to);
        });
        return arranged;
    }

    void multiply(const void *input, std::int64_t rows, std::int64_t first, std::int64_t last, float *y) const override {
        cpu::kernels().multiply(matrix_, input, rows, first * cpu::input_unit, std::min(matrix_.out, last * cpu::input_unit), y,
                                matrix_.out);
    }

    std::uint64_t bytes() const override {
        std::uint64_t total = 0;
        for (const at::Tensor *tensor : {&values_, &scale_, &code_, &bias()})
            if (tensor->defined()) total += tensor->nbytes();
        return total;
    }

private:
    at::Tensor values_, scale_, code_;
    cpu::WeightMatrix matrix_;
};

std::unique_ptr<Linear> with_bias(std::unique_ptr<CpuLinear> linear, const StoredLinear &stored, const Compute &compute) {
    if (stored.bias.info != nullptr) linear->set_bias(load_tensor(stored.bias, compute, at::kFloat));
    return linear;
}

std::unique_ptr<Linear> packed_if_fast(const StoredLinear &stored, const Compute &compute) {
    return compute.products == Products::Fast ? make_packed_cpu_linear(stored, compute) : nullptr;
}

at::Tensor copy_of(const void *from, std::int64_t count, at::ScalarType type) {
    at::Tensor tensor = empty_weight({count}, type);
    std::memcpy(tensor.data_ptr(), from, tensor.nbytes());
    return tensor;
}

bool rounds_inputs(at::ScalarType type, const Compute &compute) {
    return type == at::kBFloat16 && compute.cache == at::kBFloat16 && cpu::kernels().rounds_inputs;
}

std::unique_ptr<CpuLinear> plain(at::Tensor weight, const Compute &compute) {
    const std::int64_t out = weight.size(0), in = weight.size(1);
    const at::ScalarType type = weight.scalar_type();
    auto linear = std::make_unique<CpuLinear>(format_of(type), out, in, std::move(weight));
    linear->set_bf16_inputs(rounds_inputs(type, compute));
    return linear;
}

/// Values [out, in] of 16 bits in tiles; null where those are not the better form.
std::unique_ptr<CpuLinear> tiled(const void *values, std::int64_t out, std::int64_t in, at::ScalarType type,
                                 const Compute &compute) {
    const bool rounds = rounds_inputs(type, compute), wanted = rounds ? cpu::kernels().tiles_rounded : cpu::kernels().tiles;
    if (!wanted || (type != at::kBFloat16 && type != at::kHalf) || !cpu::can_tile(out, in)) return nullptr;
    at::Tensor tiles = empty_weight({out * in}, type);
    auto *to = static_cast<std::uint16_t *>(tiles.data_ptr());
    const std::int64_t grain = std::max<std::int64_t>(1, grain_weights / (cpu::packed_rows * in));
    parallel_rows(Loop::Pack, out / cpu::packed_rows, grain,
                  [&](std::int64_t first, std::int64_t last) { cpu::pack_halves(values, in, first, last, to); });
    auto linear = std::make_unique<CpuLinear>(format_of(type), out, in, std::move(tiles));
    linear->set_bf16_inputs(rounds);
    linear->set_tiled();
    return linear;
}

}  // namespace

std::unique_ptr<Linear> make_plain_cpu_linear(const at::Tensor &weight, const Compute &compute) {
    return plain(weight, compute);
}

std::unique_ptr<Linear> make_plain_cpu_linear(const StoredLinear &stored, const Compute &compute) {
    const auto *stays = std::get_if<PlainWeight>(&stored.weight);
    const auto type = stays ? scalar_type(stays->tensor.info->dtype) : std::nullopt;
    const bool as_stored = type && compute.weights.value_or(*type) == *type && !stays->transposed;
    if (as_stored)
        if (auto linear = tiled(stays->tensor.bytes.data(), stored.out, stored.in, *type, compute))
            return with_bias(std::move(linear), stored, compute);
    at::Tensor tensor = plain_weight(stored, compute, compute.weights);
    if (!as_stored)
        if (auto linear = tiled(tensor.const_data_ptr(), stored.out, stored.in, tensor.scalar_type(), compute))
            return with_bias(std::move(linear), stored, compute);
    return with_bias(plain(std::move(tensor), compute), stored, compute);
}

std::unique_ptr<Linear> make_four_bit_cpu_linear(const StoredLinear &stored, const Compute &compute) {
    if (auto packed = packed_if_fast(stored, compute)) return packed;
    const auto &weight = std::get<FourBitWeight>(stored.weight);
    auto linear =
        std::make_unique<CpuLinear>(cpu::Format::FourBit, stored.out, stored.in,
                                    copy_of(weight.packed.data(), static_cast<std::int64_t>(weight.packed.size()), at::kByte),
                                    copy_of(weight.absmax.data(), static_cast<std::int64_t>(weight.absmax.size()), at::kFloat),
                                    copy_of(weight.code.data(), 16, at::kFloat), weight.block);
    return with_bias(std::move(linear), stored, compute);
}

std::unique_ptr<Linear> make_int8_cpu_linear(const StoredLinear &stored, const Compute &compute) {
    if (auto packed = packed_if_fast(stored, compute)) return packed;
    const auto &weight = std::get<Int8Weight>(stored.weight);
    at::Tensor scale = copy_of(weight.scale.data(), static_cast<std::int64_t>(weight.scale.size()), at::kFloat);
    scale.mul_(int8_unit);
    auto linear = std::make_unique<CpuLinear>(
        cpu::Format::Int8, stored.out, stored.in,
        copy_of(weight.codes.data(), static_cast<std::int64_t>(weight.codes.size()), at::kChar), scale);
    return with_bias(std::move(linear), stored, compute);
}

}  // namespace millm::engine
