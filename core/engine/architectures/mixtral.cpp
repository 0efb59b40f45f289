// Mixtral: Mistral whose feed-forward is a mixture of experts. MiniMax M2 and Phi 3.5 MoE spell their experts like it.
#include "core/engine/architectures/families.h"

#include <cmath>

namespace millm::engine {

namespace {

const WeightNames &mixtral_names() {
    static const WeightNames names = with_rows(
        llama_names(), {
                           {{Slot::Router}, "block_sparse_moe.gate"},
                           {{Slot::RouterCorrection}, "block_sparse_moe.e_score_correction_bias", Cut::Blocks, Storage::Tensor},
                           {{Slot::ExpertGate}, "block_sparse_moe.experts.*.w1"},
                           {{Slot::ExpertUp}, "block_sparse_moe.experts.*.w3"},
                           {{Slot::ExpertDown}, "block_sparse_moe.experts.*.w2"},
                           {{Slot::ExpertGate, Slot::ExpertUp}, "mlp.experts.gate_up_proj", Cut::Blocks, Storage::StackedOutIn},
                           {{Slot::ExpertDown}, "mlp.experts.down_proj", Cut::Blocks, Storage::StackedOutIn},
                       });
    return names;
}

}  // namespace

DecoderDescription describe_mixtral(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 4096 * 32, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 8});
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 1e6});
    attention.scores.window = config.window(0);
    MoeDescription moe;
    moe.experts = config.count("num_local_experts", 8);
    moe.chosen = config.count("num_experts_per_tok", 2);
    moe.expert = dense_fields(config);
    for (LayerDescription &layer : d.layers) layer = {attention, moe, pre_norm(d.final_norm)};
    d.names = &mixtral_names();
    return d;
}

// Every other layer is linear attention whose decays are fixed. What passes by is what the norms made of it.
DecoderDescription describe_minimax(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 4096 * 32, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 8});
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 1e6});
    config.harmless({"rotary_dim", "block_size", "postnorm", "shared_intermediate_size", "shared_moe_mode",
                     "layernorm_full_attention_alpha"});
    attention.scores.window = config.window(0);
    LinearAttentionDescription linear;
    linear.heads = attention.heads;
    linear.head_dim = attention.head_dim;
    linear.norm = {NormKind::Rms, 1e-6};
    MoeDescription moe;
    moe.experts = config.count("num_local_experts", 8);
    moe.chosen = config.count("num_experts_per_tok", 2);
    moe.expert = dense_fields(config);
    linear.activation = moe.expert.activation;
    ResidualDescription residual = pre_norm(d.final_norm);
    residual.skip_from_norm = true;
    residual.feed_scales = {config.number("mlp_alpha_factor", 1), config.number("mlp_beta_factor", 1)};
    const BranchScales full{config.number("full_attn_alpha_factor", 1), config.number("full_attn_beta_factor", 1)};
    const BranchScales lightning{config.number("linear_attn_alpha_factor", 1), config.number("linear_attn_beta_factor", 1)};
    const auto types = config.layer_types(d.depth(), {"full_attention", "linear_attention"}, [](std::int64_t layer) {
        return layer % 2 == 0 ? "full_attention" : "linear_attention";
    });
    for (std::size_t i = 0; i < d.layers.size() && i < types.size(); ++i) {
        const bool attends = types[i] == "full_attention";
        residual.mixer_scales = attends ? full : lightning;
        const double share = 1 - static_cast<double>(i) / (static_cast<double>(d.depth() - 1) + 1e-5) + 1e-5;
        linear.decays.clear();
        for (std::int64_t head = 1; head <= linear.heads; ++head) {
            const double slope = std::pow(2.0, -8.0 * static_cast<double>(head) / static_cast<double>(linear.heads)) * share;
            linear.decays.push_back(static_cast<float>(std::exp(-slope)));
        }
        d.layers[i] = {attends ? MixerDescription(attention) : MixerDescription(linear), moe, residual};
    }
    static const WeightNames names = [] {
        WeightNames made = mixtral_names();
        std::erase_if(made.inside, [](const WeightRow &row) { return row.module == "self_attn.qkv_proj"; });
        made.inside.push_back({{Slot::Query, Slot::Key, Slot::Value}, "self_attn.qkv_proj", Cut::QueryHeads});
        made.inside.push_back({{Slot::OutputGate}, "self_attn.output_gate"});
        made.inside.push_back({{Slot::RecurrentNorm}, "self_attn.norm"});
        made.inside.push_back({{Slot::RecurrentOut}, "self_attn.out_proj"});
        // Computed from the heads' number.
        for (const std::string_view buffer :
             {"self_attn.slope_rate", "self_attn.query_decay", "self_attn.key_decay", "self_attn.diagonal_decay"})
            made.buffers.push_back(buffer);
        return made;
    }();
    d.names = &names;
    return d;
}

DecoderDescription describe_minimax_m2(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 196608});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 128, .kv_heads = 8});
    if (config.flag("use_qk_norm", true)) attention.query_norm = attention.key_norm = d.final_norm;
    attention.norm_form = HeadNorm::AllHeads;
    const double share =
        static_cast<double>(config.count("rotary_dim", attention.head_dim)) / static_cast<double>(attention.head_dim);
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 5e6, .share = share});
    attention.scores.window = config.window(0);
    MoeDescription moe;
    moe.experts = config.count("num_local_experts", 256);
    moe.chosen = config.count("num_experts_per_tok", 8);
    moe.expert = dense_fields(config);
    moe.router.scores = RouterScores::Sigmoid;
    moe.router.correction_bias = true;
    for (LayerDescription &layer : d.layers) layer = {attention, moe, pre_norm(d.final_norm)};
    config.harmless({"qk_norm_type", "scoring_func", "use_routing_bias", "attn_type_list", "use_mtp", "num_mtp_modules",
                     "mtp_transformer_layers", "layernorm_full_attention_beta", "layernorm_linear_attention_beta",
                     "layernorm_mlp_beta", "shared_intermediate_size", "shared_moe_mode"});
    d.names = &mixtral_names();
    return d;
}

DecoderDescription describe_phimoe(ConfigReader &config) {
    DecoderDescription d = decoder_fields(
        config, {.norm = {NormKind::Layer, 1e-5, true, true}, .max_positions = 4096 * 32, .bos = {1}, .eos = {2}});
    d.head_bias = config.flag("lm_head_bias", false);
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 8});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 1e6});
    attention.scores.window = config.window(0);
    config.harmless({"original_max_position_embeddings", "input_jitter_noise"});
    MoeDescription moe;
    moe.experts = config.count("num_local_experts", 16);
    moe.chosen = 2;
    config.only("num_experts_per_tok", 2.0);
    moe.expert = dense_fields(config);
    moe.router.scores = RouterScores::SparseMixer;
    moe.router.jitter = config.positive("router_jitter_noise", 0.01);
    moe.router.normalised = false;
    for (LayerDescription &layer : d.layers) layer = {attention, moe, pre_norm(d.final_norm)};
    d.names = &mixtral_names();
    return d;
}

}  // namespace millm::engine
