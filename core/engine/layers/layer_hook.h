#pragma once

#include "core/engine/layers/batch.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace millm::engine {

/// Sees, and may edit, what a decoder layer hands to the next: steering and monitoring come in here.
class LayerHook {
public:
    virtual ~LayerHook() = default;
    /// `hidden`: [rows, hidden] behind layer `layer` (-1: the embeddings), of several streams the active one; rows as in the
    /// batch. Edit in place or replace.
    virtual void after_layer(std::int64_t layer, const Batch &batch, at::Tensor &hidden) = 0;
};

}  // namespace millm::engine
