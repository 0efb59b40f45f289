#pragma once

#include "core/engine/result.h"
#include "core/engine/tokenizer/template/template.h"
#include "core/engine/tokenizer/tokenizer.h"

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace millm::engine {

/// ChatTemplate over the interpreter: one template, or several with names. Any thread.
class HubChatTemplate final : public ChatTemplate {
public:
    /// Looks, in this order, for chat_template.jinja, additional_chat_templates/*.jinja, tokenizer_config.json's
    /// chat_template (a text or a list of {name, template}) and chat_template.json. `clock` is what strftime_now shows.
    static Result<std::unique_ptr<ChatTemplate>> open(const std::filesystem::path &folder, jinja::Clock clock);

    Result<std::string> render(std::string_view variables_json) const override;

private:
    HubChatTemplate() = default;
    Result<const jinja::Template *> choose(bool with_tools) const;

    std::vector<std::pair<std::string, jinja::Template>> m_templates;  // the only one's name is "default"
    jinja::Dict m_special_tokens;
    jinja::Clock m_clock;
};

}  // namespace millm::engine
