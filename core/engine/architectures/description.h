#pragma once

#include "core/engine/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

enum class NormKind : std::uint8_t { Rms, Layer };
enum class Activation : std::uint8_t { Silu, GeluTanh, GeluErf, Relu };
enum class RopeScaling : std::uint8_t { None, Linear, Dynamic, Llama3, Yarn, LongRope };

/// Rotary embedding. Frequencies follow transformers' modeling_rope_utils of the same kind name.
struct RopeDescription {
    double theta = 10000.0;
    RopeScaling scaling = RopeScaling::None;
    double factor = 1.0;
    double low_freq_factor = 1.0;         ///< llama3
    double high_freq_factor = 4.0;        ///< llama3
    std::int64_t original_positions = 0;  ///< llama3, dynamic, yarn: positions the base was trained for
    std::int64_t dims = 0;                ///< rotated dimensions of a head (head_dim, or less where partial)
};

/// A decoder-only transformer as data: what a family's file makes of a repository's config.json.
/// Torch-free, so that memory is estimated and a repository judged without loading libtorch.
struct DecoderDescription {
    std::string model_type;    ///< config.json's, "llama"
    std::string architecture;  ///< config.json's architectures[0], "LlamaForCausalLM"
    std::int64_t vocab = 0, hidden = 0, layers = 0, heads = 0, kv_heads = 0, head_dim = 0, intermediate = 0;
    std::int64_t max_positions = 0;  ///< context length
    NormKind norm = NormKind::Rms;
    double norm_eps = 1e-6;
    Activation activation = Activation::Silu;
    bool gated_mlp = true;                                               ///< down(act(gate(x)) * up(x)), else down(act(up(x)))
    bool fused_qkv = false;                                              ///< one matrix for q, k and v (gpt2)
    bool conv1d = false;                                                 ///< linear weights are stored [in, out] (gpt2)
    bool attention_bias = false, output_bias = false, mlp_bias = false;  ///< biases of q/k/v, of o, of the feed-forward
    bool qk_norm = false;                                                ///< a norm over each head's query and key (qwen3)
    bool learned_positions = false;                                      ///< a position embedding table instead of rope
    bool tied_embeddings = false;  ///< lm_head is the token embedding, where the checkpoint has none of its own
    RopeDescription rope;
    std::vector<std::int64_t> sliding_window;  ///< per layer, 0 = full attention; empty = all full
    std::vector<std::int32_t> eos_tokens, bos_tokens;
    std::string torch_dtype;    ///< config's dtype/torch_dtype: "bfloat16", "" where it says none
    std::string quantization;   ///< "" or the quant_method of an already quantized repository
    bool has_auto_map = false;  ///< the repository brings Python code of its own
};

/// What a stored tensor is to the decoder.
enum class TensorRole : std::uint8_t {
    Linear,     ///< quantized by a scheme
    Embedding,  ///< token or position table
    Head,       ///< lm_head
    Norm,
    Bias,
    Buffer,     ///< masks, inv_freq of old exporters: ignored without a word
    Companion,  ///< of an already quantized linear: absmax, quant_map, quant_state, SCB
    Unknown,    ///< not part of this architecture: ignored
};

/// Reads a config.json (old and new spelling). Unsupported with a sentence where no row of the table fits;
/// InvalidFile where a field is missing or absurd, naming it.
Result<DecoderDescription> describe(std::string_view config_json);

/// The role of a tensor by its name in the checkpoint ("transformer." or "model." prefix or none).
TensorRole role_of(const DecoderDescription &decoder, std::string_view tensor_name);

/// Every model_type that the table has a row for, for messages and documents.
std::vector<std::string_view> supported_model_types();

}  // namespace millm::engine
