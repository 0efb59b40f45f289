// Families that are Llama but for a few lines each.
#include "core/engine/architectures/families.h"

#include <cmath>

namespace millm::engine {

DecoderDescription describe_ministral3(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 262144, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 8});
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 1e6});
    const RopeDescription &rope = d.ropes.back();
    if (rope.query_scale_rate > 0) attention.query_scale = {rope.query_scale_rate, rope.original_positions, 0};
    attention.scores.window = config.window(0);
    const DenseDescription feed = dense_fields(config);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

DecoderDescription describe_smollm3(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 32768, .tied = true, .bos = {128000}, .eos = {128001}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 4});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    const int rope = add_rope(config, d, attention.head_dim, {.theta = 2e6});
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag("mlp_bias", false);
    const std::vector<std::int64_t> rotates = config.counts("no_rope_layers");
    const std::int64_t interval = config.count("no_rope_layer_interval", 4), window = config.window(0, "use_sliding_window");
    const auto is_rotated = [&](std::int64_t layer) {
        const auto i = static_cast<std::size_t>(layer);
        return i < rotates.size() ? rotates[i] != 0 : (layer + 1) % interval != 0;
    };
    fill_layers(
        config, d, with_window(attention, window), [&](std::int64_t layer) { return window > 0 && !is_rotated(layer); }, feed,
        pre_norm(d.final_norm));
    for (std::int64_t layer = 0; layer < d.depth(); ++layer)
        if (is_rotated(layer)) std::get<AttentionDescription>(d.layers[static_cast<std::size_t>(layer)].mixer).rope = rope;
    config.harmless({"max_window_layers"});
    return d;
}

DecoderDescription describe_seed_oss(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 524288});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 8});
    attention.bias = config.flag("attention_bias", true);
    attention.output_bias = config.flag("attention_out_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim);
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag("mlp_bias", false);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

namespace {

/// Heads are normed behind the rotation, whose base is widened once and for all.
AttentionDescription hunyuan_attention(ConfigReader &config, DecoderDescription &d) {
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.norm_behind_rope = true;
    attention.rope = add_rope(config, d, attention.head_dim);
    RopeDescription &rope = d.ropes.back();
    if (rope.scaling == RopeScaling::Dynamic && rope.alpha > 0) {
        const auto dims = static_cast<double>(rope.dims);
        rope.theta *= std::pow(rope.alpha, dims / (dims - 2));
        rope.scaling = RopeScaling::None;
    }
    config.harmless({"eod_token_id", "pad_id", "im_start_id", "im_end_id", "org_vocab_size", "sep_token_id", "use_qk_norm",
                     "use_cla", "mlp_bias", "cla_share_factor", "norm_type", "attention_head_dim", "use_rotary_pos_emb"});
    static const WeightNames names = with_rows(llama_names(), {
                                                                  {{Slot::QueryNorm}, "self_attn.query_layernorm"},
                                                                  {{Slot::KeyNorm}, "self_attn.key_layernorm"},
                                                                  {{Slot::Router}, "mlp.gate.wg"},
                                                                  {{Slot::SharedGate}, "mlp.shared_mlp.gate_proj"},
                                                                  {{Slot::SharedUp}, "mlp.shared_mlp.up_proj"},
                                                                  {{Slot::SharedDown}, "mlp.shared_mlp.down_proj"},
                                                              });
    d.names = &names;
    return attention;
}

}  // namespace

DecoderDescription describe_hunyuan(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 2048, .bos = {1}, .eos = {2}});
    const AttentionDescription attention = hunyuan_attention(config, d);
    const DenseDescription feed = dense_fields(config);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

DecoderDescription describe_hunyuan_moe(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 2048, .bos = {1}, .eos = {2}});
    const AttentionDescription attention = hunyuan_attention(config, d);
    MoeDescription moe;
    moe.experts = config.count(config.first_of({"num_experts", "num_local_experts"}), 1);
    moe.chosen = config.count(config.first_of({"moe_topk", "num_experts_per_tok"}), 1);
    moe.expert = moe.shared = dense_fields(config);
    config.harmless({"moe_intermediate_size", "num_shared_expert", "moe_layer_num_skipped", "use_mixed_mlp_moe",
                     "moe_drop_tokens", "moe_random_routing_dropped_token", "norm_topk_prob", "routed_scaling_factor",
                     "group_limited_greedy", "n_group", "topk_group", "num_expert_per_tok", "capacity_factor"});
    for (LayerDescription &layer : d.layers) layer = {attention, moe, pre_norm(d.final_norm)};
    return d;
}

DecoderDescription describe_internlm3(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 32768, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 2});
    attention.bias = attention.output_bias = config.flag(config.first_of({"attention_bias", "qkv_bias"}), false);
    attention.rope = add_rope(config, d, attention.head_dim);
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag(config.first_of({"mlp_bias", "bias"}), false);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

DecoderDescription describe_apertus(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 65536, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 12e6});
    DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_act", "xielu");
    feed.gated = false;
    feed.bias = config.flag("mlp_bias", false);
    config.harmless({"post_norm", "qk_norm"});
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    static const WeightNames names =
        with_rows(llama_names(), {
                                     {{Slot::BeforeMixer}, "attention_layernorm"},
                                     {{Slot::BeforeFeed}, "feedforward_layernorm"},
                                     {{Slot::XieluPositive}, "mlp.act_fn.alpha_p", Cut::Blocks, Storage::Tensor},
                                     {{Slot::XieluNegative}, "mlp.act_fn.alpha_n", Cut::Blocks, Storage::Tensor},
                                     {{Slot::XieluBeta}, "mlp.act_fn.beta", Cut::Blocks, Storage::Tensor},
                                     {{Slot::XieluEps}, "mlp.act_fn.eps", Cut::Blocks, Storage::Tensor},
                                 });
    d.names = &names;
    return d;
}

namespace {

/// Llama's layers with a squared ReLU in place of the gate.
void ungated_layers(ConfigReader &config, DecoderDescription &d, bool biases, const ConfigReader::Rope &rope = {}) {
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", biases);
    attention.rope = add_rope(config, d, attention.head_dim, rope);
    DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_act", "relu2");
    feed.gated = false;
    feed.bias = config.flag("mlp_bias", biases);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
}

}  // namespace

DecoderDescription describe_arcee(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 4096, .bos = {128000}, .eos = {128001}});
    ungated_layers(config, d, false);
    return d;
}

DecoderDescription describe_jais2(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Layer, 1e-5, true, true},
                                                   .eps_key = "layer_norm_eps",
                                                   .max_positions = 8192,
                                                   .bos = {0},
                                                   .eos = {150024}});
    ungated_layers(config, d, true);
    return d;
}

DecoderDescription describe_nemotron(ConfigReader &config) {
    DecoderDescription d = decoder_fields(
        config,
        {.norm = {NormKind::Layer, 1e-5, true, true, 1}, .eps_key = "norm_eps", .max_positions = 4096, .bos = {2}, .eos = {3}});
    ungated_layers(config, d, false,
                   {.share = config.positive(config.first_of({"rope_percent", "partial_rotary_factor"}), 0.5)});
    return d;
}

DecoderDescription describe_helium(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-8}, .max_positions = 4096, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 20});
    attention.bias = config.flag("attention_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 100000, .interleaved = true});
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag("mlp_bias", false);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

// Norms without weights, one of them behind the embeddings; rotations turn the other way round.
DecoderDescription describe_nanochat(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-6, false}, .max_positions = 2048, .bos = {0}, .eos = {1}});
    d.embedding_norm = d.final_norm;
    d.logit_cap = config.optional("final_logit_softcapping", 15);
    AttentionDescription attention = attention_fields(config, d, {.heads = 6});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.norm_behind_rope = true;
    attention.rope = add_rope(config, d, attention.head_dim);
    d.ropes.back().backwards = true;
    DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_act", "relu2");
    feed.gated = false;
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    static const WeightNames names = with_rows(llama_names(), {{{Slot::Up}, "mlp.fc1"}, {{Slot::Down}, "mlp.fc2"}});
    d.names = &names;
    return d;
}

DecoderDescription describe_ernie4_5(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 131072, .tied = true, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 2});
    attention.bias = attention.output_bias = config.flag("use_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 500000, .interleaved = true});
    DenseDescription feed = dense_fields(config);
    feed.bias = attention.bias;
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    return d;
}

DecoderDescription describe_ernie4_5_moe(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 131072, .tied = true, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 4});
    attention.bias = attention.output_bias = config.flag("use_bias", false);
    d.head_bias = attention.bias;
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 500000, .interleaved = true});
    DenseDescription dense = dense_fields(config);
    dense.bias = attention.bias;
    MoeDescription moe;
    moe.experts = config.count("moe_num_experts", 64);
    moe.chosen = config.count("moe_k", 6);
    moe.expert = {config.count("moe_intermediate_size", 1536), dense.activation};
    moe.shared = moe.expert;
    moe.shared.size *= config.count_or_none("moe_num_shared_experts", 2, 1 << 10);
    moe.shared.bias = attention.bias;
    moe.router.correction_bias = true;
    config.harmless({"moe_norm_min", "moe_capacity", "moe_gate", "moe_use_aux_free", "num_experts", "num_local_experts",
                     "num_experts_per_tok"});
    const std::int64_t interval = config.count("moe_layer_interval", 1),
                       first = config.count_or_none("moe_layer_start_index", 1);
    const double end = config.number("moe_layer_end_index", -1);
    const std::int64_t last = end < 0 ? d.depth() - 1 : static_cast<std::int64_t>(end);
    for (std::int64_t layer = 0; layer < d.depth(); ++layer) {
        const bool mixture = (layer + 1) % interval == 0 && layer >= first && layer <= last;
        d.layers[static_cast<std::size_t>(layer)] = {
            attention, mixture ? FeedForwardDescription(moe) : FeedForwardDescription(dense), pre_norm(d.final_norm)};
    }
    static const WeightNames names = with_rows(
        llama_names(), {{{Slot::RouterCorrection}, "mlp.moe_statics.e_score_correction_bias", Cut::Blocks, Storage::Tensor}});
    d.names = &names;
    return d;
}

}  // namespace millm::engine
