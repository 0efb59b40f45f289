#pragma once

#include "core/inference/requests.h"

#include <QByteArray>
#include <QString>

#include <optional>

namespace millm::openai {

/// How a client wants its vectors.
struct VectorForm {
    bool base64 = false;               ///< little-endian float32, else numbers
    std::optional<qint64> dimensions;  ///< their first numbers, of length one again
};

/// The answer of /v1/embeddings. Vectors of many texts are megabytes of digits: not for the services' thread.
QByteArray embeddingsJson(const Embeddings &embeddings, const QString &model, const VectorForm &form);

/// The answer of Ollama's /api/embed, or of /api/embeddings, which knows one text alone.
QByteArray ollamaEmbeddingsJson(const Embeddings &embeddings, const QString &model, bool one);

}  // namespace millm::openai
