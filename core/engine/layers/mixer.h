#pragma once

#include "core/engine/layers/batch.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace millm::engine {

/// What lets a layer's tokens see each other: attention of some kind, or a recurrence. Reads and writes the layer's state.
class Mixer {
public:
    virtual ~Mixer() = default;
    /// x: [rows, hidden] -> [rows, hidden].
    virtual at::Tensor forward(const at::Tensor &x, const PassContext &pass) const = 0;
    /// Whether forward() decides nothing by numbers that change from a pass to the next: then its launches can be recorded.
    virtual bool recordable() const { return false; }
    virtual std::uint64_t bytes() const = 0;
};

/// A layer's second branch. Most do something with each token alone; those that remember write the layer's last fixed states.
class Feed {
public:
    virtual ~Feed() = default;
    /// x: [rows, hidden] -> [rows, hidden].
    virtual at::Tensor forward(const at::Tensor &x, const PassContext &pass) const = 0;
    virtual bool recordable() const { return false; }  ///< as a mixer's
    virtual std::uint64_t bytes() const = 0;
};

}  // namespace millm::engine
