#pragma once

#include "core/engine/result.h"
#include "core/engine/tokenizer/template/content_form.h"
#include "core/engine/tokenizer/template/template.h"
#include "core/engine/tokenizer/tokenizer.h"

#include <filesystem>
#include <memory>
#include <string>
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
    struct Named {
        std::string name;  ///< the only one's is "default"
        jinja::Template chat;
        ContentRules rules;
    };

    HubChatTemplate() = default;
    Result<const Named *> choose(bool with_tools) const;
    jinja::Dict own_variables() const;

    std::vector<Named> m_templates;
    jinja::Dict m_special_tokens;
    jinja::Clock m_clock;
};

}  // namespace millm::engine
