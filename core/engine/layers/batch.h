#pragma once

#include "core/engine/layers/sequence_state.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace millm::engine {

/// The rows of one sequence in a batch; they stand behind the tokens that its state counts.
struct BatchPart {
    SequenceState *state = nullptr;  ///< with room for the rows
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
    std::int64_t rope_length = 0;  ///< see RotaryEmbedding::angles()

    std::int64_t position() const { return state->length(); }  ///< of the first row
};

/// What one forward pass takes: new tokens of several sequences, one row each; single ones of those that are being continued
/// and pieces of prompts together.
struct Batch {
    std::vector<std::int64_t> tokens;
    std::vector<BatchPart> parts;

    void add(SequenceState &state, const std::int32_t *ids, std::int64_t count, std::int64_t rope_length) {
        parts.push_back({&state, static_cast<std::int64_t>(tokens.size()), count, rope_length});
        tokens.insert(tokens.end(), ids, ids + count);
    }
    std::int64_t rows() const { return static_cast<std::int64_t>(tokens.size()); }
    std::vector<std::int64_t> positions() const {
        std::vector<std::int64_t> result;
        for (const BatchPart &part : parts)
            for (std::int64_t row = 0; row < part.rows; ++row) result.push_back(part.position() + row);
        return result;
    }
    /// What the pass wrote counts from now on. Before that it leaves no trace, and can be tried again.
    void commit() const {
        for (const BatchPart &part : parts) part.state->commit(part.rows);
    }
};

/// The angles of one rotary embedding at a pass's rows.
struct Angles {
    at::Tensor cos, sin;  ///< [rows, rotated / 2] f32
    bool interleaved = false;
};

class DevicePass;

/// What all layers of a pass share.
struct PassContext {
    const Batch &batch;
    std::vector<std::int64_t> positions;       ///< [rows]
    std::vector<Angles> ropes;                 ///< one a rotary embedding of the decoder
    at::Tensor token_inputs;                   ///< [layers, rows, size] where layers take such, else undefined
    std::shared_ptr<const DevicePass> device;  ///< where the device has kernels, else null
    bool recorded = false;                     ///< what is launched will be launched again for other passes of the same layout
};

}  // namespace millm::engine
