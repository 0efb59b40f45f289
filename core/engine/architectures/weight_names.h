#pragma once

#include "core/engine/architectures/description.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// The places of a decoder that hold weights, in the order a token passes them.
enum class Slot : std::uint8_t {
    TokenEmbedding,
    PositionEmbedding,
    AttentionNorm,
    Query,
    Key,
    Value,
    QueryKeyValue,  ///< the three of them as one matrix, rows in this order
    QueryNorm,      ///< over each head's query
    KeyNorm,
    AttentionOutput,
    MlpNorm,
    Gate,
    Up,
    Down,
    FinalNorm,
    Head,
};

struct SlotName {
    Slot slot;
    std::string_view module;  ///< "self_attn.q_proj", without layer prefix and ".weight"
};

/// How a family spells its tensors. Module names outside the layers and all layers begin with `root`, which
/// checkpoints of the bare model leave out.
struct WeightNames {
    std::string_view root;                      ///< "model."
    std::string_view layers;                    ///< "layers.", followed by the number and a dot
    std::span<const SlotName> outside;          ///< embeddings and the last norm
    std::span<const SlotName> inside;           ///< one layer
    std::string_view head;                      ///< "lm_head", never with root
    std::span<const std::string_view> buffers;  ///< of a layer, stored by old exporters: masks, inv_freq
};

/// One module that a checkpoint of the decoder has to hold: its weight and, where said, its bias.
struct WeightSpec {
    Slot slot;
    std::int64_t layer = -1;  ///< -1 outside the layers
    TensorRole role = TensorRole::Unknown;
    std::string module;               ///< with root: "model.layers.0.self_attn.q_proj"; the tensors add ".weight" and ".bias"
    std::vector<std::int64_t> shape;  ///< of the weight; of linears always [out, in], though conv1d stores plain ones [in, out]
    bool bias = false;                ///< [shape[0]]
};

/// Every module of the decoder, layer by layer, the token embedding first. A tied head is not among them.
std::vector<WeightSpec> weight_specs(const DecoderDescription &decoder);
/// The head, tied or not.
WeightSpec head_spec(const DecoderDescription &decoder);

/// The names of a decoder's family; only for descriptions that describe() made.
const WeightNames &weight_names(const DecoderDescription &decoder);

/// `module` without the family's root, as checkpoints of the bare model spell it.
std::string_view without_root(const DecoderDescription &decoder, std::string_view module);

}  // namespace millm::engine
