#pragma once

#include "core/engine/tokenizer/template/template.h"

#include <cstdint>

namespace millm::engine {

/// In which forms of a message's content a chat template shows the text: as a string, as a list of {type, text}.
struct ContentForms {
    bool string = true;
    enum class Parts : std::uint8_t { None, First, All } parts = Parts::None;  ///< of a list, how many parts are shown
};

/// The forms by the message's role; found by rendering a word both ways, so that it does not matter how a template is spelled.
class ContentRules {
public:
    ContentRules() = default;
    /// `variables`: what the template is given besides messages.
    ContentRules(const jinja::Template &chat, const jinja::Dict &variables, const jinja::Clock &clock);

    /// "messages" with each content in a form that the template shows: as it is where it can be, else parts joined by line
    /// ends, or a string as one part.
    jinja::Value adapted(const jinja::Value &messages) const;

private:
    jinja::Value adapted_message(const jinja::Value &message) const;

    ContentForms m_system, m_user, m_assistant;
};

}  // namespace millm::engine
