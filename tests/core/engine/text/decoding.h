#pragma once

#include "core/engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <string>
#include <vector>

namespace millm::engine::test {

/// The ids decoded at once, and streamed in pieces of whole characters, are that text.
void check_decoding(const Tokenizer &tokenizer, const std::vector<std::int32_t> &ids, bool skip_special,
                    const std::string &expected);
/// Wherever a prompt ends, what is streamed after it is the rest of the whole decoded at once.
void check_continuations(const Tokenizer &tokenizer, const std::vector<std::int32_t> &ids, bool skip_special);

}  // namespace millm::engine::test
