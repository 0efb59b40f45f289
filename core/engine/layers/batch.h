#pragma once

#include "core/engine/layers/kv_cache.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace millm::engine {

/// The rows of one sequence in a batch; they stand behind the complete tokens of its cache.
struct BatchPart {
    KvCache *cache = nullptr;  ///< with room for the rows
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
    std::int64_t rope_length = 0;  ///< see RotaryEmbedding::angles()
};

/// What one forward pass takes: new tokens of several sequences, one row each.
struct Batch {
    std::vector<std::int64_t> tokens;
    std::vector<BatchPart> parts;

    void add(KvCache &cache, const std::int32_t *ids, std::int64_t count, std::int64_t rope_length) {
        parts.push_back({&cache, static_cast<std::int64_t>(tokens.size()), count, rope_length});
        tokens.insert(tokens.end(), ids, ids + count);
    }
    /// What the pass wrote counts from now on. Before that it leaves no trace, and can be tried again.
    void commit() const {
        for (const BatchPart &part : parts) part.cache->advance(part.rows);
    }
};

/// What all layers of a pass share.
struct PassContext {
    const Batch &batch;
    at::Tensor cos, sin;  ///< [rows, rotated / 2] f32; undefined with learned positions
};

}  // namespace millm::engine
