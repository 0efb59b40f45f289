#pragma once

#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/foreign/rows.h"
#include "core/engine/quantization/scheme.h"
#include "core/engine/result.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millm::engine {

/// A weight as the checkpoint has it, in 16 bits or wider.
struct PlainWeight {
    StoredTensor tensor;      ///< [out, in], or [in, out] where `transposed`; `info->dtype` is F64, F32, F16 or BF16
    bool transposed = false;  ///< GPT-2's Conv1D
    std::int64_t count = 1;   ///< of such matrices, one behind the other: out of the layer is that of all
};

/// bitsandbytes' 4-bit blocks over the flattened [out, in] matrix; blocks straddle rows where `in` is no multiple of the block.
struct FourBitWeight {
    std::span<const std::byte> packed;  ///< [(out * in + 1) / 2] bytes, the first of two values in the high nibble
    std::array<float, 16> code{};       ///< a nibble's value between -1 and 1: NF4's table, FP4's, or what the file carries
    std::vector<float> absmax;          ///< [ceil(out * in / block)] scales; double quantization is already undone
    std::int64_t block = 64;            ///< values a scale covers: a power of two, 32 to 4096
};

/// bitsandbytes' LLM.int8 rows: value = code * scale[row] / 127.
struct Int8Weight {
    std::span<const std::int8_t> codes;  ///< [out, in]
    std::vector<float> scale;            ///< [out], "SCB": the largest magnitude of the row
};

/// Rows of a weight that another program packed.
struct RestoredWeight {
    std::shared_ptr<const ForeignRows> rows;
    std::int64_t first = 0;  ///< the layer's first
};

/// One linear layer as a folder stores it: what a runtime's Linear is built from. Spans point into the Checkpoint's mapping,
/// or into memory that `owner` keeps (a layer quantized while loading); a copy shares them.
struct StoredLinear {
    std::int64_t out = 0, in = 0;
    DType dtype = DType::F32;  ///< of the weight before it was quantized: F32, F16 or BF16 (F64 only where plain)
    std::variant<PlainWeight, FourBitWeight, Int8Weight, RestoredWeight> weight;
    StoredTensor bias;  ///< [out], null info where the layer has none
    std::shared_ptr<const std::vector<std::byte>> owner;

    /// Bytes of the weight as kept for computing: codes and f32 scales, without the bias.
    std::uint64_t weight_bytes() const;
};

/// Reads the layer whose weight is `prefix` + ".weight". Keys decide, not config.json: "weight.quant_state.bitsandbytes__nf4"
/// or "__fp4" means 4 bits, "SCB" int8, else it is plain. `conv1d`: plain weights lie as [in, out] (quantized ones never do).
/// InvalidFile, naming tensor and values, where shapes, block counts or the state's JSON contradict each other; a missing
/// weight is InvalidFile too. `with_bias`: one that is stored is read too, else it is not looked at.
Result<StoredLinear> read_linear(const Checkpoint &checkpoint, std::string_view prefix, bool conv1d, bool with_bias = true);

/// The same of a weight that another program packed, whose bias is read apart.
Result<StoredLinear> read_foreign(const Checkpoint &checkpoint, const ForeignWeight &weight);
/// A quantized stack of experts, `name`, as one matrix of all their rows; nothing where it is not quantized.
Result<std::optional<StoredLinear>> read_stack(const Checkpoint &checkpoint, std::string_view name);
/// Rows [first, first + count) of a layer that is not plain, without its bias. Of 4 bits they begin and end with a block.
StoredLinear rows_of(const StoredLinear &linear, std::int64_t first, std::int64_t count);

/// Quantizes a plain layer in memory, exactly as the converter would have written it; Scheme::Plain returns it as it is. So is
/// one that another program packed.
/// InvalidFile for NaN or infinity in the weight, Unsupported for a magnitude past 65504 with Int8 (half precision's end),
/// and for layers that are quantized already with another scheme.
Result<StoredLinear> quantize_linear(const StoredLinear &plain, Scheme scheme, std::string_view name);

/// Writes rows [first, first + count) as f32, [count, in] row-major, from whatever form: the reference all kernels agree with.
void dequantize_rows(const StoredLinear &linear, std::int64_t first, std::int64_t count, float *out);

}  // namespace millm::engine
