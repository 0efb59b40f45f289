// GLM 4: half of a head is rotated, gate and up in one matrix; glm4 has norms behind the branches too. GLM 4.5 is a mixture of
// experts as DeepSeek 3 chooses them.
#include "core/engine/architectures/families.h"

namespace millm::engine {

namespace {

DecoderDescription glm_layers(ConfigReader &config, bool behind) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1.5625e-07}, .max_positions = 131072});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 2});
    attention.bias = config.flag("attention_bias", true);
    attention.rope = add_rope(config, d, attention.head_dim, {.share = 0.5, .interleaved = true});
    const DenseDescription feed = dense_fields(config);
    for (LayerDescription &layer : d.layers)
        layer = {attention, feed, behind ? norms_around(d.final_norm) : pre_norm(d.final_norm)};
    return d;
}

}  // namespace

DecoderDescription describe_glm(ConfigReader &config) {
    return glm_layers(config, false);
}

DecoderDescription describe_glm4(ConfigReader &config) {
    DecoderDescription d = glm_layers(config, true);
    static const WeightNames names = with_rows(llama_names(), {
                                                                  {{Slot::AfterMixer}, "post_self_attn_layernorm"},
                                                                  {{Slot::AfterFeed}, "post_mlp_layernorm"},
                                                              });
    d.names = &names;
    return d;
}

DecoderDescription describe_glm4_moe(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 131072});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 8});
    attention.bias = config.flag("attention_bias", false);
    if (config.flag("use_qk_norm", false)) attention.query_norm = attention.key_norm = d.final_norm;
    attention.rope = add_rope(config, d, attention.head_dim, {.share = 0.5});
    const DenseDescription dense = dense_fields(config);
    const MoeDescription moe = deepseek_moe(
        config, dense, {.experts = 128, .chosen = 8, .size = 1408, .shared = 1, .groups = 1, .groups_chosen = 1, .scale = 1});
    const std::int64_t first = config.count_or_none("first_k_dense_replace", 1);
    for (std::int64_t layer = 0; layer < d.depth(); ++layer)
        d.layers[static_cast<std::size_t>(layer)] = {
            attention, layer < first ? FeedForwardDescription(dense) : FeedForwardDescription(moe), pre_norm(d.final_norm)};
    return d;
}

}  // namespace millm::engine
