#include "core/engine/tokenizer/merge_pairs.h"

namespace millm::engine {

namespace {

// The largest real vocabularies take a tenth.
constexpr std::size_t most_merge_work = 1u << 28;

}  // namespace

Result<std::vector<MergePairs::Pair>> MergePairs::of(std::string_view token) {
    if (token.size() > most_merge_work || (m_work += token.size() * token.size()) > most_merge_work)
        return Error{ErrorCode::InvalidFile, "the vocabulary's tokens are too long (one has " + std::to_string(token.size()) +
                                                 " bytes) to find out how they are merged"};
    std::vector<Pair> pairs;
    for (std::size_t at = 1; at < token.size(); ++at) {
        const auto left = m_ranks.find(token.substr(0, at));
        if (left == m_ranks.end()) continue;
        const auto right = m_ranks.find(token.substr(at));
        if (right != m_ranks.end()) pairs.push_back({left->first, right->first, left->second, right->second});
    }
    return pairs;
}

}  // namespace millm::engine
