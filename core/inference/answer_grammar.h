#pragma once

#include "core/base/error.h"
#include "core/engine/language_model.h"
#include "core/inference/requests.h"

#include <memory>
#include <string_view>

namespace millm {

/// The grammar that holds an answer to the form that was asked for, to a call of a tool, or to one of them; null where nothing
/// was. `reasoningEnd`: the mark that closes the reasoning which the prompt opens, in front of which nothing is held.
/// InvalidRequest that names the request's field where it is no grammar. Slow for large ones, so never in the services thread.
Result<std::shared_ptr<const engine::CompiledGrammar>> answerGrammar(const engine::LanguageModel &model,
                                                                     const GenerationRequest &request,
                                                                     std::string_view reasoningEnd);

}  // namespace millm
