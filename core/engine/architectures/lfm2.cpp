// LFM 2: most layers are gated convolutions over the last few tokens, some are attention. lfm2_moe is a mixture from some layer
// on.
#include "core/engine/architectures/families.h"

#include <algorithm>

namespace millm::engine {

namespace {

/// The feed-forward's width is two thirds of what config.json says, times a factor, rounded up, unless it says that it is not.
std::int64_t adjusted_size(ConfigReader &config) {
    std::int64_t size = config.count(config.first_of({"intermediate_size", "block_ff_dim"}), 12288);
    const double factor = config.optional("block_ffn_dim_multiplier", 1.0);
    const std::int64_t multiple = config.count("block_multiple_of", 256);
    if (!config.flag("block_auto_adjust_ff_dim", true)) return size;
    size = 2 * size / 3;
    if (factor > 0) size = static_cast<std::int64_t>(factor * static_cast<double>(size));
    return (size + multiple - 1) / multiple * multiple;
}

}  // namespace

namespace {

DecoderDescription lfm2_layers(ConfigReader &config, const DenseDescription &feed) {
    DecoderDescription d = decoder_fields(
        config,
        {.norm = {NormKind::Rms, 1e-5}, .eps_key = "norm_eps", .max_positions = 128000, .tied = true, .bos = {1}, .eos = {2}});
    d.tied_embeddings = config.flag(config.first_of({"tie_word_embeddings", "tie_embedding"}), true);
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 8});
    attention.query_norm = attention.key_norm = d.final_norm;
    attention.rope = add_rope(config, d, attention.head_dim, {.theta = 1e6});
    const ShortConvolutionDescription convolution{config.count("conv_L_cache", 3, 1 << 10), config.flag("conv_bias", false)};
    const std::vector<std::int64_t> attends = config.counts("full_attn_idxs");
    const auto types = config.layer_types(d.depth(), {"conv", "full_attention"}, [&](std::int64_t layer) {
        return attends.empty() || std::ranges::find(attends, layer) != attends.end() ? "full_attention" : "conv";
    });
    for (std::size_t i = 0; i < d.layers.size() && i < types.size(); ++i) {
        const MixerDescription mixer = types[i] == "conv" ? MixerDescription(convolution) : MixerDescription(attention);
        d.layers[i] = {mixer, feed, pre_norm(d.final_norm)};
    }
    config.harmless({"block_dim", "block_mlp_init_scale", "block_norm_eps", "block_out_init_scale", "block_use_swiglu",
                     "block_use_xavier_init", "conv_dim", "conv_dim_out", "conv_use_xavier_init", "num_heads"});
    static const WeightNames names =
        with_rows(llama_names(), {
                                     {{Slot::FinalNorm}, "embedding_norm"},
                                     {{Slot::BeforeMixer}, "operator_norm"},
                                     {{Slot::BeforeFeed}, "ffn_norm"},
                                     {{Slot::QueryNorm}, "self_attn.q_layernorm"},
                                     {{Slot::KeyNorm}, "self_attn.k_layernorm"},
                                     {{Slot::AttentionOutput}, "self_attn.out_proj"},
                                     {{Slot::ConvolutionIn}, "conv.in_proj"},
                                     {{Slot::Convolution}, "conv.conv.weight", Cut::Blocks, Storage::Tensor},
                                     {{Slot::ConvolutionBias}, "conv.conv.bias", Cut::Blocks, Storage::Tensor},
                                     {{Slot::ConvolutionOut}, "conv.out_proj"},
                                     {{Slot::Gate}, "feed_forward.w1"},
                                     {{Slot::Up}, "feed_forward.w3"},
                                     {{Slot::Down}, "feed_forward.w2"},
                                     {{Slot::Router}, "feed_forward.gate"},
                                     {{Slot::RouterCorrection}, "feed_forward.expert_bias", Cut::Blocks, Storage::Tensor},
                                     {{Slot::ExpertGate}, "feed_forward.experts.*.w1"},
                                     {{Slot::ExpertUp}, "feed_forward.experts.*.w3"},
                                     {{Slot::ExpertDown}, "feed_forward.experts.*.w2"},
                                 });
    d.names = &names;
    return d;
}

}  // namespace

DecoderDescription describe_lfm2(ConfigReader &config) {
    DenseDescription feed;
    feed.size = adjusted_size(config);
    return lfm2_layers(config, feed);
}

DecoderDescription describe_lfm2_moe(ConfigReader &config) {
    DenseDescription dense;
    dense.size = config.count("intermediate_size", 7168);
    DecoderDescription d = lfm2_layers(config, dense);
    MoeDescription moe;
    moe.experts = config.count(config.first_of({"num_experts", "num_local_experts"}), 32);
    moe.chosen = config.count("num_experts_per_tok", 4);
    moe.expert.size = config.count("moe_intermediate_size", 1792);
    moe.router.scores = RouterScores::Sigmoid;
    moe.router.correction_bias = config.flag("use_expert_bias", true);
    moe.router.normalised = config.flag("norm_topk_prob", true);
    moe.router.scale = config.positive("routed_scaling_factor", 1);
    const std::int64_t first = config.count_or_none("num_dense_layers", 2);
    for (std::int64_t layer = first; layer < d.depth(); ++layer) d.layers[static_cast<std::size_t>(layer)].feed = moe;
    return d;
}

}  // namespace millm::engine
