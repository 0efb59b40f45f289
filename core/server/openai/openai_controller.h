#pragma once

#include "core/models/model.h"
#include "core/server/openai/token_totals.h"

#include <QJsonObject>

namespace millm {
class InferenceService;
class ModelChoice;
}  // namespace millm
namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// OpenAI's part of /v1, /tokenize and /detokenize. Services thread.
class OpenAiController {
public:
    /// All outlive this.
    OpenAiController(InferenceService &inference, ModelChoice &choice) : m_inference(inference), m_choice(choice) {}

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
    QJsonObject modelJson(const Model &model) const;

    InferenceService &m_inference;
    ModelChoice &m_choice;
    TokenTotals m_totals;
};

}  // namespace millm::openai
