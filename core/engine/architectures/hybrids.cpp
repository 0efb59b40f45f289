// Decoders whose layers are state spaces and attention in turn (Bamba, Granite 4, Jamba, Nemotron H), or both side by side
// (Falcon H1).
#include "core/engine/architectures/families.h"
#include "core/engine/architectures/mamba_fields.h"

#include <algorithm>
#include <cmath>

namespace millm::engine {

namespace {

const std::initializer_list<const char *> harmless_in_hybrids = {"mamba_chunk_size", "num_logits_to_keep", "mamba_expand",
                                                                 "use_mamba_kernels"};

/// Whether each layer attends, by the names that layer types have had.
std::vector<bool> attending(ConfigReader &config, std::int64_t depth, const std::vector<std::int64_t> &attention) {
    const auto types = config.layer_types(
        depth, {"mamba", "attention", "linear_attention", "full_attention"},
        [&](std::int64_t layer) { return std::ranges::find(attention, layer) != attention.end() ? "attention" : "mamba"; });
    std::vector<bool> attends;
    for (const std::string &type : types) attends.push_back(type == "attention" || type == "full_attention");
    attends.resize(static_cast<std::size_t>(depth));
    return attends;
}

/// Jamba's own, which the others have as well.
WeightNames jamba_names() {
    return with_rows(
        llama_names(),
        {
            {{Slot::FinalNorm}, "final_layernorm"},
            {{Slot::BeforeFeed}, "pre_ff_layernorm"},
            {{Slot::Gate}, "feed_forward.gate_proj"},
            {{Slot::Up}, "feed_forward.up_proj"},
            {{Slot::Down}, "feed_forward.down_proj"},
            {{Slot::Router}, "feed_forward.router"},
            {{Slot::ExpertGate}, "feed_forward.experts.*.gate_proj"},
            {{Slot::ExpertUp}, "feed_forward.experts.*.up_proj"},
            {{Slot::ExpertDown}, "feed_forward.experts.*.down_proj"},
            {{Slot::ExpertGate, Slot::ExpertUp}, "feed_forward.experts.gate_up_proj", Cut::Blocks, Storage::StackedOutIn},
            {{Slot::ExpertDown}, "feed_forward.experts.down_proj", Cut::Blocks, Storage::StackedOutIn},
        });
}

const WeightNames &bamba_names() {
    static const WeightNames names = with_state_space_rows(jamba_names());
    return names;
}

}  // namespace

DecoderDescription describe_bamba(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 262144, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 8});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim, {.share = 0.5});
    config.harmless({"attn_rotary_emb", "partial_rotary_factor"});
    StateSpaceDescription space = state_space_fields(config, hybrid_keys, expanded(config, d, "mamba_expand"), {.heads = 128});
    space.norm = d.final_norm;
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag("mlp_bias", false);
    const std::vector<bool> attends = attending(config, d.depth(), config.counts("attn_layer_indices"));
    for (std::size_t i = 0; i < d.layers.size(); ++i)
        d.layers[i] = {attends[i] ? MixerDescription(attention) : MixerDescription(space), feed, pre_norm(d.final_norm)};
    config.harmless(harmless_in_hybrids);
    d.names = &bamba_names();
    return d;
}

DecoderDescription describe_jamba(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-6}, .max_positions = 262144, .bos = {1}, .eos = {2}});
    const AttentionDescription attention = attention_fields(config, d, {.kv_heads = 8});
    SelectiveScanDescription scan = scan_fields(config, hybrid_scan_keys, d);
    scan.norm = d.final_norm;
    config.only("mamba_inner_layernorms", true);
    const DenseDescription feed = dense_fields(config);
    MoeDescription moe;
    moe.experts = config.count("num_experts", 16);
    moe.chosen = config.count("num_experts_per_tok", 2);
    moe.expert = feed;
    moe.router.normalised = false;
    const std::int64_t attention_period = config.count("attn_layer_period", 8),
                       moe_period = config.count("expert_layer_period", 2);
    const std::int64_t first_attention = config.count_or_none("attn_layer_offset", 4),
                       first_moe = config.count_or_none("expert_layer_offset", 1);
    for (std::int64_t layer = 0; layer < d.depth(); ++layer) {
        const bool attends = layer % attention_period == first_attention,
                   sparse = layer % moe_period == first_moe && moe.experts > 1;
        d.layers[static_cast<std::size_t>(layer)] = {attends ? MixerDescription(attention) : MixerDescription(scan),
                                                     sparse ? FeedForwardDescription(moe) : FeedForwardDescription(feed),
                                                     pre_norm(d.final_norm)};
    }
    config.harmless({"use_mamba_kernels", "num_logits_to_keep", "use_mambapy", "use_associative_scan", "layers_block_type",
                     "layer_types", "layers_num_experts"});
    static const WeightNames names = with_scan_rows(jamba_names());
    d.names = &names;
    return d;
}

DecoderDescription describe_falcon_h1(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 8192, .bos = {1}, .eos = {2}});
    d.embedding_scale = config.number("embedding_multiplier", 1);
    d.logit_scale = config.number("lm_head_multiplier", 1);
    ParallelMixersDescription mixers;
    AttentionDescription &attention = mixers.attention;
    attention = attention_fields(config, d, {.kv_heads = 8});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.rope = add_rope(config, d, attention.head_dim);
    // Keys are multiplied by it: scores are.
    attention.scores.scale = config.positive("key_multiplier", 1) / std::sqrt(static_cast<double>(attention.head_dim));
    mixers.attention_in = config.number("attention_in_multiplier", 1);
    mixers.attention_out = config.number("attention_out_multiplier", 1);
    StateSpaceDescription &space = mixers.space;
    const std::int64_t channels = config.has("mamba_d_ssm") || config.json().find("mamba_d_ssm") == nullptr
                                      ? config.count("mamba_d_ssm", 1024, widest_layer)
                                      : expanded(config, d, "mamba_expand");
    space = state_space_fields(config, hybrid_keys, channels, {.heads = 128});
    space.output_bias = config.flag("projectors_bias", false);
    if (config.flag("mamba_rms_norm", false)) space.norm = d.final_norm;
    space.gate_behind_norm = config.flag("mamba_norm_before_gate", true);
    std::ranges::copy(config.numbers("ssm_multipliers", {1, 1, 1, 1, 1}), space.scales.begin());
    mixers.space_in = config.number("ssm_in_multiplier", 1);
    mixers.space_out = config.number("ssm_out_multiplier", 1);
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag("mlp_bias", false);
    const std::vector<double> scales = config.numbers("mlp_multipliers", {1, 1});
    feed.gate_scale = scales[0];
    feed.scale = scales[1];
    for (LayerDescription &layer : d.layers) layer = {mixers, feed, pre_norm(d.final_norm)};
    config.harmless(harmless_in_hybrids);
    config.harmless({"mamba_use_mlp", "attn_layer_indices", "layer_types", "layers_block_type", "mlp_expansion_factor"});
    d.names = &bamba_names();
    return d;
}

// Granite's multipliers around a hybrid; its feed-forward is what its mixture's experts share, with or without those.
DecoderDescription describe_granitemoehybrid(ConfigReader &config) {
    AttentionDescription attention;
    ResidualDescription residual;
    const bool turned = config.text("position_embedding_type", "") == "rope";
    DecoderDescription d = granite_fields(config, attention, residual);
    if (!turned) {
        attention.rope = -1;
        d.ropes.clear();
    }
    StateSpaceDescription space = state_space_fields(config, hybrid_keys, expanded(config, d, "mamba_expand"), {.heads = 128});
    space.norm = d.final_norm;
    MoeDescription moe = granite_moe_fields(config, config.count("shared_intermediate_size", 1024));
    const std::vector<bool> attends = attending(config, d.depth(), {});
    for (std::size_t i = 0; i < d.layers.size(); ++i)
        d.layers[i] = {attends[i] ? MixerDescription(attention) : MixerDescription(space),
                       moe.experts > 0 ? FeedForwardDescription(moe) : FeedForwardDescription(moe.shared), residual};
    config.harmless(harmless_in_hybrids);
    static const WeightNames names =
        with_state_space_rows(with_rows(granite_moe_names(), {
                                                                 {{Slot::Gate, Slot::Up}, "shared_mlp.input_linear"},
                                                                 {{Slot::Down}, "shared_mlp.output_linear"},
                                                             }));
    d.names = &names;
    return d;
}

namespace {

/// What each of Nemotron H's layers is: its list, or its pattern of one letter each.
std::vector<std::string> nemotron_layers(ConfigReader &config) {
    const std::string pattern = config.text("hybrid_override_pattern", "");
    std::vector<std::string> layers = config.texts(config.first_of({"layers_block_type", "layer_types"}));
    if (!layers.empty()) return layers;
    for (const char letter : pattern) {
        switch (letter) {
            case 'M':
                layers.emplace_back("mamba");
                break;
            case '*':
                layers.emplace_back("attention");
                break;
            case '-':
                layers.emplace_back("mlp");
                break;
            case 'E':
                layers.emplace_back("moe");
                break;
            default:
                config.unsupported("hybrid_override_pattern", std::string("has the letter \"") + letter + "\"");
        }
    }
    if (layers.empty()) config.fail(ErrorCode::InvalidFile, "config.json lacks \"layers_block_type\"");
    return layers;
}

}  // namespace

DecoderDescription describe_nemotron_h(ConfigReader &config) {
    const std::vector<std::string> types = nemotron_layers(config);
    config.harmless({"num_hidden_layers"});
    DecoderDescription d = outer_fields(
        config,
        {.norm = {NormKind::Rms, 1e-5}, .eps_key = "layer_norm_epsilon", .max_positions = 4096, .bos = {1}, .eos = {2}});
    if (static_cast<std::int64_t>(types.size()) > most_layers)
        config.fail(ErrorCode::InvalidFile, "config.json: " + std::to_string(types.size()) + " layers are beyond any model");
    config.harmless({"rms_norm_eps", "norm_eps"});
    AttentionDescription attention = attention_fields(
        config, d, {.head_dim = config.count(config.first_of({"head_dim", "attention_head_dim"}), 128), .kv_heads = 8});
    config.harmless({"attention_bias", "sliding_window", "mamba_proj_bias", "num_query_groups", "attention_head_dim",
                     "rope_theta", "rope_parameters", "partial_rotary_factor"});
    StateSpaceDescription space =
        state_space_fields(config,
                           {"mamba_num_heads", "mamba_head_dim", config.first_of({"n_groups", "mamba_n_groups"}),
                            "ssm_state_size", config.first_of({"conv_kernel", "mamba_d_conv"}), "use_bias",
                            config.first_of({"use_conv_bias", "mamba_conv_bias"}), "mamba_hidden_act"},
                           0, {.heads = 128, .head_dim = 64, .groups = 8, .state = 128});
    space.least_step = config.positive(config.first_of({"time_step_min", "mamba_dt_min"}), 0.001);
    space.most_step = std::numeric_limits<double>::infinity();
    space.norm = d.final_norm;
    config.harmless({"expand", "mamba_expand", "time_step_max", "mamba_dt_max", "time_step_floor", "mamba_dt_init_floor",
                     "mamba_dt_limit", "chunk_size", "mamba_chunk_size", "use_mamba_kernels", "mamba_ssm_cache_dtype",
                     "num_logits_to_keep", "residual_in_fp32", "moe_shared_expert_overlap", "num_nextn_predict_layers",
                     "mtp_layers_block_type", "mtp_hybrid_override_pattern"});
    DenseDescription dense = dense_fields(config, "intermediate_size", "mlp_hidden_act", "relu2");
    dense.gated = false;
    dense.bias = config.flag("mlp_bias", false);
    MoeDescription moe = deepseek_moe(
        config, dense, {.experts = 8, .chosen = 2, .size = 7688, .shared = 1, .groups = 1, .groups_chosen = 1, .scale = 1});
    moe.expert.bias = false;
    moe.shared.size = config.count("moe_shared_expert_intermediate_size", 7688);
    if (config.has("moe_latent_size"))
        config.unsupported("moe_latent_size", "asks for experts of a latent space, which this engine does not have");
    ResidualDescription mixer_alone, feed_alone;
    mixer_alone.before_mixer = feed_alone.before_feed = d.final_norm;
    for (const std::string &type : types) {
        if (type == "mamba" || type == "linear_attention")
            d.layers.push_back({space, DenseDescription(), mixer_alone});
        else if (type == "attention" || type == "full_attention")
            d.layers.push_back({attention, DenseDescription(), mixer_alone});
        else if (type == "mlp")
            d.layers.push_back({NoMixerDescription(), dense, feed_alone});
        else if (type == "moe")
            d.layers.push_back({NoMixerDescription(), moe, feed_alone});
        else
            config.unsupported("layers_block_type", "names \"" + type + "\", which this engine does not have in this family");
    }
    static const WeightNames names = [] {
        WeightNames made = with_rows(
            llama_names(), {
                               {{Slot::TokenEmbedding}, "embeddings"},
                               {{Slot::TokenEmbedding}, "embedding"},
                               {{Slot::FinalNorm}, "norm_f"},
                               {{Slot::BeforeMixer}, "norm"},
                               {{Slot::BeforeFeed}, "norm"},
                               {{Slot::Query}, "mixer.q_proj"},
                               {{Slot::Key}, "mixer.k_proj"},
                               {{Slot::Value}, "mixer.v_proj"},
                               {{Slot::AttentionOutput}, "mixer.o_proj"},
                               {{Slot::Up}, "mixer.up_proj"},
                               {{Slot::Down}, "mixer.down_proj"},
                               {{Slot::Router}, "mixer.gate"},
                               {{Slot::RouterCorrection}, "mixer.gate.e_score_correction_bias", Cut::Blocks, Storage::Tensor},
                               {{Slot::ExpertUp}, "mixer.experts.*.up_proj"},
                               {{Slot::ExpertDown}, "mixer.experts.*.down_proj"},
                               {{Slot::ExpertUp}, "mixer.experts.up_proj", Cut::Blocks, Storage::StackedOutIn},
                               {{Slot::ExpertDown}, "mixer.experts.down_proj", Cut::Blocks, Storage::StackedOutIn},
                               {{Slot::SharedUp}, "mixer.shared_experts.up_proj"},
                               {{Slot::SharedDown}, "mixer.shared_experts.down_proj"},
                           });
        made.root = "backbone.";
        return with_state_space_rows(std::move(made));
    }();
    d.names = &names;
    return d;
}

}  // namespace millm::engine
