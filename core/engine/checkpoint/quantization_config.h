#pragma once

#include "core/engine/checkpoint/dtype.h"
#include "core/engine/quantization/scheme.h"
#include "core/engine/result.h"

#include <string>

namespace millm::engine {

/// config.json with the quantization_config that transformers writes for a scheme; all other keys as they were, in their order.
/// `weights` is the type of the linear layers, used where config.json names none that is computed in.
Result<std::string> with_quantization_config(const std::string &config_json, Scheme scheme, DType weights);

/// config.json of weights that are not quantized any more.
Result<std::string> without_quantization_config(const std::string &config_json);

/// Whether config.json says that the repository is quantized already, in a way that serves as the wanted scheme: bitsandbytes
/// of the same number of bits. Unsupported with a sentence for bitsandbytes of other bits. What other programs packed serves as
/// none (ForeignFormat).
Result<bool> is_prequantized(const std::string &config_json, Scheme scheme);

}  // namespace millm::engine
