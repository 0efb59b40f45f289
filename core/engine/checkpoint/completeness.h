#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/dtype.h"
#include "core/engine/result.h"

#include <vector>

namespace millm::engine {

/// InvalidFile, naming module and shapes, where a weight or bias of the decoder is not among the tensors of a checkpoint, or a
/// plain linear weight has another shape than config.json gives it.
Result<void> check_complete(const DecoderDescription &decoder, const std::vector<TensorInfo> &tensors);

}  // namespace millm::engine
