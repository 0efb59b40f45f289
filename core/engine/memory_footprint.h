#pragma once

#include "core/engine/architectures/description.h"
#include "core/engine/checkpoint/dtype.h"
#include "core/engine/compute_types.h"
#include "core/engine/quantization/scheme.h"

#include <cstdint>
#include <span>
#include <string>

namespace millm::engine {

/// Bytes that a loaded model needs, by where they go. All 64 bit.
struct MemoryFootprint {
    std::uint64_t weights = 0;    ///< exact, from names, shapes and the scheme's rules
    std::uint64_t kv_cache = 0;   ///< for the given context
    std::uint64_t workspace = 0;  ///< activations, dequantization scratch, logits, allocator slack
    std::uint64_t context = 0;    ///< CUDA context and kernels; 0 on the CPU

    std::int64_t context_length = 0;       ///< tokens that kv_cache is for
    std::uint64_t kv_bytes_per_token = 0;  ///< of one sequence, in all layers, while no window is full
    std::uint64_t fixed_state_bytes = 0;   ///< of one sequence, whatever its length: recurrent states
    std::uint64_t total() const { return weights + kv_cache + workspace + context; }
};

struct FootprintOptions {
    Scheme scheme = Scheme::NF4;
    std::int64_t context_length = 0;  ///< tokens, at most the model's; 0 = min(the model's, 4096)
    std::int64_t sequences = 1;
    bool cuda = false;
    ComputeType compute = ComputeType::Auto;
    Products products = Products::Fast;  ///< of quantized weights on the CPU
};

/// Bytes on disk of the checkpoint after quantizing it (tensors and headers, without tokenizer files).
std::uint64_t disk_bytes(const DecoderDescription &decoder, std::span<const TensorInfo> tensors, Scheme scheme);

/// Parameters of the tensors that the decoder has a use for, shared ones counted once; of packed tensors the logical number.
std::uint64_t parameter_count(const DecoderDescription &decoder, std::span<const TensorInfo> tensors);

/// Whether the CPU computes the head from a copy in 8 bits a value: beside layers of 4 bits, where its 16 are a large part of
/// what each token reads. A tied one is the embedding once more then.
bool is_head_packed(const DecoderDescription &decoder, Products products, bool four_bits);

MemoryFootprint memory_footprint(const DecoderDescription &decoder, std::span<const TensorInfo> tensors,
                                 const FootprintOptions &options);

/// "2.6B", "135M", "82K": as people write it.
std::string parameters_as_text(std::uint64_t parameters);

}  // namespace millm::engine
