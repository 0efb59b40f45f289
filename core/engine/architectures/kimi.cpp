// Kimi Linear: three of four layers keep a matrix a head by the delta rule, with a decay a key; the fourth has DeepSeek's
// latent attention without positions. The mixture is DeepSeek 3's.
#include "core/engine/architectures/families.h"

#include <algorithm>

namespace millm::engine {

namespace {

struct LinearLayers {
    GatedDeltaDescription delta;
    std::vector<std::int64_t> attending;  ///< places of the others, counted from one
    bool listed = false;
};

/// Fields of their own, or, in older files, an object of shorter names.
LinearLayers linear_layers(ConfigReader &config) {
    LinearLayers linear;
    const JsonValue *part = config.given("linear_attn_config");
    ConfigReader inner(part != nullptr && part->is_object() ? *part : JsonValue::object());
    const auto count = [&](const char *key, const char *older, std::int64_t fallback) {
        return config.count(key, inner.count(older, fallback, 1 << 16), 1 << 16);
    };
    GatedDeltaDescription &delta = linear.delta;
    delta.key_dim = delta.value_dim = delta.rank = count("linear_head_dim", "head_dim", 128);
    delta.key_heads = delta.value_heads = count("linear_num_heads", "num_heads", 32);
    delta.kernel = count("linear_conv_kernel_dim", "short_conv_kernel_size", 4);
    delta.sigmoid_gate = true;
    linear.listed = inner.has("full_attn_layers");
    linear.attending = inner.counts("full_attn_layers");
    if (inner.error()) config.fail(inner.error()->code, inner.error()->message);
    return linear;
}

}  // namespace

DecoderDescription describe_kimi_linear(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 1048576, .bos = {163584}, .eos = {163586}});
    d.max_positions = config.count(config.first_of({"model_max_length", "max_position_embeddings"}), 1048576);
    const LatentAttentionDescription attention = latent_fields(config, 0);
    config.only("mla_use_nope", true);
    LinearLayers linear = linear_layers(config);
    const DenseDescription dense = dense_fields(config);
    linear.delta.activation = dense.activation;
    linear.delta.norm = {NormKind::Rms, d.final_norm.eps};
    MoeDescription moe;
    moe.experts = config.count(config.first_of({"num_experts", "num_local_experts"}), 256);
    moe.chosen = config.count(config.first_of({"num_experts_per_token", "num_experts_per_tok"}), 8);
    moe.expert = moe.shared = dense;
    moe.expert.size = config.count("moe_intermediate_size", 1024);
    moe.shared.size =
        moe.expert.size * config.count_or_none(config.first_of({"num_shared_experts", "n_shared_experts"}), 1, 1 << 10);
    moe.router.scores = RouterScores::Sigmoid;
    moe.router.correction_bias = moe.router.group_by_two_best = true;
    moe.router.groups = config.count(config.first_of({"num_expert_group", "n_group"}), 1);
    moe.router.groups_chosen = config.count("topk_group", 1);
    moe.router.normalised = config.flag(config.first_of({"moe_renormalize", "norm_topk_prob"}), true);
    moe.router.scale = config.positive("routed_scaling_factor", 2.446);
    config.harmless({"moe_layer_freq", "moe_router_activation_func", "use_grouped_topk", "num_nextn_predict_layers",
                     "rope_theta", "rope_scaling", "rope_parameters"});
    const std::int64_t first = config.count_or_none("first_k_dense_replace", 1);
    const std::vector<std::string> feeds = config.texts("mlp_layer_types");
    const auto types = config.layer_types(d.depth(), {"linear_attention", "full_attention"}, [&](std::int64_t layer) {
        const bool attends = linear.listed ? std::ranges::find(linear.attending, layer + 1) != linear.attending.end()
                                           : layer > 0 && layer % 4 == 0;
        return attends ? "full_attention" : "linear_attention";
    });
    for (std::size_t i = 0; i < d.layers.size() && i < types.size(); ++i) {
        const bool sparse = i < feeds.size() ? feeds[i] == "sparse" : static_cast<std::int64_t>(i) >= first;
        d.layers[i] = {types[i] == "full_attention" ? MixerDescription(attention) : MixerDescription(linear.delta),
                       sparse ? FeedForwardDescription(moe) : FeedForwardDescription(dense), pre_norm(d.final_norm)};
    }
    static const WeightNames names = [] {
        WeightNames made = llama_names();
        const auto tensor = [&](Slot slot, std::string_view name) {
            made.inside.push_back({{slot}, name, Cut::Blocks, Storage::Tensor});
        };
        for (const WeightRow &row : std::initializer_list<WeightRow>{
                 {{Slot::StepDown}, "self_attn.f_a_proj"},
                 {{Slot::Step}, "self_attn.f_b_proj"},
                 {{Slot::StepDown}, "self_attn.forget_gate.f_a_proj"},
                 {{Slot::Step}, "self_attn.forget_gate.f_b_proj"},
                 {{Slot::Strength}, "self_attn.b_proj"},
                 {{Slot::GateDown}, "self_attn.g_a_proj"},
                 {{Slot::OutputGate}, "self_attn.g_b_proj"},
                 {{Slot::RecurrentNorm}, "self_attn.o_norm"},
                 {{Slot::RecurrentOut}, "self_attn.o_proj"},
                 {{Slot::Router}, "block_sparse_moe.gate"},
                 {{Slot::ExpertGate}, "block_sparse_moe.experts.*.w1"},
                 {{Slot::ExpertUp}, "block_sparse_moe.experts.*.w3"},
                 {{Slot::ExpertDown}, "block_sparse_moe.experts.*.w2"},
                 // What transformers writes for the dense layers as well.
                 {{Slot::Gate}, "block_sparse_moe.gate_proj"},
                 {{Slot::Up}, "block_sparse_moe.up_proj"},
                 {{Slot::Down}, "block_sparse_moe.down_proj"},
                 {{Slot::SharedGate}, "block_sparse_moe.shared_experts.gate_proj"},
                 {{Slot::SharedUp}, "block_sparse_moe.shared_experts.up_proj"},
                 {{Slot::SharedDown}, "block_sparse_moe.shared_experts.down_proj"},
             })
            made.inside.push_back(row);
        tensor(Slot::QueryConvolution, "self_attn.q_conv1d.weight");
        tensor(Slot::KeyConvolution, "self_attn.k_conv1d.weight");
        tensor(Slot::ValueConvolution, "self_attn.v_conv1d.weight");
        tensor(Slot::StepBias, "self_attn.dt_bias");
        tensor(Slot::StepBias, "self_attn.forget_gate.dt_bias");
        tensor(Slot::DecayRate, "self_attn.A_log");
        tensor(Slot::DecayRate, "self_attn.forget_gate.A_log");
        tensor(Slot::RouterCorrection, "block_sparse_moe.gate.e_score_correction_bias");
        made.inside.push_back({{Slot::QueryConvolution, Slot::KeyConvolution, Slot::ValueConvolution},
                               "self_attn.conv1d.weight",
                               Cut::Blocks,
                               Storage::Tensor});
        return made;
    }();
    d.names = &names;
    return d;
}

}  // namespace millm::engine
