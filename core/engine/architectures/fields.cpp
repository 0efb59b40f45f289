#include "core/engine/architectures/fields.h"

#include <algorithm>
#include <cmath>

namespace millm::engine {

namespace {

void set_depth(ConfigReader &config, DecoderDescription &d, const char *key, std::optional<std::int64_t> fallback) {
    const std::int64_t depth = config.count(key, fallback, 1 << 16);
    if (depth > most_layers || d.hidden > widest_layer) {
        config.fail(ErrorCode::InvalidFile, "config.json: " + std::to_string(depth) + " layers and hidden size " +
                                                std::to_string(d.hidden) + " are beyond any model");
        return;
    }
    d.layers.resize(static_cast<std::size_t>(depth));
}

}  // namespace

DecoderDescription outer_fields(ConfigReader &config, const DecoderDefaults &defaults) {
    DecoderDescription d;
    d.vocab = config.count("vocab_size");
    d.hidden = config.count("hidden_size");
    d.max_positions = config.count("max_position_embeddings", defaults.max_positions);
    d.final_norm = defaults.norm;
    d.final_norm.eps = config.positive(defaults.eps_key, defaults.norm.eps);
    d.tied_embeddings = config.flag("tie_word_embeddings", defaults.tied);
    d.bos_tokens = config.token_ids("bos_token_id", defaults.bos);
    d.eos_tokens = config.token_ids("eos_token_id", defaults.eos);
    return d;
}

DecoderDescription decoder_fields(ConfigReader &config, const DecoderDefaults &defaults) {
    DecoderDescription d = outer_fields(config, defaults);
    set_depth(config, d, "num_hidden_layers", {});
    return d;
}

DecoderDescription gpt_fields(ConfigReader &config, const DecoderDefaults &defaults) {
    DecoderDescription d;
    d.vocab = config.count("vocab_size", 50257);
    d.hidden = config.count(config.first_of({"n_embd", "hidden_size", "n_embed"}), defaults.hidden);
    d.max_positions = config.count(config.first_of({"n_positions", "max_position_embeddings"}), defaults.max_positions);
    config.harmless({"n_ctx"});
    d.final_norm = defaults.norm;
    d.final_norm.eps = config.positive("layer_norm_epsilon", defaults.norm.eps);
    d.tied_embeddings = config.flag("tie_word_embeddings", defaults.tied);
    d.bos_tokens = config.token_ids("bos_token_id", defaults.bos);
    d.eos_tokens = config.token_ids("eos_token_id", defaults.eos);
    set_depth(config, d, config.first_of({"n_layer", "num_hidden_layers"}), defaults.depth);
    return d;
}

AttentionDescription attention_fields(ConfigReader &config, const DecoderDescription &d, const AttentionDefaults &defaults) {
    AttentionDescription a;
    a.heads = config.count("num_attention_heads", defaults.heads);
    a.kv_heads = config.count("num_key_value_heads", defaults.kv_heads.value_or(a.heads));
    a.head_dim = config.count("head_dim", defaults.head_dim.value_or(std::max<std::int64_t>(1, d.hidden / a.heads)));
    return a;
}

int add_rope(ConfigReader &config, DecoderDescription &d, std::int64_t head_dim, const ConfigReader::Rope &defaults) {
    d.ropes.push_back(config.rope(head_dim, d.max_positions, defaults));
    return static_cast<int>(d.ropes.size()) - 1;
}

DenseDescription dense_fields(ConfigReader &config, const char *size_key, const char *activation_key,
                              std::string_view activation) {
    DenseDescription dense;
    dense.size = config.count(size_key);
    dense.activation = config.activation(activation_key, activation);
    return dense;
}

DenseDescription plain_feed(ConfigReader &config, std::int64_t hidden, const char *size_key, const char *activation_key,
                            std::string_view activation) {
    DenseDescription dense;
    dense.size = config.count(size_key, 4 * hidden);
    dense.activation = config.activation(activation_key, activation);
    dense.gated = false;
    dense.bias = true;
    return dense;
}

ResidualDescription pre_norm(const NormDescription &norm) {
    ResidualDescription residual;
    residual.before_mixer = residual.before_feed = norm;
    return residual;
}

ResidualDescription post_norm(const NormDescription &norm) {
    ResidualDescription residual;
    residual.after_mixer = residual.after_feed = norm;
    return residual;
}

ResidualDescription norms_around(const NormDescription &norm) {
    ResidualDescription residual = pre_norm(norm);
    residual.after_mixer = residual.after_feed = norm;
    return residual;
}

ResidualDescription parallel_branches(const NormDescription &norm, bool two_norms) {
    ResidualDescription residual;
    residual.parallel = true;
    residual.before_mixer = norm;
    if (two_norms) residual.before_feed = norm;
    return residual;
}

std::vector<float> alibi_slopes(std::int64_t heads, double most) {
    std::int64_t whole = 1;
    while (2 * whole <= heads) whole *= 2;
    std::vector<float> slopes;
    const auto powers = [&](std::int64_t count, std::int64_t first, std::int64_t step) {
        for (std::int64_t i = first; static_cast<std::int64_t>(slopes.size()) < heads && i <= count; i += step)
            slopes.push_back(static_cast<float>(std::pow(2.0, -most * static_cast<double>(i) / static_cast<double>(count))));
    };
    powers(whole, 1, 1);
    powers(2 * whole, 1, 2);
    return slopes;
}

AttentionKinds with_window(const AttentionDescription &attention, std::int64_t window) {
    AttentionKinds kinds{attention, attention};
    kinds.windowed.scores.window = window;
    return kinds;
}

std::vector<bool> fill_layers(ConfigReader &config, DecoderDescription &d, const AttentionKinds &kinds,
                              const std::function<bool(std::int64_t)> &is_windowed, const FeedForwardDescription &feed,
                              const ResidualDescription &residual) {
    const auto types = config.layer_types(d.depth(), {"full_attention", "sliding_attention"}, [&](std::int64_t layer) {
        return is_windowed(layer) ? "sliding_attention" : "full_attention";
    });
    std::vector<bool> windowed(d.layers.size());
    for (std::size_t i = 0; i < d.layers.size(); ++i) {
        windowed[i] = i < types.size() && types[i] == "sliding_attention";
        d.layers[i] = {windowed[i] ? kinds.windowed : kinds.full, feed, residual};
    }
    return windowed;
}

bool is_sparse_layer(std::int64_t layer, std::int64_t step, const std::vector<std::int64_t> &dense) {
    return (layer + 1) % step == 0 && std::ranges::find(dense, layer) == dense.end();
}

}  // namespace millm::engine
