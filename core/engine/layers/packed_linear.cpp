#include "core/engine/layers/packed_linear.h"

#include "core/engine/kernels/cpu/kernels.h"
#include "core/engine/layers/aten.h"
#include "core/engine/layers/cpu_product.h"
#include "core/engine/layers/parallel.h"
#include "core/engine/layers/weight_memory.h"
#include "core/engine/quantization/kernels.h"

#include <algorithm>
#include <atomic>
#include <vector>

namespace millm::engine {

namespace {

/// Inputs to round and weights to lay out that are worth a thread of their own.
constexpr std::int64_t grain_values = 1 << 14, grain_weights = 1 << 16;

class PackedCpuLinear : public CpuProduct {
public:
    PackedCpuLinear(const StoredLinear &stored, const Int8Weight &weight, bool narrow) {
        allocate(stored, cpu::Packed::Bytes);
        matrix_.narrow = narrow;
        scale_ = at::zeros({cpu::packed_out(stored.out)}, at::TensorOptions(at::kFloat));
        std::copy(weight.scale.begin(), weight.scale.end(), scale_.mutable_data_ptr<float>());
        scale_.mul_(int8_unit);
        matrix_.scale = scale_.const_data_ptr<float>();
        pack([&](std::int64_t first, std::int64_t last, std::uint8_t *tiles) {
            cpu::pack_int8(weight.codes.data(), stored.out, stored.in, first, last, tiles);
        });
    }

    /// Rounds a plain weight to 8 bits block by block, without keeping it twice. is_whole() tells whether it could.
    PackedCpuLinear(const StoredLinear &stored, const PlainWeight &) {
        allocate(stored, cpu::Packed::ScaledBytes);
        std::atomic<bool> whole = true;
        pack([&](std::int64_t first, std::int64_t last, std::uint8_t *tiles) {
            std::vector<float> values(static_cast<std::size_t>(cpu::packed_rows * stored.in));
            for (std::int64_t tile = first; tile < last && whole; ++tile) {
                const std::int64_t row = tile * cpu::packed_rows, rows = std::min(cpu::packed_rows, stored.out - row);
                dequantize_rows(stored, row, rows, values.data());
                if (!cpu::pack_rounded(values.data(), rows, stored.in,
                                       tiles + tile * cpu::packed_tile_bytes(matrix_.form, stored.in)))
                    whole = false;
            }
        });
        whole_ = whole;
    }

    /// Whether all values are finite.
    bool is_whole() const { return whole_; }

    PackedCpuLinear(const StoredLinear &stored, const FourBitWeight &weight, bool narrow) {
        allocate(stored, cpu::Packed::Nibbles);
        matrix_.narrow = narrow;
        const cpu::IntegerCode code = cpu::integer_code(weight.code);
        code_ = at::empty({std::size(code.values)}, at::TensorOptions(at::kByte));
        std::copy(std::begin(code.values), std::end(code.values), code_.mutable_data_ptr<std::uint8_t>());
        matrix_.code = code_.const_data_ptr<std::uint8_t>();
        const cpu::FourBitSource source{reinterpret_cast<const std::uint8_t *>(weight.packed.data()), weight.absmax.data(),
                                        weight.block};
        pack([&](std::int64_t first, std::int64_t last, std::uint8_t *tiles) {
            cpu::pack_four_bit(source, stored.out, stored.in, code.unit, first, last, tiles);
        });
    }

    std::int64_t in() const override { return matrix_.in; }
    std::int64_t out() const override { return matrix_.out; }
    int input_form() const override { return matrix_.narrow ? narrow_form : wide_form; }
    std::int64_t unit() const override { return cpu::packed_rows; }

    at::Tensor arrange(const at::Tensor &x) const override {
        const std::int64_t rows = x.size(0);
        at::Tensor rounded = at::empty({cpu::PackedInputs(rows, matrix_.in).bytes()}, at::TensorOptions(at::kByte));
        const float *from = x.const_data_ptr<float>();
        void *to = rounded.mutable_data_ptr();
        const std::int64_t groups = (rows + cpu::input_unit - 1) / cpu::input_unit;
        parallel_rows(Loop::Arrange, groups, grain(grain_values, matrix_.in), [&](std::int64_t first, std::int64_t last) {
            cpu::kernels().arrange_packed(matrix_.narrow, from, rows, matrix_.in, first * cpu::input_unit,
                                          std::min(rows, last * cpu::input_unit), to);
        });
        return rounded;
    }

    void multiply(const void *input, std::int64_t rows, std::int64_t first, std::int64_t last, float *y) const override {
        cpu::kernels().multiply_packed(matrix_, input, rows, first * cpu::packed_rows,
                                       std::min(matrix_.out, last * cpu::packed_rows), y, matrix_.out);
    }

    std::uint64_t bytes() const override {
        std::uint64_t total = 0;
        for (const at::Tensor *tensor : {&tiles_, &scale_, &code_, &bias()})
            if (tensor->defined()) total += tensor->nbytes();
        return total;
    }

private:
    /// Groups of 16 rows, of `each` a row, that make up `least`.
    static std::int64_t grain(std::int64_t least, std::int64_t each) {
        return std::max<std::int64_t>(1, least / (cpu::packed_rows * each));
    }

    void allocate(const StoredLinear &stored, cpu::Packed form) {
        matrix_.form = form;
        matrix_.out = stored.out;
        matrix_.in = stored.in;
        tiles_ = empty_weight({cpu::packed_bytes(form, stored.out, stored.in)}, at::kByte);
        matrix_.tiles = tiles_.const_data_ptr<std::uint8_t>();
    }

    /// f(first, last, tiles) lays out tiles [first, last).
    template <class F>
    void pack(const F &f) {
        auto *to = tiles_.mutable_data_ptr<std::uint8_t>();
        parallel_rows(Loop::Pack, units(), grain(grain_weights, matrix_.in),
                      [&](std::int64_t first, std::int64_t last) { f(first, last, to); });
    }

    at::Tensor tiles_, scale_, code_;
    cpu::PackedMatrix matrix_;
    bool whole_ = true;
};

struct MakePacked {
    const StoredLinear &stored;
    bool narrow;

    std::unique_ptr<PackedCpuLinear> operator()(const PlainWeight &) const { return nullptr; }
    std::unique_ptr<PackedCpuLinear> operator()(const RestoredWeight &) const { return nullptr; }
    std::unique_ptr<PackedCpuLinear> operator()(const FourBitWeight &weight) const {
        if (!cpu::can_pack(stored.in, weight.block)) return nullptr;
        return std::make_unique<PackedCpuLinear>(stored, weight, narrow);
    }
    std::unique_ptr<PackedCpuLinear> operator()(const Int8Weight &weight) const {
        if (!cpu::can_pack(stored.in)) return nullptr;
        return std::make_unique<PackedCpuLinear>(stored, weight, narrow);
    }
};

std::unique_ptr<Linear> with_bias(std::unique_ptr<PackedCpuLinear> linear, const StoredLinear &stored, const Compute &compute) {
    if (linear && stored.bias.info != nullptr) linear->set_bias(load_tensor(stored.bias, compute, at::kFloat));
    return linear;
}

}  // namespace

std::unique_ptr<Linear> make_packed_cpu_linear(const StoredLinear &stored, const Compute &compute) {
    return with_bias(std::visit(MakePacked{stored, compute.narrow_inputs}, stored.weight), stored, compute);
}

std::unique_ptr<Linear> make_rounded_cpu_linear(const StoredLinear &stored, const Compute &compute) {
    if (!cpu::can_pack(stored.in)) return nullptr;
    auto linear = std::make_unique<PackedCpuLinear>(stored, std::get<PlainWeight>(stored.weight));
    return linear->is_whole() ? with_bias(std::move(linear), stored, compute) : nullptr;
}

}  // namespace millm::engine
