#pragma once

#include "core/engine/tokenizer/decoder_description.h"
#include "core/engine/tokenizer/special_tokens.h"
#include "core/engine/tokenizer/tokenizer.h"

#include <memory>
#include <string_view>
#include <unordered_set>

struct MillmTokenizerHandle;

namespace millm::engine {

/// Tokenizer over the reference library (shim/). Any thread.
class HubTokenizer final : public Tokenizer {
public:
    /// `json`: the text of a tokenizer.json. `special`: what other files say about tokens. `what` it is in messages.
    static Result<std::unique_ptr<Tokenizer>> open(std::string_view json, const SpecialTokens &special,
                                                   const std::string &what = "tokenizer.json");

    Result<std::vector<std::int32_t>> encode(std::string_view text, bool special) const override;
    Result<std::string> decode(std::span<const std::int32_t> ids, bool skip_special) const override;
    std::unique_ptr<StreamDecoder> stream(bool skip_special, std::span<const std::int32_t> context) const override;
    std::size_t vocab_size() const override;
    std::string token(std::int32_t id) const override;
    std::int32_t id_of(std::string_view token) const override;
    bool is_special(std::int32_t id) const override;
    std::string token_bytes(std::int32_t id) const override;

    const DecoderDescription &decoder() const { return m_decoder; }

private:
    struct Close {
        void operator()(MillmTokenizerHandle *handle) const;
    };
    using Handle = std::unique_ptr<MillmTokenizerHandle, Close>;

    explicit HubTokenizer(Handle handle) : m_handle(std::move(handle)) {}
    Result<void> add(const SpecialTokens &special);
    Result<void> describe();

    Handle m_handle;
    DecoderDescription m_decoder;
    std::unordered_set<std::int32_t> m_special;
    std::unordered_set<std::int32_t> m_whole;  // never split: special ones and other added ones
};

}  // namespace millm::engine
