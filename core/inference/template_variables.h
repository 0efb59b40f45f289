#pragma once

#include "core/engine/input/json_value.h"
#include "core/inference/requests.h"

#include <string>

namespace millm {

/// The JSON object that a chat template is rendered with. Members and numbers stand as the client wrote them: templates spell
/// out tools and documents with `tojson`, which keeps the order, and models were trained on that. Any thread; slow for long
/// requests.
std::string templateVariables(const ChatInput &input);

/// A client's JSON with members in its order; null where it is none.
engine::JsonValue writtenJson(const QByteArray &written);

/// Its tools in the same order.
engine::JsonValue toolsAsWritten(const ChatInput &input);

}  // namespace millm
