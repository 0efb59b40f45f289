#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/architectures/state_shape.h"
#include "core/engine/checkpoint/dtype.h"
#include "core/engine/compute_types.h"
#include "core/engine/memory_parts.h"
#include "core/engine/quantization/scheme.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

/// Bytes that a loaded model needs. Weights are exact, from names, shapes and the scheme's rules.
struct MemoryFootprint : MemoryParts {
    std::int64_t context_length = 0;       ///< tokens that kv_cache is for
    std::uint64_t kv_bytes_per_token = 0;  ///< of one sequence, in all layers, while no window is full
    std::uint64_t fixed_state_bytes = 0;   ///< of one sequence, whatever its length: recurrent states
};

struct FootprintOptions {
    Scheme scheme = Scheme::NF4;
    std::int64_t context_length = 0;  ///< tokens, at most the model's; 0 = min(the model's, 4096)
    std::int64_t sequences = 1;
    bool cuda = false;
    ComputeType compute = ComputeType::Auto;
    Products products = Products::Fast;   ///< of quantized weights on the CPU
    std::vector<TensorInfo> beside = {};  ///< tensors behind the decoder: products of a pooling
    std::int64_t most_tokens = 0;         ///< of a text, where the repository says less than the model takes; 0: it does not
};

/// What a load needs as a function of its context length: one place for preview, load check and window.
class MemoryNeeds {
public:
    MemoryNeeds() = default;  ///< of nothing
    MemoryNeeds(const DecoderDescription &decoder, std::span<const TensorInfo> tensors, const FootprintOptions &options);

    /// Tokens that a sequence may have at most.
    std::int64_t longest() const { return longest_; }
    /// For sequences of so many tokens, at most longest().
    MemoryFootprint at(std::int64_t context_length) const;
    /// The longest context, of at most `most` tokens, for which the KV cache takes no more than `kv_cache` bytes and all
    /// together no more than `total`; 0 where there is none.
    std::int64_t longest_within(std::int64_t most, std::uint64_t kv_cache, std::uint64_t total) const;

private:
    MemoryParts fixed_;  ///< what does not depend on the context
    std::vector<StateShape> states_;
    std::int64_t longest_ = 0, chunk_ = 0;
    std::uint64_t element_size_ = 0, row_bytes_ = 0, scratch_ = 0, sequences_ = 1;
    bool cuda_ = false;
};

/// Tokens that a sequence may have by the model's own account.
std::int64_t context_limit(const DecoderDescription &decoder);

/// Bytes on disk of the checkpoint after quantizing it (tensors and headers, without tokenizer files).
std::uint64_t disk_bytes(const DecoderDescription &decoder, std::span<const TensorInfo> tensors, Scheme scheme);

/// Parameters of the tensors that the decoder has a use for, shared ones counted once; of packed tensors the logical number.
std::uint64_t parameter_count(const DecoderDescription &decoder, std::span<const TensorInfo> tensors);

MemoryFootprint memory_footprint(const DecoderDescription &decoder, std::span<const TensorInfo> tensors,
                                 const FootprintOptions &options);

/// "2.6B", "135M", "82K": as people write it.
std::string parameters_as_text(std::uint64_t parameters);

}  // namespace millm::engine
