// Granite: Llama with multipliers of embeddings, scores, branches and logits.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription granite_fields(ConfigReader &config, AttentionDescription &attention, ResidualDescription &residual) {
    DecoderDescription d = decoder_fields(config, {.max_positions = 2048, .bos = {1}, .eos = {2}});
    d.embedding_scale = config.positive("embedding_multiplier", 1);
    d.logit_scale = 1 / config.positive("logits_scaling", 1);
    attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.scores.scale = config.positive("attention_multiplier", 1);
    attention.rope = add_rope(config, d, attention.head_dim);
    residual = pre_norm(d.final_norm);
    residual.mixer_scales.branch = residual.feed_scales.branch = config.positive("residual_multiplier", 1);
    return d;
}

DecoderDescription describe_granite(ConfigReader &config) {
    AttentionDescription attention;
    ResidualDescription residual;
    DecoderDescription d = granite_fields(config, attention, residual);
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag("mlp_bias", false);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, residual};
    return d;
}

// Granite's multipliers and, where it says so, norms behind both branches. Logits are multiplied, not divided.
DecoderDescription describe_hyperclovax(ConfigReader &config) {
    AttentionDescription attention;
    ResidualDescription residual;
    DecoderDescription d = granite_fields(config, attention, residual);
    d.logit_scale = config.positive("logits_scaling", 1);
    attention.scores.scale = config.optional("attention_multiplier", 0);
    if (config.flag("use_post_norm", true)) residual.after_mixer = residual.after_feed = d.final_norm;
    DenseDescription feed = dense_fields(config);
    feed.bias = config.flag("mlp_bias", false);
    for (LayerDescription &layer : d.layers) layer = {attention, feed, residual};
    static const WeightNames names =
        with_rows(llama_names(), {{{Slot::AfterMixer}, "post_norm1"}, {{Slot::AfterFeed}, "post_norm2"}});
    d.names = &names;
    return d;
}

MoeDescription granite_moe_fields(ConfigReader &config, std::int64_t shared) {
    MoeDescription moe;
    moe.experts = config.count_or_none("num_local_experts", 8);
    moe.chosen = config.count_or_none("num_experts_per_tok", 2);
    moe.expert = moe.shared = dense_fields(config);
    moe.shared.size = shared;
    moe.router.scores = RouterScores::SoftmaxChosen;
    moe.router.normalised = false;
    return moe;
}

const WeightNames &granite_moe_names() {
    static const WeightNames names = with_rows(
        llama_names(),
        {
            {{Slot::Router}, "block_sparse_moe.router.layer"},
            {{Slot::ExpertGate, Slot::ExpertUp}, "block_sparse_moe.input_linear.weight", Cut::Blocks, Storage::StackedOutIn},
            {{Slot::ExpertDown}, "block_sparse_moe.output_linear.weight", Cut::Blocks, Storage::StackedOutIn},
            {{Slot::SharedGate, Slot::SharedUp}, "shared_mlp.input_linear"},
            {{Slot::SharedDown}, "shared_mlp.output_linear"},
        });
    return names;
}

namespace {

DecoderDescription granite_mixture(ConfigReader &config, std::int64_t shared) {
    AttentionDescription attention;
    ResidualDescription residual;
    DecoderDescription d = granite_fields(config, attention, residual);
    const MoeDescription moe = granite_moe_fields(config, shared);
    for (LayerDescription &layer : d.layers) layer = {attention, moe, residual};
    d.names = &granite_moe_names();
    return d;
}

}  // namespace

DecoderDescription describe_granitemoe(ConfigReader &config) {
    return granite_mixture(config, 0);
}

DecoderDescription describe_granitemoeshared(ConfigReader &config) {
    return granite_mixture(config, config.count_or_none("shared_intermediate_size", 0));
}

}  // namespace millm::engine
