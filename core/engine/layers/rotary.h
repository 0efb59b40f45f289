#pragma once

#include "core/engine/architectures/description.h"

#include <cstdint>
#include <span>
#include <vector>

namespace millm::engine {

/// Angles of rotary positions, in f32 as transformers computes them.
class RotaryEmbedding {
public:
    explicit RotaryEmbedding(const RopeDescription &rope);

    bool interleaved() const { return rope_.interleaved; }
    std::int64_t half() const { return static_cast<std::int64_t>(frequencies_.size()); }
    /// cos and sin [half] of one position. `length`: tokens of the sequence so far, which widens the base where scaling is
    /// dynamic; keys that were cached keep the rotation of their own time, as with transformers' cache.
    void angles(std::int64_t position, std::int64_t length, float *cos, float *sin) const;

private:
    std::vector<float> frequencies_for(double theta) const;

    RopeDescription rope_;
    std::vector<float> frequencies_;        ///< [dims / 2]
    mutable std::vector<float> stretched_;  ///< dynamic: of the last length; longrope: of long contexts
    mutable std::int64_t stretched_length_ = 0;
};

}  // namespace millm::engine
