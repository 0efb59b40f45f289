#pragma once

#include "core/models/model.h"
#include "core/server/ollama/ollama_answer.h"

#include <QJsonObject>

#include <chrono>

namespace millm {
class InferenceService;
class ModelChoice;
class ModelService;
class WorkerThread;
}  // namespace millm
namespace millm::http {
class Exchange;
}

namespace millm::ollama {

/// Ollama's interface, as far as it is about models that are here: /api/chat, generate, embed, tags, ps, show and version.
/// Services thread.
class OllamaController {
public:
    /// All outlive this. `stays`: how long a model does that nobody asks; 0: for ever.
    OllamaController(InferenceService &inference, ModelService &models, ModelChoice &choice, openai::TokenTotals &totals,
                     WorkerThread &words, std::chrono::minutes stays)
        : m_inference(inference), m_models(models), m_choice(choice), m_totals(totals), m_words(words), m_stays(stays) {}

    void chat(http::Exchange &exchange);
    void generate(http::Exchange &exchange);
    void embed(http::Exchange &exchange);
    void embeddings(http::Exchange &exchange);  ///< the older form, of one text
    void tags(http::Exchange &exchange);
    void loaded(http::Exchange &exchange);
    void show(http::Exchange &exchange);
    void version(http::Exchange &exchange);

private:
    void answer(http::Exchange &exchange, const openai::ChatRequest &request, OllamaAnswer::Form form);
    void embedTexts(http::Exchange &exchange, const QString &name, const QList<QString> &texts, bool one);
    void tell(http::Exchange &exchange, const QString &name, bool one, const Embeddings &embeddings);
    QJsonObject modelJson(const Model &model) const;

    InferenceService &m_inference;
    ModelService &m_models;
    ModelChoice &m_choice;
    openai::TokenTotals &m_totals;
    WorkerThread &m_words;  ///< writes vectors down
    const std::chrono::minutes m_stays;
};

}  // namespace millm::ollama
