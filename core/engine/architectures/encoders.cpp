// Encoders, which make vectors of texts: BERT and RoBERTa with learned positions and norms behind the branches, ModernBERT with
// rotated positions, norms in front, and windows in turns. Their heads, which fill in masked words or judge pairs, are not
// needed.
#include "core/engine/architectures/families.h"

namespace millm::engine {

namespace {

/// `first_position`: the row of the first token in the table of positions.
DecoderDescription bert_fields(ConfigReader &config, std::int64_t first_position) {
    DecoderDescription d;
    d.has_head = false;
    d.vocab = config.count("vocab_size", 30522);
    d.hidden = config.count("hidden_size", 768);
    d.position_rows = config.count("max_position_embeddings", 512);
    d.position_offset = first_position;
    if (d.position_rows <= first_position)
        config.fail_at("max_position_embeddings", ErrorCode::InvalidFile,
                       "config.json: \"max_position_embeddings\" " + std::to_string(d.position_rows) +
                           " leaves no position behind the first " + std::to_string(first_position));
    d.max_positions = std::max<std::int64_t>(1, d.position_rows - first_position);
    d.type_rows = config.count("type_vocab_size", 2);
    d.embedding_norm = {NormKind::Layer, config.positive("layer_norm_eps", 1e-12), true, true};
    d.layers.resize(static_cast<std::size_t>(config.count("num_hidden_layers", 12, most_layers)));
    if (config.text("position_embedding_type", "absolute") != "absolute")
        config.unsupported("position_embedding_type", "only \"absolute\" is supported");
    config.only("is_decoder", false);
    config.only("add_cross_attention", false);

    AttentionDescription attention = attention_fields(config, d, {.heads = 12});
    attention.bias = attention.output_bias = attention.scores.both_ways = true;
    DenseDescription feed;
    feed.size = config.count("intermediate_size", 3072);
    feed.activation = config.activation("hidden_act", "gelu");
    feed.gated = false;
    feed.bias = true;
    ResidualDescription residual = post_norm(d.embedding_norm);
    residual.norm_sum = true;
    for (LayerDescription &layer : d.layers) layer = {attention, feed, residual};
    // The head's, and what old files say of the pooler.
    config.harmless({"tie_word_embeddings", "bos_token_id", "eos_token_id", "directionality", "pooler_fc_size",
                     "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type",
                     "model_name"});
    return d;
}

WeightNames bert_names(std::string_view root) {
    return {
        root,
        "encoder.layer.",
        {
            {{Slot::TokenEmbedding}, "embeddings.word_embeddings"},
            {{Slot::PositionEmbedding}, "embeddings.position_embeddings"},
            {{Slot::TypeEmbedding}, "embeddings.token_type_embeddings"},
            {{Slot::EmbeddingNorm}, "embeddings.LayerNorm"},
            {{Slot::EmbeddingNorm}, "embeddings.LayerNorm", Cut::Blocks, Storage::GammaBeta},
        },
        {
            {{Slot::Query}, "attention.self.query"},
            {{Slot::Key}, "attention.self.key"},
            {{Slot::Value}, "attention.self.value"},
            {{Slot::AttentionOutput}, "attention.output.dense"},
            {{Slot::AfterMixer}, "attention.output.LayerNorm"},
            {{Slot::AfterMixer}, "attention.output.LayerNorm", Cut::Blocks, Storage::GammaBeta},
            {{Slot::Up}, "intermediate.dense"},
            {{Slot::Down}, "output.dense"},
            {{Slot::AfterFeed}, "output.LayerNorm"},
            {{Slot::AfterFeed}, "output.LayerNorm", Cut::Blocks, Storage::GammaBeta},
        },
    };
}

}  // namespace

DecoderDescription describe_bert(ConfigReader &config) {
    DecoderDescription d = bert_fields(config, 0);
    static const WeightNames names = bert_names("bert.");
    d.names = &names;
    return d;
}

// Its positions are counted from behind the padding token's number on.
DecoderDescription describe_roberta(ConfigReader &config) {
    DecoderDescription d = bert_fields(config, config.count_or_none("pad_token_id", 1) + 1);
    static const WeightNames names = bert_names("roberta.");
    d.names = &names;
    return d;
}

DecoderDescription describe_modernbert(ConfigReader &config) {
    const NormDescription norm{NormKind::Layer, config.positive("norm_eps", 1e-5), true, config.flag("norm_bias", false)};
    DecoderDescription d;
    d.has_head = false;
    d.vocab = config.count("vocab_size", 50368);
    d.hidden = config.count("hidden_size", 768);
    d.max_positions = config.count("max_position_embeddings", 8192);
    d.embedding_norm = d.final_norm = norm;
    d.layers.resize(static_cast<std::size_t>(config.count("num_hidden_layers", 22, most_layers)));

    AttentionDescription attention = attention_fields(config, d, {.heads = 12});
    attention.bias = attention.output_bias = config.flag("attention_bias", false);
    attention.scores.both_ways = true;
    // As many tokens before as behind, and itself.
    AttentionKinds kinds = with_window(attention, config.count("local_attention", 128) / 2 + 1);
    kinds.full.rope = add_rope(config, d, attention.head_dim,
                               {.theta = 160000, .layer_type = "full_attention", .theta_key = "global_rope_theta"});
    kinds.windowed.rope =
        add_rope(config, d, attention.head_dim, {.layer_type = "sliding_attention", .theta_key = "local_rope_theta"});
    DenseDescription feed = dense_fields(config, "intermediate_size", "hidden_activation", "gelu");
    feed.bias = config.flag("mlp_bias", false);
    const std::int64_t step = config.count("global_attn_every_n_layers", 3);
    fill_layers(config, d, kinds, [&](std::int64_t layer) { return layer % step != 0; }, feed, pre_norm(norm));
    // The embeddings' norm is the first layer's.
    if (!d.layers.empty()) d.layers.front().residual.before_mixer = {};
    config.harmless({"tie_word_embeddings", "bos_token_id", "eos_token_id", "position_embedding_type", "rope_theta",
                     "classifier_pooling", "classifier_activation", "classifier_bias", "decoder_bias",
                     "deterministic_flash_attn", "sparse_prediction", "sparse_pred_ignore_index", "reference_compile",
                     "repad_logits_with_grad"});
    static const WeightNames names{
        "model.",
        "layers.",
        {
            {{Slot::TokenEmbedding}, "embeddings.tok_embeddings"},
            {{Slot::EmbeddingNorm}, "embeddings.norm"},
            {{Slot::FinalNorm}, "final_norm"},
        },
        {
            {{Slot::BeforeMixer}, "attn_norm"},
            {{Slot::Query, Slot::Key, Slot::Value}, "attn.Wqkv"},
            {{Slot::AttentionOutput}, "attn.Wo"},
            {{Slot::BeforeFeed}, "mlp_norm"},
            {{Slot::Gate, Slot::Up}, "mlp.Wi"},
            {{Slot::Down}, "mlp.Wo"},
        },
    };
    d.names = &names;
    return d;
}

}  // namespace millm::engine
