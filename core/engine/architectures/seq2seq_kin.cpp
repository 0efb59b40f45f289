// XGLM and BioGPT: decoders in the dress of translation models, with positions from row 2 of their table on.
#include "core/engine/architectures/families.h"

#include <cmath>

namespace millm::engine {

namespace {

AttentionDescription biased_attention(ConfigReader &config, const DecoderDescription &d, const char *heads_key) {
    AttentionDescription attention;
    attention.heads = attention.kv_heads = config.count(heads_key);
    attention.head_dim = std::max<std::int64_t>(1, d.hidden / attention.heads);
    attention.bias = attention.output_bias = true;
    return attention;
}

WeightNames translator_names(std::string_view root) {
    WeightNames names = with_rows(llama_names(), {
                                                     {{Slot::PositionEmbedding}, "embed_positions"},
                                                     {{Slot::FinalNorm}, "layer_norm"},
                                                     {{Slot::BeforeMixer}, "self_attn_layer_norm"},
                                                     {{Slot::BeforeFeed}, "final_layer_norm"},
                                                     {{Slot::AttentionOutput}, "self_attn.out_proj"},
                                                     {{Slot::Up}, "fc1"},
                                                     {{Slot::Down}, "fc2"},
                                                 });
    names.root = root;
    return names;
}

}  // namespace

DecoderDescription describe_xglm(ConfigReader &config) {
    DecoderDescription d;
    d.vocab = config.count("vocab_size", 256008);
    d.hidden = config.count(config.first_of({"d_model", "hidden_size"}), 1024);
    d.max_positions = config.count("max_position_embeddings", 2048);
    d.sinusoidal_positions = true;
    d.position_offset = 2;
    d.final_norm = {NormKind::Layer, 1e-5, true, true};
    if (config.flag("scale_embedding", true)) d.embedding_scale = std::sqrt(static_cast<double>(d.hidden));
    d.tied_embeddings = config.flag("tie_word_embeddings", true);
    d.bos_tokens = config.token_ids("bos_token_id", {0});
    d.eos_tokens = config.token_ids("eos_token_id", {2});
    d.layers.resize(static_cast<std::size_t>(config.count(config.first_of({"num_layers", "num_hidden_layers"}), 24, 2048)));
    const AttentionDescription attention =
        biased_attention(config, d, config.first_of({"attention_heads", "num_attention_heads"}));
    DenseDescription feed = dense_fields(config, "ffn_dim", "activation_function", "gelu");
    feed.gated = false;
    feed.bias = true;
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    config.harmless({"decoder_start_token_id", "layerdrop"});
    static const WeightNames names = translator_names("model.");
    d.names = &names;
    return d;
}

DecoderDescription describe_biogpt(ConfigReader &config) {
    DecoderDescription d = decoder_fields(
        config, {.norm = {NormKind::Layer, 1e-5, true, true}, .max_positions = 1024, .tied = true, .bos = {0}, .eos = {2}});
    config.harmless({"layer_norm_eps", "layerdrop"});
    d.position_offset = 2;
    d.position_rows = d.max_positions + d.position_offset;
    if (config.flag("scale_embedding", true)) d.embedding_scale = std::sqrt(static_cast<double>(d.hidden));
    const AttentionDescription attention = biased_attention(config, d, "num_attention_heads");
    DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_act", "gelu");
    feed.gated = false;
    feed.bias = true;
    for (LayerDescription &layer : d.layers) layer = {attention, feed, pre_norm(d.final_norm)};
    static const WeightNames names = [] {
        WeightNames own = translator_names("biogpt.");
        own.head = {"output_projection"};
        return own;
    }();
    d.names = &names;
    return d;
}

}  // namespace millm::engine
