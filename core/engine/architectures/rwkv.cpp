// RWKV's fourth form: a mean that forgets instead of attention, and a feed-forward that remembers one token.
#include "core/engine/architectures/families.h"
#include "core/engine/architectures/mamba_fields.h"

#include <algorithm>

namespace millm::engine {

namespace {

const WeightNames &rwkv_names() {
    static const WeightNames names = [] {
        WeightNames made = with_rows(llama_names(), {
                                                        {{Slot::TokenEmbedding}, "embeddings"},
                                                        {{Slot::EmbeddingNorm}, "blocks.0.pre_ln"},
                                                        {{Slot::FinalNorm}, "ln_out"},
                                                        {{Slot::BeforeMixer}, "ln1"},
                                                        {{Slot::BeforeFeed}, "ln2"},
                                                        {{Slot::Key}, "attention.key"},
                                                        {{Slot::Value}, "attention.value"},
                                                        {{Slot::OutputGate}, "attention.receptance"},
                                                        {{Slot::RecurrentOut}, "attention.output"},
                                                        {{Slot::Up}, "feed_forward.key"},
                                                        {{Slot::Gate}, "feed_forward.receptance"},
                                                        {{Slot::Down}, "feed_forward.value"},
                                                    });
        const auto vector = [&](Slot slot, std::string_view name) {
            made.inside.push_back({{slot}, name, Cut::Blocks, Storage::Tensor});
        };
        vector(Slot::MixKey, "attention.time_mix_key");
        vector(Slot::MixValue, "attention.time_mix_value");
        vector(Slot::MixGate, "attention.time_mix_receptance");
        vector(Slot::DecayRate, "attention.time_decay");
        vector(Slot::Bonus, "attention.time_first");
        vector(Slot::MixFeed, "feed_forward.time_mix_key");
        vector(Slot::MixFeedGate, "feed_forward.time_mix_receptance");
        made.root = "rwkv.";
        made.layers = "blocks.";
        made.head = {"head"};
        return made;
    }();
    return names;
}

}  // namespace

DecoderDescription describe_rwkv(ConfigReader &config) {
    const NormDescription norm{.kind = NormKind::Layer, .eps = 1e-5, .bias = true};
    DecoderDescription d = decoder_fields(
        config, {.norm = norm, .eps_key = "layer_norm_epsilon", .max_positions = endless_positions, .bos = {0}, .eos = {0}});
    const WeightedMeanDescription mean{config.count("attention_hidden_size", d.hidden, widest_layer)};
    const ChannelMixDescription feed{config.count("intermediate_size", 4 * d.hidden, widest_layer)};
    ResidualDescription residual = pre_norm(d.final_norm);
    d.embedding_norm = d.final_norm;
    d.final_norm = norm;  // the last one's epsilon is torch's own, whatever the others have
    const auto rescaled = static_cast<std::int64_t>(std::clamp<double>(config.number("rescale_every", 6), 0, most_layers));
    double size = 1;
    for (std::int64_t layer = 0; layer < d.depth(); ++layer) {
        // Everything is halved every few layers; the norms in front of the branches do not see it but for their epsilon.
        const bool halved = rescaled > 0 && (layer + 1) % rescaled == 0;
        residual.mixer_scales = {1, size};
        residual.feed_scales = halved ? BranchScales{0.5, size / 2} : BranchScales{1, size};
        if (halved) size /= 2;
        d.layers[static_cast<std::size_t>(layer)] = {mean, feed, residual};
    }
    config.harmless({"context_length"});
    d.names = &rwkv_names();
    return d;
}

}  // namespace millm::engine
