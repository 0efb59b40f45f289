#pragma once

#include "core/inference/inference_service.h"
#include "core/server/openai/embedding_request.h"
#include "core/server/openai/token_totals.h"
#include "core/server/openai/vector_json.h"

#include <QObject>

namespace millm {
class WorkerThread;
}
namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// One /v1/embeddings under way. Child of the exchange, so that a client that leaves ends it. Services thread.
class EmbeddingAnswer : public QObject {
    Q_OBJECT
public:
    /// `totals` and `words`, the thread that writes the vectors down, outlive this.
    EmbeddingAnswer(http::Exchange &exchange, InferenceService &inference, EmbeddingsRequest request, TokenTotals &totals,
                    WorkerThread &words);

private:
    void answer(const Embeddings &embeddings);

    http::Exchange &m_exchange;
    TokenTotals &m_totals;
    WorkerThread &m_words;
    const QString m_model;
    const VectorForm m_form;
};

}  // namespace millm::openai
