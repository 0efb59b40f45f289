#pragma once

#include "core/engine/architectures/description.h"

#include <cstdint>
#include <vector>

namespace millm::engine {

/// Tokens of a page: what grows, grows by so many at once.
inline constexpr std::int64_t page_tokens = 64;

/// What one layer keeps of one sequence. The footprint sums it, the runtime allocates by it.
struct StateShape {
    /// Rows that are kept of each token: keys and values, or a latent with its rotary key.
    struct Plane {
        std::int64_t heads = 0, dim = 0;
    };
    std::vector<Plane> planes;
    std::int64_t window = 0;                       ///< older tokens are dropped; 0: all stay
    std::vector<std::vector<std::int64_t>> fixed;  ///< float32 tensors of one size whatever the length: recurrent states
    std::int64_t shared_with = -1;                 ///< the layer whose state this one reads; it keeps nothing itself

    std::uint64_t bytes_per_token(std::uint64_t element_size) const;  ///< 0 where nothing grows
    /// Bytes of the fixed tensors, twice: a pass writes a second set that counts only once the pass is complete.
    std::uint64_t fixed_bytes() const;
    /// The most bytes that a sequence of `tokens` holds when prompts come in pieces of `chunk`.
    std::uint64_t bytes(std::int64_t tokens, std::int64_t chunk, std::uint64_t element_size) const;
};

/// One a layer.
std::vector<StateShape> state_shapes(const DecoderDescription &decoder);

}  // namespace millm::engine
