#pragma once

#include "core/engine/architectures/weight_names.h"
#include "core/engine/checkpoint/dtype.h"
#include "core/engine/quantization/scheme.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// What quantizing a checkpoint does with one of its tensors, as they are where no other program packed them.
enum class Fate : std::uint8_t {
    Drop,      ///< buffers, whatever is not this architecture's, and a tied head that is stored as the embedding's bytes
    Keep,      ///< embeddings, head, norms, biases: as they are
    Quantize,  ///< the weight of a linear layer, or of all experts' in one tensor
};

/// Every linear layer but the head, which is transformers' rule, and experts in one tensor, which it leaves alone.
Fate fate_of(const DecoderDescription &decoder, const TensorInfo &tensor, Scheme scheme);
/// The same where the tensor's role is known already.
Fate fate_of(const DecoderDescription &decoder, TensorRole role, const TensorInfo &tensor, Scheme scheme);

/// Whether a tensor tells that a weight of the decoder is quantized already: "….quant_state.bitsandbytes__nf4" or "….SCB".
bool tells_quantized(const DecoderDescription &decoder, std::string_view tensor_name);
bool tells_quantized(TensorRole role, std::string_view tensor_name);

/// A linear weight's logical [out, in]; Conv1D's are stored the other way round.
struct LinearShape {
    std::int64_t out = 0, in = 0;
    bool transposed = false;
    std::int64_t count = 0;  ///< of a stack of such; 0: it is one

    std::int64_t rows() const { return count > 0 ? count * out : out; }  ///< of all
};
LinearShape linear_shape(const DecoderDescription &decoder, const TensorInfo &weight);
LinearShape linear_shape(Storage storage, const TensorInfo &weight);

/// The tensors that stand for the weight `name` ("….weight", or a stack's) in a quantized file, the codes first, as
/// bitsandbytes names them; stacks are [count, out, in], never turned. `begin` is 0.
std::vector<TensorInfo> quantized_tensors(const std::string &name, const LinearShape &shape, DType dtype, Scheme scheme);

/// The quant_state text of a double-quantized NF4 weight, blanks at its end: its length depends on shape and type only.
std::string quant_state_text(const LinearShape &shape, DType dtype, float offset);

/// "bfloat16", as torch and config.json name the type.
std::string_view torch_name_of(DType dtype);
/// By torch's name, "torch." in front or not; F32 where it is none of the three that are computed in.
DType dtype_from_torch_name(std::string_view name);

}  // namespace millm::engine
