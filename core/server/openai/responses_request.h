#pragma once

#include "core/base/error.h"
#include "core/server/openai/chat_request.h"

#include <QJsonObject>

namespace millm::openai {

/// POST /v1/responses as a chat: instructions, messages, calls and their outputs in the form that chat templates take. Nothing
/// is stored, so that what refers to an earlier response is refused; so are hosted tools, images and files, by name. `written`:
/// the text of `body`.
Result<ChatRequest> readResponsesRequest(const QJsonObject &body, const QByteArray &written = {});

}  // namespace millm::openai
