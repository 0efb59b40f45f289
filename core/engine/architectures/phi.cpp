// Phi 1 to 2: both branches read one LayerNorm, half of a head is rotated, biases everywhere. Phi 3 and 4 are Llama with query,
// key and value in one matrix, gate and up in another, and factors for long contexts.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_phi(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Layer, 1e-5, true, true},
                                                   .eps_key = "layer_norm_eps",
                                                   .max_positions = 2048,
                                                   .bos = {1},
                                                   .eos = {2}});
    d.head_bias = true;
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = true;
    if (config.flag("qk_layernorm", false)) attention.query_norm = attention.key_norm = d.final_norm;
    attention.rope = add_rope(config, d, attention.head_dim, {.share = 0.5});
    DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_act", "gelu_new");
    feed.gated = false;
    feed.bias = true;
    for (LayerDescription &layer : d.layers) layer = {attention, feed, parallel_branches(d.final_norm, false)};
    static const WeightNames names = with_rows(llama_names(), {
                                                                  {{Slot::FinalNorm}, "final_layernorm"},
                                                                  {{Slot::QueryNorm}, "self_attn.q_layernorm"},
                                                                  {{Slot::KeyNorm}, "self_attn.k_layernorm"},
                                                                  {{Slot::AttentionOutput}, "self_attn.dense"},
                                                                  {{Slot::Up}, "mlp.fc1"},
                                                                  {{Slot::Down}, "mlp.fc2"},
                                                              });
    d.names = &names;
    return d;
}

DecoderDescription describe_phi3(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 4096, .bos = {1}, .eos = {32000}});
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = config.flag("attention_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim);
    attention.scores.window = config.window(0);
    config.count("original_max_position_embeddings", 4096);
    const DenseDescription feed = dense_fields(config);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

}  // namespace millm::engine
