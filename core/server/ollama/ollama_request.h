#pragma once

#include "core/base/error.h"
#include "core/server/openai/chat_request.h"

#include <QJsonObject>

namespace millm::ollama {

/// "name:latest" is the same as "name".
QString modelName(const QString &name);

/// POST /api/chat. Images and thinking levels that are none are refused by name. `written`: the text of `body`.
Result<openai::ChatRequest> readChatRequest(const QJsonObject &body, const QByteArray &written = {});

/// POST /api/generate: with `raw` the prompt as it is, else a chat of `system` and the prompt.
Result<openai::ChatRequest> readGenerateRequest(const QJsonObject &body, bool hasChatTemplate, const QByteArray &written = {});

}  // namespace millm::ollama
