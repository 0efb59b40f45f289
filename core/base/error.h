#pragma once

#include "core/engine/result.h"

#include <QJsonObject>
#include <QMetaType>
#include <QString>

namespace millm {

/// Everything that can go wrong for a client, one row each in error.cpp's table (id). HTTP statuses live in core/server/http.
enum class ErrorCode {
    InvalidRequest,
    NotFound,
    MethodNotAllowed,
    PayloadTooLarge,
    Unauthorized,
    Forbidden,
    ModelNotFound,
    ModelAlreadyExists,
    ModelDownloadFailed,
    ModelLoadFailed,
    ModelAlreadyLoaded,
    ModelNotLoaded,
    ModelNotDownloading,
    ModelBusy,
    InsufficientMemory,
    InsufficientDisk,
    InvalidRepoId,
    InvalidLocalPath,
    RepoNotFound,
    GatedModelNoToken,
    InvalidHfToken,
    UnsupportedModel,
    RemoteCodeRequired,
    ContextLengthExceeded,
    Cancelled,
    QueueFull,
    ShuttingDown,
    Internal,
};

/// "MODEL_NOT_FOUND": as clients see it.
QLatin1StringView errorId(ErrorCode code);

/// What went wrong as a value: a code, the sentence for a person, the numbers for a program. Made by the functions of
/// core/base/errors.h, so that the words stand in one place.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    QString message;
    QJsonObject details;  ///< model_id, required_memory… (MiB), field
};

template <class T>
using Result = Outcome<T, Error>;

}  // namespace millm

Q_DECLARE_METATYPE(millm::Error)
