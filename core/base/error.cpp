#include "core/base/error.h"

#include <algorithm>
#include <array>

namespace millm {

namespace {

struct Row {
    ErrorCode code;
    QLatin1StringView id;
};

// What clients see of a code. A new code: append a row.
constexpr std::array rows{
    Row{ErrorCode::InvalidRequest, QLatin1StringView("INVALID_REQUEST")},
    Row{ErrorCode::NotFound, QLatin1StringView("NOT_FOUND")},
    Row{ErrorCode::MethodNotAllowed, QLatin1StringView("METHOD_NOT_ALLOWED")},
    Row{ErrorCode::PayloadTooLarge, QLatin1StringView("PAYLOAD_TOO_LARGE")},
    Row{ErrorCode::Unauthorized, QLatin1StringView("UNAUTHORIZED")},
    Row{ErrorCode::Forbidden, QLatin1StringView("FORBIDDEN")},
    Row{ErrorCode::ModelNotFound, QLatin1StringView("MODEL_NOT_FOUND")},
    Row{ErrorCode::ModelAlreadyExists, QLatin1StringView("MODEL_ALREADY_EXISTS")},
    Row{ErrorCode::ModelDownloadFailed, QLatin1StringView("MODEL_DOWNLOAD_FAILED")},
    Row{ErrorCode::ModelLoadFailed, QLatin1StringView("MODEL_LOAD_FAILED")},
    Row{ErrorCode::ModelAlreadyLoaded, QLatin1StringView("MODEL_ALREADY_LOADED")},
    Row{ErrorCode::ModelNotLoaded, QLatin1StringView("MODEL_NOT_LOADED")},
    Row{ErrorCode::ModelNotDownloading, QLatin1StringView("MODEL_NOT_DOWNLOADING")},
    Row{ErrorCode::ModelBusy, QLatin1StringView("MODEL_BUSY")},
    Row{ErrorCode::InsufficientMemory, QLatin1StringView("INSUFFICIENT_MEMORY")},
    Row{ErrorCode::InsufficientDisk, QLatin1StringView("INSUFFICIENT_DISK")},
    Row{ErrorCode::InvalidRepoId, QLatin1StringView("INVALID_REPO_ID")},
    Row{ErrorCode::InvalidLocalPath, QLatin1StringView("INVALID_LOCAL_PATH")},
    Row{ErrorCode::RepoNotFound, QLatin1StringView("REPO_NOT_FOUND")},
    Row{ErrorCode::GatedModelNoToken, QLatin1StringView("GATED_MODEL_NO_TOKEN")},
    Row{ErrorCode::InvalidHfToken, QLatin1StringView("INVALID_HF_TOKEN")},
    Row{ErrorCode::UnsupportedModel, QLatin1StringView("UNSUPPORTED_MODEL")},
    Row{ErrorCode::RemoteCodeRequired, QLatin1StringView("REMOTE_CODE_REQUIRED")},
    Row{ErrorCode::ContextLengthExceeded, QLatin1StringView("CONTEXT_LENGTH_EXCEEDED")},
    Row{ErrorCode::Cancelled, QLatin1StringView("CANCELLED")},
    Row{ErrorCode::QueueFull, QLatin1StringView("QUEUE_FULL")},
    Row{ErrorCode::ShuttingDown, QLatin1StringView("SHUTTING_DOWN")},
    Row{ErrorCode::Internal, QLatin1StringView("INTERNAL_ERROR")},
};

constexpr bool inOrder() {
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (rows[i].code != static_cast<ErrorCode>(i)) return false;
    return rows.back().code == ErrorCode::Internal;
}
static_assert(inOrder(), "one row a code, in the order of the enumeration");

}  // namespace

QLatin1StringView errorId(ErrorCode code) {
    return rows[std::min(static_cast<std::size_t>(code), rows.size() - 1)].id;
}

}  // namespace millm
