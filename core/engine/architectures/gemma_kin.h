#pragma once

// What Gemma 3, 3n and 4 share.
#include "core/engine/architectures/families.h"

namespace millm::engine {

/// Gemma 3's attention: a window of so many tokens where config.json has none, a rotary base of its own for the windows.
AttentionKinds gemma_kinds(ConfigReader &config, DecoderDescription &d, const AttentionDescription &attention,
                           std::int64_t window);

// From 3n on; its file has them.
/// Norms whose weights are stored as they are; `cap` of logits where config.json does not say.
DecoderDescription newer_gemma_fields(ConfigReader &config, std::int64_t max_positions, double cap);
/// Queries, keys and values are normed, so that scores are not scaled.
AttentionDescription unscaled_attention(ConfigReader &config, const DecoderDescription &d, std::int64_t kv_heads);
AttentionDescription &attention_of(LayerDescription &layer);
/// The last layers, `shared` of them, read the keys and values of the last one before them that sees as many tokens.
void share_keys(ConfigReader &config, DecoderDescription &d, const std::vector<bool> &windowed, std::int64_t shared);
void add_token_inputs(ConfigReader &config, DecoderDescription &d, Activation activation);

const WeightNames &norms_around_names();  ///< gemma2's: post_attention_layernorm, pre_ and post_feedforward_layernorm
WeightNames newer_gemma_names();          ///< the same with token inputs

}  // namespace millm::engine
