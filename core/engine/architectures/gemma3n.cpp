// Gemma 3n: Gemma 3 with a vector of each token for each layer, normed values, last layers that read the keys and values of
// earlier ones, several streams that pass the layers, gates that are mostly silent, and a second way around the attention.
#include "core/engine/architectures/gemma_kin.h"

#include <algorithm>
#include <cmath>

namespace millm::engine {

AttentionDescription &attention_of(LayerDescription &layer) {
    return std::get<AttentionDescription>(layer.mixer);
}

DecoderDescription newer_gemma_fields(ConfigReader &config, std::int64_t max_positions, double cap) {
    DecoderDescription d = decoder_fields(config, {.max_positions = max_positions, .tied = true, .bos = {2}, .eos = {1}});
    d.embedding_scale = std::sqrt(static_cast<double>(d.hidden));
    d.logit_cap = config.optional("final_logit_softcapping", cap);
    return d;
}

AttentionDescription unscaled_attention(ConfigReader &config, const DecoderDescription &d, std::int64_t kv_heads) {
    AttentionDescription attention = attention_fields(config, d, {.head_dim = 256, .kv_heads = kv_heads, .heads = 8});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.scores.scale = 1;
    attention.query_norm = attention.key_norm = attention.value_norm = d.final_norm;
    attention.value_norm.weight = false;
    return attention;
}

void share_keys(ConfigReader &config, DecoderDescription &d, const std::vector<bool> &windowed, std::int64_t shared) {
    const std::int64_t first = d.depth() - shared;
    for (std::int64_t layer = std::max<std::int64_t>(first, 0); layer < d.depth(); ++layer) {
        const bool wanted = windowed[static_cast<std::size_t>(layer)];
        std::int64_t owner = first - 1;
        while (owner >= 0 && windowed[static_cast<std::size_t>(owner)] != wanted) --owner;
        if (owner < 0)
            return config.unsupported("num_kv_shared_layers", "leaves no keys for layer " + std::to_string(layer) + " to read");
        attention_of(d.layers[static_cast<std::size_t>(layer)]).keys_of = owner;
    }
}

void add_token_inputs(ConfigReader &config, DecoderDescription &d, Activation activation) {
    d.token_inputs.size = config.count_or_none("hidden_size_per_layer_input", 256, widest_layer);
    d.token_inputs.rows = config.count("vocab_size_per_layer_input", 262144);
    d.token_inputs.norm = d.final_norm;
    if (d.token_inputs.size == 0) return;
    for (LayerDescription &layer : d.layers) layer.token_input = {true, activation, d.final_norm};
}

WeightNames newer_gemma_names() {
    return with_rows(norms_around_names(), {
                                               {{Slot::TokenInputEmbedding}, "embed_tokens_per_layer"},
                                               {{Slot::TokenInputProjection}, "per_layer_model_projection"},
                                               {{Slot::TokenInputNorm}, "per_layer_projection_norm"},
                                               {{Slot::TokenInputGate}, "per_layer_input_gate"},
                                               {{Slot::TokenInputOut}, "per_layer_projection"},
                                               {{Slot::AfterTokenInput}, "post_per_layer_input_norm"},
                                           });
}

namespace {

void read_streams(ConfigReader &config, DecoderDescription &d) {
    StreamsDescription &streams = d.streams;
    streams.count = config.count("altup_num_inputs", 4, 64);
    if (streams.count == 1) config.unsupported("altup_num_inputs", "1 is not supported here");
    streams.active = config.count_or_none("altup_active_idx", 0, 64);
    if (streams.active >= streams.count)
        config.fail_at("altup_active_idx", ErrorCode::InvalidFile,
                       "config.json: \"altup_active_idx\" " + std::to_string(streams.active) + " is none of the " +
                           std::to_string(streams.count) + " of \"altup_num_inputs\"",
                       streams.count, streams.active);
    streams.scaled = config.flag("altup_correct_scale", true);
    streams.norm = d.final_norm;
}

/// A size for all layers, or a list of one each.
void read_feeds(ConfigReader &config, DecoderDescription &d, Activation activation) {
    std::vector<std::int64_t> sizes;
    const JsonValue *given = config.given("intermediate_size");
    if (given != nullptr && given->is_list())
        sizes = config.counts("intermediate_size");
    else
        sizes.assign(d.layers.size(), config.count("intermediate_size", 16384));
    if (sizes.size() != d.layers.size() || std::ranges::find(sizes, 0) != sizes.end())
        return config.fail_at("intermediate_size", ErrorCode::InvalidFile,
                              "config.json: \"intermediate_size\" has to be a positive number for each of " +
                                  std::to_string(d.depth()) + " layers");
    std::vector<double> sparse(d.layers.size());
    if (d.layers.size() > 10) std::fill_n(sparse.begin(), 10, 0.95);
    sparse = config.numbers("activation_sparsity_pattern", std::move(sparse));
    if (!std::ranges::all_of(sparse, [](double share) { return share >= 0 && share < 1; }))
        return config.fail_at("activation_sparsity_pattern", ErrorCode::InvalidFile,
                              "config.json: \"activation_sparsity_pattern\" holds shares that are not from 0 to below 1");
    for (std::size_t i = 0; i < d.layers.size(); ++i) {
        DenseDescription feed{sizes[i], activation};
        feed.sparsity = sparse[i];
        d.layers[i].feed = feed;
    }
}

const WeightNames &gemma3n_names() {
    static const WeightNames names =
        with_rows(newer_gemma_names(), {
                                           {{Slot::StreamIn}, "altup_projections.*"},
                                           {{Slot::StreamOut}, "altup_unembed_projections.*"},
                                           {{Slot::StreamNorm}, "altup.router_norm"},
                                           {{Slot::StreamRouter}, "altup.modality_router"},
                                           {{Slot::StreamPrediction}, "altup.prediction_coefs"},
                                           {{Slot::StreamCorrection}, "altup.correction_coefs"},
                                           {{Slot::StreamScale}, "altup.correct_output_scale", Cut::Blocks, Storage::Tensor},
                                           {{Slot::LaurelLeft}, "laurel.linear_left"},
                                           {{Slot::LaurelRight}, "laurel.linear_right"},
                                           {{Slot::LaurelNorm}, "laurel.post_laurel_norm"},
                                       });
    return names;
}

}  // namespace

DecoderDescription describe_gemma3n(ConfigReader &config) {
    DecoderDescription d = newer_gemma_fields(config, 32768, 30);
    const AttentionKinds kinds = gemma_kinds(config, d, unscaled_attention(config, d, 2), 512);
    const Activation activation = config.activation("hidden_activation", "gelu_pytorch_tanh");
    const std::vector<bool> windowed = fill_layers(
        config, d, kinds, [](std::int64_t layer) { return (layer + 1) % 5 != 0; }, DenseDescription{1, activation},
        norms_around(d.final_norm));
    read_feeds(config, d, activation);
    read_streams(config, d);
    const LaurelDescription laurel{config.count("laurel_rank", 64, widest_layer), d.final_norm};
    for (LayerDescription &layer : d.layers) layer.laurel = laurel;
    add_token_inputs(config, d, activation);
    if (d.token_inputs.size == 0) config.unsupported("hidden_size_per_layer_input", "0 is not supported here");
    share_keys(config, d, windowed, config.count_or_none("num_kv_shared_layers", 15));
    // Training alone clips the streams' coefficients.
    config.harmless({"altup_coef_clip", "altup_lr_multiplier", "query_pre_attn_scalar", "cache_implementation"});
    d.names = &gemma3n_names();
    return d;
}

}  // namespace millm::engine
