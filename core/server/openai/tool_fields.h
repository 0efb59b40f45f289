#pragma once

#include "core/server/http/json_reader.h"

#include <QJsonArray>

namespace millm::openai {

/// What a chat says of tools.
struct ToolFields {
    QJsonArray tools;      ///< OpenAI's list; empty with tool_choice "none"
    bool parallel = true;  ///< false: at most one call an answer
};

/// Reads `tools`, `tool_choice` and `parallel_tool_calls`. A choice that forces a call is refused: nothing holds the model to
/// it.
ToolFields readTools(http::JsonReader &reader);

/// A message of role "tool", and the calls of an assistant's message, checked.
void checkToolMessage(http::JsonReader &reader, const QString &where, const QJsonObject &message);
void checkToolCalls(http::JsonReader &reader, const QString &where, const QJsonValue &calls);

/// A name for a call, of nine letters and digits: some templates ask for just that.
QString newCallId();

}  // namespace millm::openai
