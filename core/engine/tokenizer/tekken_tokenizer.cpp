#include "core/engine/tokenizer/tekken_tokenizer.h"

#include "core/engine/tokenizer/base64.h"
#include "core/engine/tokenizer/ranked_tokens.h"

#include <algorithm>

namespace millm::engine {

namespace {

Error broken_tekken(const std::string &what) {
    return Error{ErrorCode::InvalidFile, "tekken.json: " + what};
}

/// The special tokens by rank, filled up to `count` where that is given.
Result<std::vector<std::string>> tekken_specials(const JsonValue &list, std::optional<std::int64_t> count) {
    std::vector<std::string> tokens(list.items().size());
    if (count && (*count < std::int64_t(tokens.size()) || *count > most_named_tokens))
        return broken_tekken("config.default_num_special_tokens is " + std::to_string(*count) + " with " +
                             std::to_string(tokens.size()) + " special tokens");
    for (const JsonValue &entry : list.items()) {
        const std::string *text = entry.text("token_str");
        const JsonValue *rank = entry.find("rank");
        const auto place = rank ? rank->integer().value_or(-1) : -1;
        if (!text || text->empty() || place < 0 || std::uint64_t(place) >= tokens.size() || !tokens[std::size_t(place)].empty())
            return broken_tekken("a special token has no text, or its rank is not one of the " + std::to_string(tokens.size()) +
                                 " that are free");
        tokens[std::size_t(place)] = *text;
    }
    for (auto id = std::int64_t(tokens.size()); id < count.value_or(0); ++id)
        tokens.push_back("<SPECIAL_" + std::to_string(id) + ">");
    return tokens;
}

Result<std::vector<std::string>> tekken_ranks(const JsonValue &list, std::size_t most) {
    std::vector<std::string> tokens;
    for (const JsonValue &entry : list.items()) {
        if (tokens.size() == most) break;
        const std::string *text = entry.text("token_bytes");
        auto bytes = text ? bytes_of_base64(*text) : std::nullopt;
        if (!bytes || bytes->empty())
            return broken_tekken("vocab[" + std::to_string(tokens.size()) + "].token_bytes is no base64");
        tokens.push_back(std::move(*bytes));
    }
    return tokens;
}

}  // namespace

Result<std::string> tekken_tokenizer(const JsonValue &file, const TokenizerSetup &setup) {
    const JsonValue *config = file.find("config"), *listed = file.given("special_tokens"), *vocab = file.find("vocab");
    const std::string *pattern = config ? config->text("pattern") : nullptr;
    if (!pattern || !vocab || !vocab->is_list()) return broken_tekken("config.pattern or vocab is missing");
    if (!listed) return Error{ErrorCode::Unsupported, "tekken.json has no special_tokens: files so old are not read"};
    const auto number = [&](const char *key) {
        const JsonValue *value = config->given(key);
        return value ? value->integer() : std::nullopt;
    };
    auto special = tekken_specials(*listed, number("default_num_special_tokens"));
    if (!special) return std::move(special).error();
    // The file has more tokens than the model.
    const auto first = std::int64_t(special->size());
    const auto size = std::clamp<std::int64_t>(number("default_vocab_size").value_or(most_ranks), first, most_ranks);
    auto tokens = tekken_ranks(*vocab, std::size_t(size - first));
    if (!tokens) return std::move(tokens).error();

    MadeTokenizer made;
    if (auto done = become_ranks(made, *special, *tokens); !done) return std::move(done).error();
    split_by(made, *pattern);
    std::vector<ConfiguredToken> whole(special->size());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        whole[i].content = (*special)[i];
        whole[i].special = true;
    }
    made.add(setup.special.tokens);
    made.add(whole);
    if (auto done = made.surround_as_configured(setup, nullptr, nullptr); !done) return std::move(done).error();
    return made.text();
}

}  // namespace millm::engine
