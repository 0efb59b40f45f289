// Qwen 3, the dense ones: Qwen 2 with a norm over each head's query and key instead of biases.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_qwen3(ConfigReader &config) {
    DecoderDescription d = describe_qwen2(config);
    d.head_dim = config.count("head_dim", 128);
    d.rope = config.rope(d.head_dim, d.max_positions);
    d.attention_bias = d.output_bias = config.flag("attention_bias", false);
    d.qk_norm = true;
    return d;
}

}  // namespace millm::engine
