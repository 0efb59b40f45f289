#pragma once

#include "core/inference/inference_service.h"
#include "core/server/openai/embedding_request.h"
#include "core/server/openai/token_totals.h"

#include <QObject>

namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// One /v1/embeddings under way. Child of the exchange, so that a client that leaves ends it. Services thread.
class EmbeddingAnswer : public QObject {
    Q_OBJECT
public:
    /// `totals` outlives this.
    EmbeddingAnswer(http::Exchange &exchange, InferenceService &inference, EmbeddingsRequest request, TokenTotals &totals);

private:
    void answer(const Embeddings &embeddings);

    http::Exchange &m_exchange;
    TokenTotals &m_totals;
    const QString m_model;
    const bool m_base64;
    const std::optional<qint64> m_dimensions;
};

}  // namespace millm::openai
