// Llama 4's text: three of four layers rotate and see their own chunk, the fourth does neither but scales its queries by
// position; every step-th feed-forward is a mixture that weighs what goes into an expert.
#include "core/engine/architectures/families.h"

#include <algorithm>

namespace millm::engine {

DecoderDescription describe_llama4(ConfigReader &config) {
    DecoderDescription d =
        decoder_fields(config, {.norm = {NormKind::Rms, 1e-5}, .max_positions = 4096 * 32, .bos = {1}, .eos = {2}});
    AttentionDescription attention = attention_fields(config, d, {.kv_heads = 8});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    const int rope = add_rope(config, d, attention.head_dim, {.theta = 500000, .interleaved = true});
    NormDescription head_norm;
    if (config.flag("use_qk_norm", true)) head_norm = {NormKind::Rms, d.final_norm.eps, false};
    QueryScale tuning;
    if (config.flag("attn_temperature_tuning", true))
        tuning = {config.number("attn_scale", 0.1), static_cast<std::int64_t>(config.positive("floor_scale", 8192)), 1};
    config.harmless({"attn_scale", "floor_scale", "for_llm_compressor"});

    DenseDescription dense = dense_fields(config, "intermediate_size_mlp");
    MoeDescription moe;
    moe.experts = config.count("num_local_experts", 16);
    moe.chosen = config.count("num_experts_per_tok", 1);
    moe.expert = moe.shared = {config.count("intermediate_size"), dense.activation};
    moe.weigh_inputs = true;
    moe.router.scores = RouterScores::Sigmoid;
    moe.router.normalised = false;
    const std::int64_t step = config.count("interleave_moe_layer_step", 1);
    std::vector<std::int64_t> sparse = config.counts("moe_layers");
    if (!config.has("moe_layers"))
        for (std::int64_t layer = step - 1; layer < d.depth(); layer += step) sparse.push_back(layer);

    const std::vector<std::int64_t> rotates = config.counts("no_rope_layers");
    const std::int64_t interval = config.count("no_rope_layer_interval", 4);
    const std::int64_t chunk = config.count_or_none("attention_chunk_size", 8192);
    const auto is_rotated = [&](std::int64_t layer) {
        const auto i = static_cast<std::size_t>(layer);
        return i < rotates.size() ? rotates[i] != 0 : (layer + 1) % interval != 0;
    };
    const auto types = config.layer_types(d.depth(), {"full_attention", "chunked_attention"}, [&](std::int64_t layer) {
        return is_rotated(layer) ? "chunked_attention" : "full_attention";
    });
    for (std::int64_t layer = 0; layer < d.depth() && layer < static_cast<std::int64_t>(types.size()); ++layer) {
        AttentionDescription own = attention;
        own.scores.chunk = types[static_cast<std::size_t>(layer)] == "chunked_attention" ? chunk : 0;
        if (is_rotated(layer)) {
            own.rope = rope;
            own.query_norm = own.key_norm = head_norm;
            own.norm_behind_rope = true;
        } else {
            own.query_scale = tuning;
        }
        const bool mixture = std::ranges::find(sparse, layer) != sparse.end();
        d.layers[static_cast<std::size_t>(layer)] = {own, mixture ? FeedForwardDescription(moe) : FeedForwardDescription(dense),
                                                     pre_norm(d.final_norm)};
    }
    static const WeightNames names = with_rows(
        llama_names(),
        {
            {{Slot::Gate}, "feed_forward.gate_proj"},
            {{Slot::Up}, "feed_forward.up_proj"},
            {{Slot::Down}, "feed_forward.down_proj"},
            {{Slot::Router}, "feed_forward.router"},
            {{Slot::ExpertGate, Slot::ExpertUp}, "feed_forward.experts.gate_up_proj", Cut::Blocks, Storage::StackedInOut},
            {{Slot::ExpertDown}, "feed_forward.experts.down_proj", Cut::Blocks, Storage::StackedInOut},
            {{Slot::SharedGate}, "feed_forward.shared_expert.gate_proj"},
            {{Slot::SharedUp}, "feed_forward.shared_expert.up_proj"},
            {{Slot::SharedDown}, "feed_forward.shared_expert.down_proj"},
        });
    d.names = &names;
    return d;
}

}  // namespace millm::engine
