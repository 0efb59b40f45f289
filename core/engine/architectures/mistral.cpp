// Mistral: Llama with a sliding attention window. Its defaults are those of the 7B model.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_mistral(ConfigReader &config) {
    DecoderDescription d = describe_llama(config);
    d.kv_heads = config.count("num_key_value_heads", 8);
    d.max_positions = config.count("max_position_embeddings", 4096 * 32);
    d.rope = config.rope(d.head_dim, d.max_positions);
    d.attention_bias = d.output_bias = d.mlp_bias = false;
    d.sliding_window = config.windows(d.layers, 4096);
    return d;
}

}  // namespace millm::engine
