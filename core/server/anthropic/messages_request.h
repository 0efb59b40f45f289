#pragma once

#include "core/base/error.h"
#include "core/server/openai/chat_request.h"

#include <QJsonObject>

namespace millm::anthropic {

/// POST /v1/messages as a chat: system text, blocks, tools and their results in the form that chat templates take. Images,
/// documents and a choice that forces a tool are refused by name. `needsLimit`: `max_tokens` has to be there.
Result<openai::ChatRequest> readMessagesRequest(const QJsonObject &body, bool needsLimit = true);

}  // namespace millm::anthropic
