#include "core/server/openai/embedding_answer.h"

#include "core/base/worker_thread.h"
#include "core/server/http/exchange.h"
#include "core/server/openai/vector_json.h"

namespace millm::openai {

using namespace Qt::StringLiterals;

EmbeddingAnswer::EmbeddingAnswer(http::Exchange &exchange, InferenceService &inference, EmbeddingsRequest request,
                                 TokenTotals &totals, WorkerThread &words)
    : QObject(&exchange),
      m_exchange(exchange),
      m_totals(totals),
      m_words(words),
      m_model(request.model),
      m_form{request.base64, request.dimensions} {
    const qint64 size = inference.loaded() ? inference.loaded()->embeddingSize : 0;
    if (m_form.dimensions && size > 0 && *m_form.dimensions > size) {
        exchange.fail({ErrorCode::InvalidRequest,
                       u"'dimensions' must be at most %1, the size of the model's vectors."_s.arg(size),
                       {{u"field"_s, u"dimensions"_s}}});
        return;
    }
    auto *generation = inference.embed({std::move(request.inputs)}, this);
    connect(generation, &Generation::embedded, this, &EmbeddingAnswer::answer);
    connect(generation, &Generation::failed, this, [this](const Error &error) { m_exchange.fail(error); });
    connect(generation, &Generation::finished, this,
            [this] { m_exchange.fail({ErrorCode::ModelBusy, u"The model '%1' was unloaded meanwhile."_s.arg(m_model), {}}); });
}

void EmbeddingAnswer::answer(const Embeddings &embeddings) {
    m_totals.prompt += embeddings.promptTokens;
    m_exchange.when(
        m_words.run([embeddings, model = m_model, form = m_form] { return embeddingsJson(embeddings, model, form); }),
        [exchange = &m_exchange](const QByteArray &json) { exchange->send({.status = 200, .body = json}); });
}

}  // namespace millm::openai
