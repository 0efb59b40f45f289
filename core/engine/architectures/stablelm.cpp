// StableLM: LayerNorm, a quarter of a head is rotated, each head may have a norm of its own.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_stablelm(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Layer, 1e-5, true, true},
                                                   .eps_key = "layer_norm_eps",
                                                   .max_positions = 4096,
                                                   .bos = {0},
                                                   .eos = {0}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 32});
    attention.bias = config.flag("use_qkv_bias", false);
    if (config.flag("qk_layernorm", false)) {
        attention.query_norm = attention.key_norm = {NormKind::Layer, d.final_norm.eps};
        attention.norm_form = HeadNorm::OwnWeight;
    }
    attention.rope = add_rope(config, d, attention.head_dim, {.share = 0.25});
    const DenseDescription feed = dense_fields(config);
    const bool parallel = config.flag("use_parallel_residual", false);
    for (LayerDescription &layer : d.layers)
        layer = {attention, feed, parallel ? parallel_branches(d.final_norm, false) : pre_norm(d.final_norm)};
    static const WeightNames names = with_rows(llama_names(), {
                                                                  {{Slot::QueryNorm}, "self_attn.q_layernorm.norms.*"},
                                                                  {{Slot::KeyNorm}, "self_attn.k_layernorm.norms.*"},
                                                              });
    d.names = &names;
    return d;
}

}  // namespace millm::engine
