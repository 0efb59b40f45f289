#pragma once

#include "core/models/model.h"
#include "core/server/openai/token_totals.h"

#include <QJsonObject>

namespace millm {
class InferenceService;
class ModelService;
struct LoadedModel;
}  // namespace millm
namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// /v1, /tokenize and /detokenize, all about the one loaded model. Services thread.
class OpenAiController {
public:
    OpenAiController(InferenceService &inference, ModelService &models) : m_inference(inference), m_models(models) {}

    void listModels(http::Exchange &exchange);
    void showModel(http::Exchange &exchange);
    void chat(http::Exchange &exchange);
    void complete(http::Exchange &exchange);
    void embed(http::Exchange &exchange);
    void respond(http::Exchange &exchange);
    void tokenize(http::Exchange &exchange);
    void detokenize(http::Exchange &exchange);

    /// Of all interfaces that generate.
    TokenTotals &totals() { return m_totals; }

private:
    QJsonObject modelJson(const LoadedModel &loaded) const;

    InferenceService &m_inference;
    ModelService &m_models;
    TokenTotals m_totals;
};

}  // namespace millm::openai
