// Qwen 2 to 3: Llama with biases on query, key and value, later with a norm over each head's query and key instead, and a
// sliding window that most repositories switch off. The mixtures choose their experts by a softmax over all of them.
#include "core/engine/architectures/families.h"

namespace millm::engine {

namespace {

/// Without "layer_types" the lower layers keep full attention.
void qwen_layers(ConfigReader &config, DecoderDescription &d, const AttentionDescription &attention,
                 const FeedForwardDescription &feed) {
    const std::int64_t window = config.window(4096, "use_sliding_window");
    const std::int64_t full = config.count_or_none("max_window_layers", 28);
    fill_layers(
        config, d, with_window(attention, window), [&](std::int64_t layer) { return window > 0 && layer >= full; }, feed,
        pre_norm(d.final_norm));
}

/// Every decoder_sparse_step-th layer is a mixture, the others are dense.
void qwen_mixtures(ConfigReader &config, DecoderDescription &d, const MoeDescription &moe) {
    const std::int64_t step = config.count("decoder_sparse_step", 1);
    const std::vector<std::int64_t> dense = config.counts("mlp_only_layers");
    for (std::int64_t layer = 0; layer < d.depth(); ++layer)
        if (is_sparse_layer(layer, step, dense)) d.layers[static_cast<std::size_t>(layer)].feed = moe;
}

MoeDescription qwen_moe(ConfigReader &config, std::int64_t experts, std::int64_t chosen, std::int64_t size,
                        const DenseDescription &dense) {
    MoeDescription moe;
    moe.experts = config.count(config.first_of({"num_experts", "num_local_experts"}), experts);
    moe.chosen = config.count("num_experts_per_tok", chosen);
    moe.expert = dense;
    moe.expert.size = config.count("moe_intermediate_size", size);
    moe.router.normalised = config.flag("norm_topk_prob", false);
    return moe;
}

}  // namespace

DecoderDescription describe_qwen2(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 32768});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 32});
    attention.bias = true;
    attention.rope = add_rope(config, d, attention.head_dim);
    qwen_layers(config, d, attention, dense_fields(config));
    return d;
}

DecoderDescription describe_qwen2_moe(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 32768});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 16});
    attention.bias = config.flag("qkv_bias", true);
    attention.rope = add_rope(config, d, attention.head_dim);
    const DenseDescription dense = dense_fields(config);
    qwen_layers(config, d, attention, dense);
    MoeDescription moe = qwen_moe(config, 60, 4, 1408, dense);
    moe.shared = dense;
    moe.shared.size = config.count("shared_expert_intermediate_size", 5632);
    moe.shared_gate = true;
    qwen_mixtures(config, d, moe);
    return d;
}

DecoderDescription describe_qwen3(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 32768});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 32});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.rope = add_rope(config, d, attention.head_dim);
    qwen_layers(config, d, attention, dense_fields(config));
    return d;
}

DecoderDescription describe_qwen3_moe(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 32768});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 4});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.rope = add_rope(config, d, attention.head_dim);
    const DenseDescription dense = dense_fields(config);
    attention.scores.window = config.window(4096, "use_sliding_window");
    config.harmless({"max_window_layers"});
    for (LayerDescription &layer : d.layers) layer = {attention, dense, pre_norm(d.final_norm)};
    qwen_mixtures(config, d, qwen_moe(config, 128, 8, 768, dense));
    return d;
}

}  // namespace millm::engine
