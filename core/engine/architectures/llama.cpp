// Llama 1 to 3 and what shares its shape: pre-norm with RMSNorm, rotary positions, grouped queries, gated feed-forward.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_llama(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 2048, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim);
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag("mlp_bias", false);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

// Its defaults are those of the 7B model.
DecoderDescription describe_mistral(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 4096 * 32, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 8});
    attention.rope = add_rope(config, d, attention.head_dim);
    const DenseDescription feed = dense_fields(config);
    const std::int64_t window = config.window(4096);
    fill_layers(
        config, d, with_window(attention, window), [&](std::int64_t) { return window > 0; }, feed, pre_norm(d.final_norm));
    return d;
}

}  // namespace millm::engine
