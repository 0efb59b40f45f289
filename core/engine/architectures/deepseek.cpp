// DeepSeek 2 and 3: attention over latents, and a mixture whose router first chooses among groups of experts. dots1 has the
// router with Qwen 3's attention.
#include "core/engine/architectures/families.h"

#include <cmath>

namespace millm::engine {

MoeDescription deepseek_moe(ConfigReader &config, const DenseDescription &dense, const DeepseekMoe &defaults) {
    const auto or_none = [](std::int64_t n) { return n > 0 ? std::optional(n) : std::nullopt; };
    MoeDescription moe;
    moe.experts = config.count("n_routed_experts", or_none(defaults.experts));
    config.harmless({"num_local_experts", "ep_size", "moe_layer_freq", "num_nextn_predict_layers", "topk_method",
                     "scoring_func", "seq_aux"});
    moe.chosen = config.count("num_experts_per_tok", or_none(defaults.chosen));
    moe.expert = moe.shared = dense;
    moe.expert.size = config.count("moe_intermediate_size", or_none(defaults.size));
    moe.shared.size = moe.expert.size * config.count_or_none("n_shared_experts", defaults.shared, 1 << 10);
    moe.router.scores = RouterScores::Sigmoid;
    moe.router.correction_bias = true;
    moe.router.group_by_two_best = true;
    moe.router.groups = config.count("n_group", defaults.groups);
    moe.router.groups_chosen = config.count("topk_group", defaults.groups_chosen);
    moe.router.normalised = config.flag("norm_topk_prob", defaults.normalised);
    moe.router.scale = config.positive("routed_scaling_factor", defaults.scale);
    return moe;
}

LatentAttentionDescription latent_fields(ConfigReader &config, std::int64_t query_rank) {
    LatentAttentionDescription a;
    a.heads = config.count("num_attention_heads");
    a.query_rank =
        config.json().find("q_lora_rank") && !config.has("q_lora_rank") ? 0 : config.count_or_none("q_lora_rank", query_rank);
    a.latent = config.count("kv_lora_rank", 512);
    a.plain_dim = config.count("qk_nope_head_dim", 128);
    a.rope_dim = config.count("qk_rope_head_dim", 64);
    a.value_dim = config.count("v_head_dim", 128);
    a.bias = config.flag("attention_bias", false);
    a.norm = {NormKind::Rms, 1e-6};
    config.harmless({"head_dim", "num_key_value_heads", "qk_head_dim", "partial_rotary_factor"});
    return a;
}

namespace {

LatentAttentionDescription latent_attention(ConfigReader &config, DecoderDescription &d, std::int64_t query_rank,
                                            bool interleaved) {
    LatentAttentionDescription a = latent_fields(config, query_rank);
    a.rope = add_rope(config, d, a.rope_dim, {.interleaved = interleaved});
    const double m = d.ropes.back().score_factor;
    a.scores.scale = m * m / std::sqrt(static_cast<double>(a.plain_dim + a.rope_dim));
    return a;
}

void deepseek_layers(ConfigReader &config, DecoderDescription &d, const LatentAttentionDescription &attention,
                     const DenseDescription &dense, const MoeDescription &moe, std::int64_t first_dense) {
    const std::int64_t first = config.count_or_none("first_k_dense_replace", first_dense);
    for (std::int64_t layer = 0; layer < d.depth(); ++layer)
        d.layers[static_cast<std::size_t>(layer)] = {
            attention, layer < first ? FeedForwardDescription(dense) : FeedForwardDescription(moe), pre_norm(d.final_norm)};
}

}  // namespace

DecoderDescription describe_deepseek_v2(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 2048, .bos = {0}, .eos = {1}});
    const LatentAttentionDescription attention = latent_attention(config, d, 1536, true);
    DenseDescription dense = dense_fields(config);
    dense.bias = config.flag("mlp_bias", false);
    const bool grouped = config.text("topk_method", "greedy") == "group_limited_greedy";
    MoeDescription moe = deepseek_moe(
        config, dense, {.experts = 64, .chosen = 6, .size = 1407, .shared = 2, .groups = 1, .groups_chosen = 1, .scale = 1});
    moe.router.scores = RouterScores::Softmax;
    moe.router.correction_bias = moe.router.group_by_two_best = moe.router.normalised = false;
    moe.expert.bias = moe.shared.bias = false;
    if (!grouped) moe.router.groups = 1;
    deepseek_layers(config, d, attention, dense, moe, 0);
    return d;
}

DecoderDescription describe_deepseek_v3(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 4096, .bos = {0}, .eos = {1}});
    const LatentAttentionDescription attention = latent_attention(config, d, 1536, config.flag("rope_interleave", true));
    const DenseDescription dense = dense_fields(config);
    const MoeDescription moe = deepseek_moe(
        config, dense, {.experts = 256, .chosen = 8, .size = 2048, .shared = 1, .groups = 8, .groups_chosen = 4, .scale = 2.5});
    deepseek_layers(config, d, attention, dense, moe, 3);
    return d;
}

DecoderDescription describe_dots1(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 2048});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 32});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.rope = add_rope(config, d, attention.head_dim);
    const DenseDescription dense = dense_fields(config);
    const MoeDescription moe = deepseek_moe(
        config, dense,
        {.experts = 0, .chosen = 0, .size = 0, .shared = 0, .groups = 1, .groups_chosen = 1, .scale = 1, .normalised = false});
    const std::int64_t first = config.count_or_none("first_k_dense_replace", 0), window = config.window(4096);
    const std::int64_t full = config.count_or_none("max_window_layers", 62);
    fill_layers(
        config, d, with_window(attention, window), [&](std::int64_t layer) { return window > 0 && layer >= full; }, moe,
        pre_norm(d.final_norm));
    for (std::int64_t layer = 0; layer < std::min(first, d.depth()); ++layer)
        d.layers[static_cast<std::size_t>(layer)].feed = dense;
    return d;
}

DecoderDescription describe_glm4_moe_lite(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 202752});
    const LatentAttentionDescription attention = latent_attention(config, d, 768, config.flag("rope_interleave", true));
    const DenseDescription dense = dense_fields(config);
    const MoeDescription moe = deepseek_moe(
        config, dense, {.experts = 64, .chosen = 4, .size = 1536, .shared = 1, .groups = 1, .groups_chosen = 1, .scale = 1.8});
    const std::vector<std::string> kinds = config.texts("mlp_layer_types");
    const std::int64_t first = config.count_or_none("first_k_dense_replace", 1);
    for (std::size_t i = 0; i < d.layers.size(); ++i) {
        const bool sparse = i < kinds.size() ? kinds[i] == "sparse" : static_cast<std::int64_t>(i) >= first;
        d.layers[i] = {attention, sparse ? FeedForwardDescription(moe) : FeedForwardDescription(dense), pre_norm(d.final_norm)};
    }
    return d;
}

// Llama's attention with DeepSeek 3's router in every layer.
DecoderDescription describe_solar_open(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 131072});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 8});
    attention.bias = config.flag("attention_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 1e6});
    const DenseDescription dense{1, config.activation("hidden_act", "silu")};
    config.harmless({"intermediate_size", "first_k_dense_replace", "use_qk_norm"});
    const MoeDescription moe = deepseek_moe(
        config, dense, {.experts = 128, .chosen = 8, .size = 1280, .shared = 1, .groups = 1, .groups_chosen = 1, .scale = 1});
    for (LayerDescription &layer : d.layers) layer = {attention, moe, pre_norm(d.final_norm)};
    return d;
}

}  // namespace millm::engine
