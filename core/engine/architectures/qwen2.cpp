// Qwen 2 and 2.5: Llama with biases on query, key and value, and a sliding window that most repositories switch off.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_qwen2(ConfigReader &config) {
    DecoderDescription d = describe_llama(config);
    d.kv_heads = config.count("num_key_value_heads", 32);
    d.max_positions = config.count("max_position_embeddings", 32768);
    d.rope = config.rope(d.head_dim, d.max_positions);
    d.attention_bias = true;
    d.output_bias = d.mlp_bias = false;
    d.bos_tokens = config.token_ids("bos_token_id", {});
    d.eos_tokens = config.token_ids("eos_token_id", {});
    if (config.flag("use_sliding_window", false)) {
        d.sliding_window = config.windows(d.layers, 4096);
        // Without "layer_types" the lower layers keep full attention.
        const std::int64_t full = config.has("layer_types") ? 0 : config.count("max_window_layers", 28);
        for (std::int64_t layer = 0; layer < std::min<std::int64_t>(full, static_cast<std::int64_t>(d.sliding_window.size()));
             ++layer)
            d.sliding_window[static_cast<std::size_t>(layer)] = 0;
    }
    return d;
}

}  // namespace millm::engine
