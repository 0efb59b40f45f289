// Qwen 3 Next and 3.5: three of four layers keep a matrix a head by the gated delta rule, the fourth attends, with gated
// outputs. Next is a mixture with a shared expert; of 3.5 there are mixtures and dense ones.
#include "core/engine/architectures/families.h"

namespace millm::engine {

namespace {

void check_delta_heads(ConfigReader &config, const GatedDeltaDescription &delta) {
    if (delta.value_heads % delta.key_heads == 0) return;
    config.fail(ErrorCode::InvalidFile, "config.json: " + std::to_string(delta.value_heads) +
                                            " value heads do not divide into " + std::to_string(delta.key_heads) +
                                            " key heads");
}

/// The layers' mixers, in front of `feed`.
DecoderDescription delta_layers(ConfigReader &config, const DenseDescription &feed) {
    DecoderDescription d = decoder_fields(config, {.norm = {NormKind::Rms, 1e-6, true, false, 1}, .max_positions = 32768});
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 256, .kv_heads = 2});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_gate = true;
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.rope = add_rope(config, d, attention.head_dim, {.share = 0.25});
    GatedDeltaDescription delta;
    delta.key_heads = config.count("linear_num_key_heads", 16, 1 << 16);
    delta.value_heads = config.count("linear_num_value_heads", 32, 1 << 16);
    delta.key_dim = config.count("linear_key_head_dim", 128, 1 << 16);
    delta.value_dim = config.count("linear_value_head_dim", 128, 1 << 16);
    delta.kernel = config.count("linear_conv_kernel_dim", 4, 1 << 10);
    delta.norm = {NormKind::Rms, d.final_norm.eps};
    delta.activation = feed.activation;
    check_delta_heads(config, delta);
    const std::int64_t interval = config.count("full_attention_interval", 4);
    const auto types = config.layer_types(d.depth(), {"linear_attention", "full_attention"}, [&](std::int64_t layer) {
        return (layer + 1) % interval != 0 ? "linear_attention" : "full_attention";
    });
    for (std::size_t i = 0; i < d.layers.size() && i < types.size(); ++i) {
        const bool linear = types[i] == "linear_attention";
        d.layers[i] = {linear ? MixerDescription(delta) : MixerDescription(attention), feed, pre_norm(d.final_norm)};
    }
    return d;
}

MoeDescription delta_moe(ConfigReader &config, const DenseDescription &dense, std::int64_t experts, std::int64_t chosen) {
    MoeDescription moe;
    moe.experts = config.count_or_none(config.first_of({"num_experts", "num_local_experts"}), experts);
    moe.chosen = config.count("num_experts_per_tok", chosen);
    moe.expert = moe.shared = dense;
    moe.expert.size = config.count("moe_intermediate_size", 512);
    moe.shared.size = config.count("shared_expert_intermediate_size", 512);
    moe.shared_gate = true;
    return moe;
}

const WeightNames &delta_names() {
    static const WeightNames names =
        with_rows(llama_names(),
                  {
                      {{Slot::Query, Slot::QueryGate}, "self_attn.q_proj", Cut::QueryHeads},
                      {{Slot::Key}, "self_attn.k_proj"},
                      {{Slot::Value}, "self_attn.v_proj"},
                      {{Slot::Query, Slot::Key, Slot::Value, Slot::OutputGate}, "linear_attn.in_proj_qkvz", Cut::DeltaKeyHeads},
                      {{Slot::Strength, Slot::Step}, "linear_attn.in_proj_ba", Cut::DeltaKeyHeads},
                      {{Slot::QueryConvolution, Slot::KeyConvolution, Slot::ValueConvolution},
                       "linear_attn.conv1d.weight",
                       Cut::Blocks,
                       Storage::Tensor},
                      {{Slot::DecayRate}, "linear_attn.A_log", Cut::Blocks, Storage::Tensor},
                      {{Slot::StepBias}, "linear_attn.dt_bias", Cut::Blocks, Storage::Tensor},
                      {{Slot::RecurrentNorm}, "linear_attn.norm"},
                      {{Slot::RecurrentOut}, "linear_attn.out_proj"},
                  });
    return names;
}

/// The same with query, key and value in one matrix and the others in their own.
const WeightNames &delta_names_apart() {
    static const WeightNames names =
        with_rows(delta_names(), {
                                     {{Slot::Query, Slot::QueryGate}, "self_attn.q_proj", Cut::QueryHeads},
                                     {{Slot::Key}, "self_attn.k_proj"},
                                     {{Slot::Value}, "self_attn.v_proj"},
                                     {{Slot::Query, Slot::Key, Slot::Value}, "linear_attn.in_proj_qkv"},
                                     {{Slot::OutputGate}, "linear_attn.in_proj_z"},
                                     {{Slot::Strength}, "linear_attn.in_proj_b"},
                                     {{Slot::Step}, "linear_attn.in_proj_a"},
                                 });
    return names;
}

/// The norms stand behind attention, in front of the delta rule.
WeightNames olmo_hybrid_names() {
    WeightNames names = llama_names();
    for (const WeightRow &row : std::initializer_list<WeightRow>{
             {{Slot::AfterMixer}, "post_attention_layernorm"},
             // What transformers writes for want of knowing which of the two layers it is.
             {{Slot::AfterMixer}, "feedforward_layer_norm"},
             {{Slot::AfterFeed}, "post_feedforward_layernorm"},
             {{Slot::BeforeMixer}, "attention_layer_norm"},
             {{Slot::BeforeFeed}, "feedforward_layer_norm"},
             {{Slot::OutputGate}, "linear_attn.g_proj"},
             {{Slot::Strength}, "linear_attn.b_proj"},
             {{Slot::Step}, "linear_attn.a_proj"},
             {{Slot::Query}, "linear_attn.q_proj"},
             {{Slot::Key}, "linear_attn.k_proj"},
             {{Slot::Value}, "linear_attn.v_proj"},
             {{Slot::RecurrentNorm}, "linear_attn.o_norm"},
             {{Slot::RecurrentOut}, "linear_attn.o_proj"},
             {{Slot::StepBias}, "linear_attn.dt_bias", Cut::Blocks, Storage::Tensor},
             {{Slot::DecayRate}, "linear_attn.A_log", Cut::Blocks, Storage::Tensor},
             {{Slot::QueryConvolution}, "linear_attn.q_conv1d.weight", Cut::Blocks, Storage::Tensor},
             {{Slot::KeyConvolution}, "linear_attn.k_conv1d.weight", Cut::Blocks, Storage::Tensor},
             {{Slot::ValueConvolution}, "linear_attn.v_conv1d.weight", Cut::Blocks, Storage::Tensor},
             {{Slot::QueryConvolution, Slot::KeyConvolution, Slot::ValueConvolution},
              "linear_attn.conv1d.weight",
              Cut::Blocks,
              Storage::Tensor},
         })
        names.inside.push_back(row);
    return names;
}

const std::initializer_list<const char *> harmless_in_3_5 = {"mtp_num_hidden_layers", "mtp_use_dedicated_embeddings",
                                                             "attn_output_gate", "mamba_ssm_dtype"};

}  // namespace

DecoderDescription describe_qwen3_next(ConfigReader &config) {
    const DenseDescription dense = dense_fields(config);
    DecoderDescription d = delta_layers(config, dense);
    MoeDescription moe = delta_moe(config, dense, 512, 10);
    moe.router.normalised = config.flag("norm_topk_prob", true);
    const std::int64_t step = config.count("decoder_sparse_step", 1);
    const std::vector<std::int64_t> dense_layers = config.counts("mlp_only_layers");
    for (std::int64_t layer = 0; layer < d.depth(); ++layer)
        if (moe.experts > 0 && is_sparse_layer(layer, step, dense_layers)) d.layers[static_cast<std::size_t>(layer)].feed = moe;
    d.names = &delta_names();
    return d;
}

DecoderDescription describe_qwen3_5(ConfigReader &config) {
    DecoderDescription d = delta_layers(config, dense_fields(config));
    config.harmless(harmless_in_3_5);
    d.names = &delta_names_apart();
    return d;
}

DecoderDescription describe_qwen3_5_moe(ConfigReader &config) {
    DenseDescription dense;
    dense.activation = config.activation("hidden_act", "silu");
    DecoderDescription d = delta_layers(config, dense);
    const MoeDescription moe = delta_moe(config, dense, 256, 8);
    for (LayerDescription &layer : d.layers) layer.feed = moe;
    config.harmless(harmless_in_3_5);
    d.names = &delta_names_apart();
    return d;
}

// OLMo 3's attention, norms behind its branches, and layers of the delta rule with norms in front; all products apart.
DecoderDescription describe_olmo_hybrid(ConfigReader &config) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 65536, .eos = {100257}});
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.norm_form = HeadNorm::AllHeads;
    // Without a rotary embedding where config.json says null.
    const bool turned = config.json().find("rope_parameters") == nullptr || config.has("rope_parameters");
    if (turned) attention.rope = add_rope(config, d, attention.head_dim);
    GatedDeltaDescription delta;
    delta.key_heads = config.count("linear_num_key_heads", attention.heads, 1 << 16);
    delta.value_heads = config.count("linear_num_value_heads", attention.heads, 1 << 16);
    delta.key_dim =
        config.count("linear_key_head_dim", std::max<std::int64_t>(1, 3 * d.hidden / (4 * delta.key_heads)), 1 << 16);
    delta.value_dim = config.count("linear_value_head_dim", 2 * delta.key_dim, 1 << 16);
    delta.kernel = config.count("linear_conv_kernel_dim", 4, 1 << 10);
    delta.strength = config.flag("linear_allow_neg_eigval", true) ? 2 : 1;
    delta.norm = {NormKind::Rms, 1e-5};
    const DenseDescription feed = dense_fields(config);
    delta.activation = feed.activation;
    check_delta_heads(config, delta);
    const auto types = config.layer_types(d.depth(), {"linear_attention", "full_attention"}, [](std::int64_t layer) {
        return layer % 4 == 3 ? "full_attention" : "linear_attention";
    });
    for (std::size_t i = 0; i < d.layers.size() && i < types.size(); ++i) {
        const bool linear = types[i] == "linear_attention";
        d.layers[i] = {linear ? MixerDescription(delta) : MixerDescription(attention), feed,
                       linear ? pre_norm(d.final_norm) : post_norm(d.final_norm)};
    }
    config.harmless(
        {"linear_a_log_min", "linear_a_log_max", "linear_dt_min", "linear_dt_max", "linear_dt_init_floor", "linear_use_gate"});
    static const WeightNames names = olmo_hybrid_names();
    d.names = &names;
    return d;
}

}  // namespace millm::engine
