#pragma once

#include "core/base/error.h"
#include "core/server/openai/common_fields.h"

#include <QJsonObject>

#include <optional>

namespace millm::openai {

struct ChatRequest {
    CommonFields common;
    ChatInput input;
    std::optional<TextInput> text = {};  ///< continued as it is, in place of a chat (Ollama's raw)
    int topLogprobs = -1;                ///< -1 none
    bool splitsReasoning = true;         ///< into reasoning_content; false: it stays in the content
};

/// POST /v1/chat/completions, checked. `written`: the text of `body`, whose order of members the chat template sees.
Result<ChatRequest> readChatRequest(const QJsonObject &body, const QByteArray &written = {});

/// Whether the last message is a text of the assistant, which can be continued.
bool endsWithAnswer(const QJsonArray &messages);

/// OpenAI's messages as chat templates take them: contents as given, "developer" as "system". Used by /tokenize too.
QJsonArray readMessages(http::JsonReader &reader);

}  // namespace millm::openai
