#pragma once

#include "core/engine/tokenizer/tokenizer.h"
#include "core/inference/requests.h"

namespace millm {

/// A chat as the model's template can show it: where the template knows nothing of tools, they are described in a system
/// message, and calls and their results are written as messages of the assistant and the user.
ChatInput forTemplate(const ChatInput &input, const engine::ChatTemplate &chat);

}  // namespace millm
