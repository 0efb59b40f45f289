#pragma once

#include <cstdint>

namespace millm::engine {

/// Bytes that a loaded model takes, by where they go: the same parts whether they are foretold or held.
struct MemoryParts {
    std::uint64_t weights = 0;    ///< as they lie for computing
    std::uint64_t kv_cache = 0;   ///< what sequences remember: keys and values in pages, recurrent states
    std::uint64_t workspace = 0;  ///< of a step: activations, logits, scratch; and the tokenizer
    std::uint64_t context = 0;    ///< CUDA context and kernels; what the engine's libraries take on the CPU

    std::uint64_t total() const { return weights + kv_cache + workspace + context; }
};

/// With what the C library's allocator loses between blocks while a pass takes and gives back so many bytes: a fifth, as
/// measured.
constexpr std::uint64_t with_slack(std::uint64_t bytes) {
    return bytes + bytes / 5;
}

}  // namespace millm::engine
