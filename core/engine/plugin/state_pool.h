#pragma once

#include "core/engine/layers/decoder.h"

#include <cstdint>
#include <list>
#include <span>
#include <vector>

namespace millm::engine {

/// How much all sequences may remember together, and what ended ones remembered: others that begin alike go on from there.
class StatePool {
public:
    /// `chunk`: the most rows of a sequence in a pass.
    StatePool(const Decoder &decoder, std::int64_t chunk);

    /// 0: without end, and nothing of ended sequences is kept.
    void set_limit(std::uint64_t bytes);
    std::uint64_t limit() const { return limit_; }
    std::uint64_t kept_bytes() const { return kept_bytes_; }
    std::uint64_t kept_fixed_bytes() const;
    /// The most bytes that a sequence of so many tokens holds.
    std::uint64_t bytes_of(std::int64_t tokens) const;
    /// Takes the pages of a sequence of so many tokens from the system, for whoever comes. Throws where there is no memory.
    void reserve(std::int64_t tokens);
    /// The longest sequence, of at most so many tokens, that the limit holds alone.
    std::int64_t longest(std::int64_t tokens) const;

    /// A sequence that goes on somewhere else.
    struct Known {
        std::span<const std::int32_t> tokens;  ///< at least those that the state counts
        std::int64_t prompt = 0;               ///< tokens of its prompt
        const SequenceState *state = nullptr;
    };
    /// The state of a new sequence: of the longest beginning that `living` or kept ones have in common with its prompt, or an
    /// empty one.
    SequenceState begin(std::span<const std::int32_t> prompt, std::span<const Known> living);
    /// Keeps what a sequence remembered at its end, as long as there is room.
    void keep(std::vector<std::int32_t> tokens, std::int64_t prompt, SequenceState state, std::uint64_t living_bytes);
    /// Forgets the one that was of use longest ago; false where none is left.
    bool forget_oldest();
    void forget();

private:
    struct Kept {
        std::vector<std::int32_t> tokens;
        std::int64_t prompt = 0;
        SequenceState state;
    };
    /// How many of the prompt's tokens a fork of that state could count, and would without being computed anew.
    std::int64_t usable(std::span<const std::int32_t> prompt, const Known &known) const;

    const Decoder &decoder_;
    std::vector<StateShape> shapes_;
    std::int64_t chunk_;
    std::uint64_t element_size_;
    std::uint64_t limit_ = 0, kept_bytes_ = 0;
    std::list<Kept> kept_;  ///< the last one used first
};

}  // namespace millm::engine
