#pragma once

#include "core/base/error.h"
#include "core/inference/requests.h"

#include <QJsonObject>
#include <QList>
#include <QString>

#include <optional>

namespace millm::openai {

struct EmbeddingsRequest {
    QString model;
    QList<PromptInput> inputs;
    bool base64 = false;               ///< little-endian float32, as the official clients ask for it
    std::optional<qint64> dimensions;  ///< the vectors' first numbers, brought to length one again
};

/// INVALID_REQUEST with the field's name.
Result<EmbeddingsRequest> readEmbeddingsRequest(const QJsonObject &body);

}  // namespace millm::openai
