#pragma once

#include "core/base/error.h"
#include "core/server/http/response.h"

#include <QJsonObject>

namespace millm::http {

/// How a part of the interface words its errors.
enum class ErrorStyle {
    Management,  ///< {"success": false, "data": null, "error": {code, message, details}}
    OpenAi,      ///< {"error": {message, type, param, code}}
    Anthropic,   ///< {"type": "error", "error": {type, message}}
    Ollama,      ///< {"error": message}
    EngineIo,    ///< {"code": 3, "message": …}
};

/// INVALID_REQUEST about a field or header, worded as "'field' why."
Error badField(const QString &field, const QString &why);

/// The HTTP status of an error under /api: the PRD's table and its additions.
int httpStatus(ErrorCode code);

/// An error as a client sees it. `status` other than 0 stands above the table's.
Response errorResponse(ErrorStyle style, const Error &error, int status = 0);

/// The management interface's whole answer.
QJsonObject managementError(const Error &error);
/// OpenAI's error object, without the status: also for errors in the middle of a stream.
QJsonObject openAiError(const Error &error);
/// The same of Anthropic's messages.
QJsonObject anthropicError(const Error &error);

}  // namespace millm::http
