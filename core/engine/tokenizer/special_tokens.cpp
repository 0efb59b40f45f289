#include "core/engine/tokenizer/special_tokens.h"

#include "core/engine/tokenizer/json_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

namespace millm::engine {

namespace {

using Json = nlohmann::json;

bool flag(const Json &object, const char *key) {
    const auto member = object.find(key);
    return member != object.end() && member->is_boolean() && member->get<bool>();
}

/// A token as these files write it: its spelling, or an object with "content" and flags.
std::optional<ConfiguredToken> token_of(const Json &value, bool special) {
    ConfiguredToken token;
    token.special = special;
    if (value.is_string()) {
        token.content = value.get<std::string>();
    } else if (const auto content = string_member(value, "content")) {
        token.content = *content;
        token.special = special || flag(value, "special");
        token.single_word = flag(value, "single_word");
        token.lstrip = flag(value, "lstrip");
        token.rstrip = flag(value, "rstrip");
        token.normalized = flag(value, "normalized");
    } else {
        return std::nullopt;
    }
    if (token.content.empty()) return std::nullopt;
    return token;
}

std::optional<std::int64_t> id_in(const std::string &text) {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc() || end != text.data() + text.size() || id < 0) return std::nullopt;
    return id;
}

/// Collects tokens: one entry a spelling. The first one's id and flags stay, special is what any of them says.
class Collector {
public:
    explicit Collector(std::vector<ConfiguredToken> &tokens) : m_tokens(tokens) {}

    void add(ConfiguredToken token) {
        const auto [place, fresh] = m_places.try_emplace(token.content, m_tokens.size());
        if (fresh) {
            m_tokens.push_back(std::move(token));
            return;
        }
        auto &known = m_tokens[place->second];
        known.special = known.special || token.special;
        if (known.id < 0) known.id = token.id;
    }

private:
    std::vector<ConfiguredToken> &m_tokens;
    std::unordered_map<std::string, std::size_t> m_places;
};

void read_named(const Json &object, SpecialTokens &out, Collector &tokens) {
    for (const auto &[key, value] : object.items()) {
        if (key == "additional_special_tokens" && value.is_array()) {
            for (const auto &entry : value) {
                auto token = token_of(entry, true);
                if (!token) continue;
                if (std::find(out.additional.begin(), out.additional.end(), token->content) == out.additional.end()) {
                    out.additional.push_back(token->content);
                }
                tokens.add(std::move(*token));
            }
            continue;
        }
        if (!key.ends_with("_token")) continue;
        auto token = token_of(value, true);
        const auto same = [&](const auto &entry) { return entry.first == key; };
        if (!token || std::any_of(out.named.begin(), out.named.end(), same)) continue;
        out.named.emplace_back(key, token->content);
        tokens.add(std::move(*token));
    }
}

}  // namespace

Result<SpecialTokens> read_special_tokens(const std::filesystem::path &folder) {
    SpecialTokens out;
    Collector tokens(out.tokens);
    auto config = read_json_object(folder / "tokenizer_config.json");
    if (!config) return std::move(config).error();
    auto map = read_json_object(folder / "special_tokens_map.json");
    if (!map) return std::move(map).error();
    auto added = read_json_object(folder / "added_tokens.json");
    if (!added) return std::move(added).error();

    if (*config) {
        const auto decoder = (*config)->find("added_tokens_decoder");
        if (decoder != (*config)->end() && decoder->is_object()) {
            for (const auto &[key, value] : decoder->items()) {
                auto token = token_of(value, false);
                const auto id = id_in(key);
                if (!token || !id) continue;
                token->id = *id;
                tokens.add(std::move(*token));
            }
        }
    }
    if (*added) {
        for (const auto &[content, id] : (*added)->items()) {
            if (!id.is_number_integer() || content.empty()) continue;
            ConfiguredToken token;
            token.content = content;
            token.id = id.get<std::int64_t>();
            tokens.add(std::move(token));
        }
    }
    if (*config) read_named(**config, out, tokens);
    if (*map) read_named(**map, out, tokens);
    std::stable_sort(out.tokens.begin(), out.tokens.end(),
                     [](const auto &a, const auto &b) { return std::uint64_t(a.id) < std::uint64_t(b.id); });
    return out;
}

}  // namespace millm::engine
