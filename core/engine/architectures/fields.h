#pragma once

// What families' files are written with: groups of fields that many of them share.
#include "core/engine/architectures/config_reader.h"
#include "core/engine/architectures/description.h"
#include "core/engine/architectures/weight_names.h"

#include <functional>
#include <optional>
#include <vector>

namespace millm::engine {

// Far past any model, so that no count of bytes leaves 64 bits.
inline constexpr std::int64_t most_layers = 2048, widest_layer = 1 << 20;

struct DecoderDefaults {
    NormDescription norm{NormKind::Rms, 1e-6};
    const char *eps_key = "rms_norm_eps";
    std::int64_t max_positions = 2048;
    bool tied = false;
    std::vector<std::int32_t> bos, eos;
    std::optional<std::int64_t> hidden, depth;  ///< else the fields have to be there
};
/// Vocabulary, sizes, the last norm, special tokens, and the number of layers. Llama's spelling.
DecoderDescription decoder_fields(ConfigReader &config, const DecoderDefaults &defaults);
/// The same without layers: the family's file says how many there are.
DecoderDescription outer_fields(ConfigReader &config, const DecoderDefaults &defaults);
/// The first in GPT-2's spelling: n_embd, n_layer, n_positions.
DecoderDescription gpt_fields(ConfigReader &config, const DecoderDefaults &defaults);

struct AttentionDefaults {
    std::optional<std::int64_t> head_dim, kv_heads;  ///< else hidden / heads, and heads
    std::optional<std::int64_t> heads;               ///< else the field has to be there
};
/// Heads and their sizes; bias, rope and windows are the family's.
AttentionDescription attention_fields(ConfigReader &config, const DecoderDescription &d,
                                      const AttentionDefaults &defaults = {});

/// Appends a rotary embedding and returns its place.
int add_rope(ConfigReader &config, DecoderDescription &d, std::int64_t head_dim, const ConfigReader::Rope &defaults = {});

DenseDescription dense_fields(ConfigReader &config, const char *size_key = "intermediate_size",
                              const char *activation_key = "hidden_act", std::string_view activation = "silu");
/// GPT-2's: not gated, with biases, 4 times as wide where config.json does not say.
DenseDescription plain_feed(ConfigReader &config, std::int64_t hidden, const char *size_key, const char *activation_key,
                            std::string_view activation);

/// Latent attention's sizes, in DeepSeek's fields, without positions.
LatentAttentionDescription latent_fields(ConfigReader &config, std::int64_t query_rank);

struct DeepseekMoe {
    std::int64_t experts, chosen, size, shared, groups, groups_chosen;
    double scale;
    bool normalised = true;
};
/// A mixture in DeepSeek 3's fields: sigmoid scores, a correction, groups. Where a default is 0 the field has to be there.
MoeDescription deepseek_moe(ConfigReader &config, const DenseDescription &dense, const DeepseekMoe &defaults);

/// What most families do: a norm in front of each branch.
ResidualDescription pre_norm(const NormDescription &norm);
/// Norms behind the branches alone (olmo2).
ResidualDescription post_norm(const NormDescription &norm);
/// One in front of each branch and one behind (gemma2).
ResidualDescription norms_around(const NormDescription &norm);
/// Both branches read the same norm of the layer's input (gptj), or each its own (gpt_neox).
ResidualDescription parallel_branches(const NormDescription &norm, bool two_norms);

/// The slopes of `heads` heads: powers of 2^(-most / n) for the largest power of two n, and every other of those of 2 n for the
/// rest.
std::vector<float> alibi_slopes(std::int64_t heads, double most = 8);

/// Attention of the layers that see all tokens before them, and of those that see a window.
struct AttentionKinds {
    AttentionDescription full, windowed;
};
/// The same attention twice, once with a window.
AttentionKinds with_window(const AttentionDescription &attention, std::int64_t window);
/// Fills the layers, each with the attention of its kind: what "layer_types" says or, where config.json has none,
/// `is_windowed(layer)`. Returns which of them are windowed.
std::vector<bool> fill_layers(ConfigReader &config, DecoderDescription &d, const AttentionKinds &kinds,
                              const std::function<bool(std::int64_t)> &is_windowed, const FeedForwardDescription &feed,
                              const ResidualDescription &residual);

/// A layer every `step` ones, and not among `dense`, is a mixture (qwen2_moe and others).
bool is_sparse_layer(std::int64_t layer, std::int64_t step, const std::vector<std::int64_t> &dense);

}  // namespace millm::engine
