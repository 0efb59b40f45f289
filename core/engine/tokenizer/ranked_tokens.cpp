#include "core/engine/tokenizer/ranked_tokens.h"

#include "core/engine/tokenizer/byte_level.h"
#include "core/engine/tokenizer/merge_pairs.h"

#include <algorithm>

namespace millm::engine {

namespace {

/// Merges in the order of what they make, of several that make the same token the lower parts first.
Result<JsonValue> merges_of_ranks(const std::vector<std::string> &tokens) {
    MergePairs pairs;
    for (std::size_t rank = 0; rank < tokens.size(); ++rank) pairs.add(tokens[rank], std::int64_t(rank));
    JsonValue::List merges;
    for (const std::string &token : tokens) {
        auto found = pairs.of(token);
        if (!found) return std::move(found).error();
        std::sort(found->begin(), found->end(), [](const auto &a, const auto &b) {
            return std::pair(a.left_rank, a.right_rank) < std::pair(b.left_rank, b.right_rank);
        });
        for (const auto &pair : *found)
            merges.push_back(JsonValue::list({byte_level_spelling(pair.left), byte_level_spelling(pair.right)}));
    }
    return JsonValue(std::move(merges));
}

}  // namespace

Result<void> become_ranks(MadeTokenizer &made, const std::vector<std::string> &special,
                          const std::vector<std::string> &tokens) {
    auto merges = merges_of_ranks(tokens);
    if (!merges) return std::move(merges).error();
    JsonValue::Members vocabulary;
    vocabulary.reserve(special.size() + tokens.size());
    const auto put = [&](std::string token) {
        const auto id = std::int64_t(vocabulary.size());
        made.ids.set(token, id);
        vocabulary.push_back({std::move(token), id});
    };
    for (const std::string &token : special) put(token);
    for (const std::string &token : tokens) put(byte_level_spelling(token));
    made.model = JsonValue::object({{"type", "BPE"},
                                    {"dropout", nullptr},
                                    {"unk_token", nullptr},
                                    {"continuing_subword_prefix", nullptr},
                                    {"end_of_word_suffix", nullptr},
                                    {"fuse_unk", false},
                                    {"byte_fallback", false},
                                    {"ignore_merges", true}});
    made.model.set("vocab", JsonValue::object_of(std::move(vocabulary)));
    made.model.set("merges", std::move(*merges));
    return {};
}

void split_by(MadeTokenizer &made, const std::string &pattern) {
    made.pre_tokenizer = json_part::pre_tokenizers({json_part::split_regex(pattern), json_part::byte_level(false, false)});
    made.decoder = json_part::byte_level(true, true);
}

}  // namespace millm::engine
