#pragma once

#include "core/server/openai/token_totals.h"

namespace millm {
class InferenceService;
}
namespace millm::http {
class Exchange;
}

namespace millm::anthropic {

/// /v1/messages and its counter of tokens, about the one loaded model. Services thread.
class AnthropicController {
public:
    /// `totals` outlives this.
    AnthropicController(InferenceService &inference, openai::TokenTotals &totals) : m_inference(inference), m_totals(totals) {}

    void messages(http::Exchange &exchange);
    void countTokens(http::Exchange &exchange);

private:
    InferenceService &m_inference;
    openai::TokenTotals &m_totals;
};

}  // namespace millm::anthropic
