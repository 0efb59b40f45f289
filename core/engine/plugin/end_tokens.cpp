#include "core/engine/plugin/end_tokens.h"

#include "core/engine/input/json.h"
#include "core/engine/tokenizer/special_tokens.h"

#include <algorithm>
#include <string_view>

namespace millm::engine {

std::vector<std::int32_t> end_tokens(std::span<const std::int32_t> of_config, const std::filesystem::path &folder,
                                     const Tokenizer &tokenizer, std::int64_t vocab, std::vector<std::string> &remarks) {
    std::vector<std::int32_t> ids;
    const auto add = [&](std::int64_t id) {
        const auto token = static_cast<std::int32_t>(id);
        if (id >= 0 && id < vocab && std::find(ids.begin(), ids.end(), token) == ids.end()) ids.push_back(token);
    };
    for (const std::int32_t id : of_config) add(id);
    const auto config = read_json_object(folder / "generation_config.json");
    if (!config) remarks.push_back(config.error().message + "; it is ignored");
    if (const JsonValue *field = config && *config ? (*config)->given("eos_token_id") : nullptr)
        for (const JsonValue &id : field->is_list() ? field->items() : std::span(field, 1)) add(id.integer().value_or(-1));
    // By their names: the same letters spelled in ordinary tokens are no end.
    if (const auto special = read_special_tokens(folder))
        for (const auto &[name, content] : special->named)
            if (name == "eos_token" || name == "eot_token") add(tokenizer.id_of(content));
    return ids;
}

std::vector<std::int32_t> turn_end_tokens(const ChatTemplate &chat, const Tokenizer &tokenizer, std::int64_t vocab) {
    constexpr std::string_view word = "millmanswer";
    const auto text = chat.render(R"({"messages": [{"role": "user", "content": "question"},
        {"role": "assistant", "content": "millmanswer"}], "add_generation_prompt": false})");
    const std::size_t at = text ? text->rfind(word) : std::string::npos;
    if (at == std::string::npos) return {};
    const std::size_t next = text->find_first_not_of(" \t\r\n", at + word.size());
    if (next == std::string::npos) return {};
    const auto ids = tokenizer.encode(std::string_view(*text).substr(next), false);
    if (!ids || ids->empty() || !tokenizer.is_special(ids->front()) || ids->front() >= vocab) return {};
    return {ids->front()};
}

}  // namespace millm::engine
