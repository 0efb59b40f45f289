#pragma once

#include "core/models/model.h"
#include "core/server/openai/token_totals.h"

#include <QJsonObject>

namespace millm {
class InferenceService;
class ModelService;
}  // namespace millm
namespace millm::http {
class Exchange;
}

namespace millm::ollama {

/// Ollama's interface, as far as it is about models that are here: /api/chat, generate, embed, tags, ps, show and version.
/// Services thread.
class OllamaController {
public:
    /// `totals` outlives this.
    OllamaController(InferenceService &inference, ModelService &models, openai::TokenTotals &totals)
        : m_inference(inference), m_models(models), m_totals(totals) {}

    void chat(http::Exchange &exchange);
    void generate(http::Exchange &exchange);
    void embed(http::Exchange &exchange);
    void embeddings(http::Exchange &exchange);  ///< the older form, of one text
    void tags(http::Exchange &exchange);
    void loaded(http::Exchange &exchange);
    void show(http::Exchange &exchange);
    void version(http::Exchange &exchange);

private:
    void embedTexts(http::Exchange &exchange, const QString &name, QList<QString> texts, bool one);
    QJsonObject modelJson(const Model &model) const;

    InferenceService &m_inference;
    ModelService &m_models;
    openai::TokenTotals &m_totals;
};

}  // namespace millm::ollama
