#pragma once

#include "core/base/error.h"
#include "core/server/openai/chat_request.h"

#include <QJsonObject>

namespace millm::anthropic {

/// POST /v1/messages as a chat: system text, blocks, tools and their results in the form that chat templates take. Images
/// and documents are refused by name. `written`: the text of `body`. `needsLimit`: `max_tokens` has to be there.
Result<openai::ChatRequest> readMessagesRequest(const QJsonObject &body, const QByteArray &written = {},
                                                bool needsLimit = true);

}  // namespace millm::anthropic
