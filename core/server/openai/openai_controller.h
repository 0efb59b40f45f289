#pragma once

#include "core/models/model.h"
#include "core/server/openai/token_totals.h"

#include <QJsonObject>

namespace millm {
class InferenceService;
class ModelChoice;
class WorkerThread;
}  // namespace millm
namespace millm::http {
class Exchange;
}

namespace millm::openai {

/// OpenAI's part of /v1, /tokenize and /detokenize. Services thread.
class OpenAiController {
public:
    /// All outlive this.
    OpenAiController(InferenceService &inference, ModelChoice &choice, WorkerThread &words)
        : m_inference(inference), m_choice(choice), m_words(words) {}

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
    /// `alias`: of it, where it is listed under that.
    QJsonObject modelJson(const Model &model, const QString &alias = {}) const;

    InferenceService &m_inference;
    ModelChoice &m_choice;
    WorkerThread &m_words;
    TokenTotals m_totals;
};

}  // namespace millm::openai
