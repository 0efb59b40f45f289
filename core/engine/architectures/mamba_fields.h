#pragma once

// What the families that have a state space share.
#include "core/engine/architectures/fields.h"

namespace millm::engine {

/// Where nothing bounds a context: as many as any model's, so that counts of bytes stay sane.
inline constexpr std::int64_t endless_positions = 1 << 20;

/// The field names of a second Mamba's mixer.
struct StateSpaceKeys {
    const char *heads, *head_dim, *groups, *state, *kernel, *bias, *convolution_bias, *activation;
};
/// The hybrids' spelling.
inline constexpr StateSpaceKeys hybrid_keys{"mamba_n_heads", "mamba_d_head",    "mamba_n_groups",  "mamba_d_state",
                                            "mamba_d_conv",  "mamba_proj_bias", "mamba_conv_bias", "hidden_act"};
struct StateSpaceDefaults {
    std::int64_t heads, head_dim = 0, groups = 1, state = 256;  ///< head_dim 0: all channels over the heads
};
/// Without its norm. `channels`: how many the heads have to make; 0: whatever they make.
StateSpaceDescription state_space_fields(ConfigReader &config, const StateSpaceKeys &keys, std::int64_t channels,
                                         const StateSpaceDefaults &defaults);

/// The field names of Mamba's mixer.
struct ScanKeys {
    const char *expand, *state, *kernel, *rank, *bias, *convolution_bias;
};
inline constexpr ScanKeys hybrid_scan_keys{"mamba_expand",  "mamba_d_state",   "mamba_d_conv",
                                           "mamba_dt_rank", "mamba_proj_bias", "mamba_conv_bias"};
/// Without its norm.
SelectiveScanDescription scan_fields(ConfigReader &config, const ScanKeys &keys, const DecoderDescription &d);

/// The hidden size times an expansion.
std::int64_t expanded(ConfigReader &config, const DecoderDescription &d, const char *key);

/// `names` with those of Mamba's mixer, or of its second form.
WeightNames with_scan_rows(WeightNames names);
WeightNames with_state_space_rows(WeightNames names);

}  // namespace millm::engine
