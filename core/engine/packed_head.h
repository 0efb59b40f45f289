#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/compute_types.h"

namespace millm::engine {

/// Whether the CPU computes the head from a copy in 8 bits a value: beside quantized layers, where its 16 are a large part of
/// what each token reads. A tied one is the embedding once more then.
bool is_head_packed(const DecoderDescription &decoder, Products products, bool quantized_layers);

}  // namespace millm::engine
