#pragma once

#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace millm::engine {

/// Finds the pairs of tokens that make a token, of which BPE merges are made where a file only ranks tokens. The tokens' bytes
/// are the caller's and outlive this.
class MergePairs {
public:
    struct Pair {
        std::string_view left, right;
        std::int64_t left_rank, right_rank;
    };

    /// A token that may be part of a pair. Of two with the same bytes the later one's rank counts.
    void add(std::string_view token, std::int64_t rank) { m_ranks[token] = rank; }
    /// The pairs that make `token`, by the left one's length. InvalidFile where the tokens asked for are so long that to look
    /// for pairs takes minutes (the work is the square of a token's length).
    Result<std::vector<Pair>> of(std::string_view token);

private:
    std::unordered_map<std::string_view, std::int64_t> m_ranks;
    std::size_t m_work = 0;
};

}  // namespace millm::engine
