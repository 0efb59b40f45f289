#pragma once

#include "core/server/openai/token_totals.h"

namespace millm {
class InferenceService;
class ModelChoice;
}  // namespace millm
namespace millm::http {
class Exchange;
}

namespace millm::anthropic {

/// /v1/messages and its counter of tokens. Services thread.
class AnthropicController {
public:
    /// All outlive this.
    AnthropicController(InferenceService &inference, ModelChoice &choice, openai::TokenTotals &totals)
        : m_inference(inference), m_choice(choice), m_totals(totals) {}

    void messages(http::Exchange &exchange);
    void countTokens(http::Exchange &exchange);

private:
    InferenceService &m_inference;
    ModelChoice &m_choice;
    openai::TokenTotals &m_totals;
};

}  // namespace millm::anthropic
