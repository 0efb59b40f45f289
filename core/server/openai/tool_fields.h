#pragma once

#include "core/inference/requests.h"
#include "core/server/http/json_reader.h"

#include <QJsonArray>

namespace millm::openai {

/// What a chat says of tools.
struct ToolFields {
    QJsonArray tools;  ///< OpenAI's list; empty with tool_choice "none"
    CallChoice choice;
};

/// Reads `tools`, `tool_choice` and `parallel_tool_calls`.
ToolFields readTools(http::JsonReader &reader);

/// Refuses a forced call of a function that is not among the tools.
void checkForced(http::JsonReader &reader, const QString &field, const CallChoice &choice, const QJsonArray &tools);

/// A message of role "tool", and the calls of an assistant's message, checked.
void checkToolMessage(http::JsonReader &reader, const QString &where, const QJsonObject &message);
void checkToolCalls(http::JsonReader &reader, const QString &where, const QJsonValue &calls);

/// A name for a call, of nine letters and digits: some templates ask for just that.
QString newCallId();

}  // namespace millm::openai
