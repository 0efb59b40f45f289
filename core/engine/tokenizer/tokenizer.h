#pragma once

#include "core/engine/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millm::engine {

/// Turns ids into text as they come, so that the pieces joined equal the whole decoded at once and no piece ends
/// inside a UTF-8 character.
class StreamDecoder {
public:
    virtual ~StreamDecoder() = default;
    /// The text that `id` makes certain; may be empty while a character is unfinished.
    virtual std::string push(std::int32_t id) = 0;
    /// What was held back, as if a special token had ended it; more may follow.
    virtual std::string settle() = 0;
    /// What was held back; unfinished bytes become U+FFFD.
    virtual std::string finish() = 0;
};

/// A model's tokenizer.json, as the reference library reads it. Thread-safe: all members are const.
class Tokenizer {
public:
    virtual ~Tokenizer() = default;
    /// `special`: let the post-processor add BOS, EOS, [CLS]… Added tokens in the text are always recognised.
    virtual Result<std::vector<std::int32_t>> encode(std::string_view text, bool special) const = 0;
    virtual Result<std::string> decode(std::span<const std::int32_t> ids, bool skip_special) const = 0;
    /// `context`: ids whose text comes before and is not handed out; without, the ids pushed are a text's beginning.
    virtual std::unique_ptr<StreamDecoder> stream(bool skip_special, std::span<const std::int32_t> context = {}) const = 0;
    virtual std::size_t vocab_size() const = 0;  ///< with added tokens
    /// The token's own spelling ("Ġhello", "<|im_end|>"); empty for an id outside the vocabulary.
    virtual std::string token(std::int32_t id) const = 0;
    /// The id of a token by its spelling, -1 where there is none.
    virtual std::int32_t id_of(std::string_view token) const = 0;
    virtual bool is_special(std::int32_t id) const = 0;
    /// The raw bytes the token stands for (logprobs' `bytes`); not necessarily UTF-8 by themselves.
    virtual std::string token_bytes(std::int32_t id) const = 0;
};

/// The repository's chat template with its special tokens. Thread-safe.
class ChatTemplate {
public:
    virtual ~ChatTemplate() = default;
    /// `variables_json`: an object with "messages" and what else the caller passes ("add_generation_prompt", "tools",
    /// "enable_thinking"…); members keep their order. `tools` and `documents` are None where absent, as transformers does.
    /// A message's content may be a string or a list of {type: text, text} parts: each gets the form the template shows.
    /// Error code Template with raise_exception's own words.
    virtual Result<std::string> render(std::string_view variables_json) const = 0;
};

}  // namespace millm::engine
