#pragma once

#include "core/engine/tokenizer/tokenizer.h"
#include "core/engine/tokenizer/utf8_pieces.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace millm::engine {

class HubTokenizer;

/// For byte-level tokenizers: text is the tokens' bytes in a row. One thread.
class ByteStreamDecoder final : public StreamDecoder {
public:
    ByteStreamDecoder(const HubTokenizer &tokenizer, bool skip_special, std::span<const std::int32_t> context);
    std::string push(std::int32_t id) override;
    std::string settle() override;
    std::string finish() override;

private:
    const HubTokenizer &m_tokenizer;
    const bool m_skip_special;
    Utf8Pieces m_pieces;
};

/// For all others: decodes a window that begins with tokens already handed out, so that what the decoder does to the
/// first token of a text happens to those. One thread.
class WindowStreamDecoder final : public StreamDecoder {
public:
    WindowStreamDecoder(const HubTokenizer &tokenizer, bool skip_special, std::span<const std::int32_t> context);
    std::string push(std::int32_t id) override;
    std::string settle() override;
    std::string finish() override;

private:
    bool is_text(std::int32_t id) const;
    bool may_be_part(std::int32_t id) const;
    std::string decode(const std::vector<std::int32_t> &ids) const;
    std::string advance(bool last);

    const HubTokenizer &m_tokenizer;
    const bool m_skip_special;
    std::vector<std::int32_t> m_window;  // m_handed_out tokens, then those whose text is not certain yet
    std::size_t m_handed_out = 0;
    std::string m_handed_out_text;  // of the window's first m_handed_out tokens
};

}  // namespace millm::engine
