#include "core/server/http/error_response.h"

#include "core/base/errors.h"

#include <algorithm>
#include <iterator>

namespace millm::http {
namespace {

/// What an error is over HTTP. Append a row for a new code.
struct Row {
    ErrorCode code;
    int status;        ///< under /api
    int openAiStatus;  ///< under /v1
    const char *openAiType;
    const char *openAiCode;  ///< null: null
    int retryAfter = 2;      ///< seconds, where the status is one that passes: 429, 503
};

constexpr const char *invalid = "invalid_request_error", *server = "server_error", *rate = "rate_limit_error";

constexpr Row rows[] = {
    {ErrorCode::InvalidRequest, 400, 400, invalid, nullptr},
    {ErrorCode::NotFound, 404, 404, invalid, "not_found"},
    {ErrorCode::MethodNotAllowed, 405, 405, invalid, "method_not_allowed"},
    {ErrorCode::PayloadTooLarge, 413, 413, invalid, "payload_too_large"},
    {ErrorCode::Unauthorized, 401, 401, invalid, "invalid_api_key"},
    {ErrorCode::Forbidden, 403, 403, invalid, "forbidden"},
    {ErrorCode::ModelNotFound, 404, 404, invalid, "model_not_found"},
    {ErrorCode::ModelAlreadyExists, 409, 409, invalid, "model_already_exists"},
    {ErrorCode::ModelDownloadFailed, 502, 502, server, "model_download_failed"},
    {ErrorCode::ModelLoadFailed, 500, 500, server, "model_load_failed"},
    {ErrorCode::ModelAlreadyLoaded, 400, 400, invalid, "model_already_loaded"},
    {ErrorCode::ModelNotLoaded, 400, 503, server, "model_not_loaded"},
    {ErrorCode::ModelNotDownloading, 409, 409, invalid, "model_not_downloading"},
    {ErrorCode::ModelBusy, 409, 503, server, "model_busy", 5},
    {ErrorCode::InsufficientMemory, 507, 503, server, "insufficient_memory"},
    {ErrorCode::InsufficientDisk, 507, 507, server, "insufficient_disk"},
    {ErrorCode::InvalidRepoId, 400, 400, invalid, "invalid_repo_id"},
    {ErrorCode::InvalidLocalPath, 400, 400, invalid, "invalid_local_path"},
    {ErrorCode::RepoNotFound, 404, 404, invalid, "repo_not_found"},
    {ErrorCode::GatedModelNoToken, 401, 401, invalid, "gated_model_no_token"},
    {ErrorCode::InvalidHfToken, 401, 401, invalid, "invalid_hf_token"},
    {ErrorCode::UnsupportedModel, 422, 422, invalid, "unsupported_model"},
    {ErrorCode::RemoteCodeRequired, 400, 400, invalid, "remote_code_required"},
    {ErrorCode::ContextLengthExceeded, 400, 400, invalid, "context_length_exceeded"},
    {ErrorCode::Cancelled, 409, 503, server, "cancelled", 5},
    {ErrorCode::QueueFull, 429, 429, rate, "queue_full", 1},
    {ErrorCode::ShuttingDown, 503, 503, server, "shutting_down", 5},
    {ErrorCode::Internal, 500, 500, server, "internal_error"},
};

const Row &rowOf(ErrorCode code) {
    const auto found = std::ranges::find(rows, code, &Row::code);
    return found != std::end(rows) ? *found : *std::prev(std::end(rows));
}

}  // namespace

Error badField(const QString &field, const QString &why) {
    return errors::invalidRequest(field, QStringLiteral("'%1' %2.").arg(field, why));
}

int httpStatus(ErrorCode code) {
    return rowOf(code).status;
}

QJsonObject managementError(const Error &error) {
    return {{QStringLiteral("success"), false},
            {QStringLiteral("data"), QJsonValue::Null},
            {QStringLiteral("error"), QJsonObject{{QStringLiteral("code"), errorId(error.code)},
                                                  {QStringLiteral("message"), error.message},
                                                  {QStringLiteral("details"), error.details}}}};
}

QJsonObject openAiError(const Error &error) {
    const Row &row = rowOf(error.code);
    const QString field = error.details.value(QLatin1StringView("field")).toString();
    return {{QStringLiteral("message"), error.message},
            {QStringLiteral("type"), QLatin1StringView(row.openAiType)},
            {QStringLiteral("param"), field.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(field)},
            {QStringLiteral("code"),
             row.openAiCode ? QJsonValue(QLatin1StringView(row.openAiCode)) : QJsonValue(QJsonValue::Null)}};
}

QJsonObject anthropicError(const Error &error) {
    const int status = rowOf(error.code).openAiStatus;
    const char *type = status == 401   ? "authentication_error"
                       : status == 403 ? "permission_error"
                       : status == 404 ? "not_found_error"
                       : status == 413 ? "request_too_large"
                       : status == 429 ? "rate_limit_error"
                       : status < 500  ? "invalid_request_error"
                       : status == 503 ? "overloaded_error"
                                       : "api_error";
    return {{QStringLiteral("type"), QStringLiteral("error")},
            {QStringLiteral("error"),
             QJsonObject{{QStringLiteral("type"), QLatin1StringView(type)}, {QStringLiteral("message"), error.message}}}};
}

Response errorResponse(ErrorStyle style, const Error &error, int status) {
    const Row &row = rowOf(error.code);
    Response response;
    switch (style) {
        case ErrorStyle::Management:
            response = json(status ? status : row.status, managementError(error));
            break;
        case ErrorStyle::OpenAi:
            response = json(status ? status : row.openAiStatus, {{QStringLiteral("error"), openAiError(error)}});
            break;
        case ErrorStyle::Anthropic:
            response = json(status ? status : row.openAiStatus, anthropicError(error));
            break;
        case ErrorStyle::Ollama:
            response = json(status ? status : row.openAiStatus, {{QStringLiteral("error"), error.message}});
            break;
        case ErrorStyle::EngineIo:
            response = json(status ? status : row.status, {{QStringLiteral("code"), error.code == ErrorCode::Forbidden ? 4 : 3},
                                                           {QStringLiteral("message"), error.message}});
            break;
    }
    const bool passes = response.status == 429 || response.status == 503;
    if (passes) response.headers.emplaceBack("Retry-After", QByteArray::number(row.retryAfter));
    if (response.status == 401) response.headers.emplaceBack("WWW-Authenticate", "Bearer");
    return response;
}

}  // namespace millm::http
