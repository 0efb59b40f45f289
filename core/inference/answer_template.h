#pragma once

#include "core/engine/tokenizer/tokenizer.h"
#include "core/inference/requests.h"

#include <optional>
#include <string>

namespace millm {

/// How a model is to write calls: what stands around a call's name and its arguments, which are a JSON object.
struct CallTemplate {
    std::string before;   ///< in front of the first call's name
    std::string middle;   ///< between a name and its arguments
    std::string between;  ///< between one call's arguments and the next one's name; empty: one call alone
    std::string after;    ///< behind the last call's arguments, where the answer ends
};

/// The marks between which a model may think before it answers.
struct ReasoningTemplate {
    std::string open, close;
};

/// Those that the template writes around an answer's reasoning; nothing where it knows of none, or where its prompt has told
/// the model already whether to think. `input`: of the chat, for its variables.
std::optional<ReasoningTemplate> reasoningTemplate(const engine::ChatTemplate &chat, const ChatInput &input);

/// As the model's own template writes the calls of an answer, where they are JSON that AnswerParser reads back; else as the
/// prompt for models without tools describes them. `input`: of the chat, for its variables.
CallTemplate callTemplate(const engine::ChatTemplate &chat, const ChatInput &input);

}  // namespace millm
