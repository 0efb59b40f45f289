// OPT: learned positions from row 2 on, norms in front of the branches or, in the 350M model, behind the sums, whose embeddings
// are smaller than its layers besides.
#include "core/engine/architectures/families.h"

namespace millm::engine {

DecoderDescription describe_opt(ConfigReader &config) {
    const bool affine = config.flag("layer_norm_elementwise_affine", true);
    DecoderDescription d;
    d.vocab = config.count("vocab_size", 50272);
    d.hidden = config.count("hidden_size");
    d.max_positions = config.count("max_position_embeddings", 2048);
    d.position_offset = 2;
    d.position_rows = d.max_positions + d.position_offset;
    const std::int64_t width = config.count("word_embed_proj_dim", d.hidden);
    d.embedding_size = width != d.hidden ? width : 0;
    d.tied_embeddings = config.flag("tie_word_embeddings", true);
    d.bos_tokens = config.token_ids("bos_token_id", {2});
    d.eos_tokens = config.token_ids("eos_token_id", {2});
    d.layers.resize(static_cast<std::size_t>(config.count("num_hidden_layers", {}, 2048)));

    const NormDescription norm{NormKind::Layer, 1e-5, affine, affine};
    const bool before = config.flag("do_layer_norm_before", true);
    if (before && !config.flag("_remove_final_layer_norm", false)) d.final_norm = norm;
    AttentionDescription attention = attention_fields(config, d);
    attention.bias = attention.output_bias = config.flag("enable_bias", true);
    DenseDescription feed = dense_fields(config, "ffn_dim", "activation_function", "relu");
    feed.gated = false;
    feed.bias = attention.bias;
    ResidualDescription residual = before ? pre_norm(norm) : post_norm(norm);
    residual.norm_sum = !before;
    for (LayerDescription &layer : d.layers) layer = {attention, feed, residual};

    const auto names_of = [](Slot mixer_norm, Slot feed_norm) {
        return with_rows(llama_names(), {
                                            {{Slot::PositionEmbedding}, "embed_positions"},
                                            {{Slot::InputProjection}, "project_in"},
                                            {{Slot::OutputProjection}, "project_out"},
                                            {{Slot::FinalNorm}, "final_layer_norm"},
                                            {{mixer_norm}, "self_attn_layer_norm"},
                                            {{feed_norm}, "final_layer_norm"},
                                            {{Slot::AttentionOutput}, "self_attn.out_proj"},
                                            {{Slot::Up}, "fc1"},
                                            {{Slot::Down}, "fc2"},
                                        });
    };
    static const WeightNames in_front = [&] {
        WeightNames names = names_of(Slot::BeforeMixer, Slot::BeforeFeed);
        names.root = "model.decoder.";
        return names;
    }();
    static const WeightNames behind = [&] {
        WeightNames names = names_of(Slot::AfterMixer, Slot::AfterFeed);
        names.root = "model.decoder.";
        return names;
    }();
    d.names = before ? &in_front : &behind;
    return d;
}

}  // namespace millm::engine
