#include "core/engine/tokenizer/stream_decoders.h"

#include "core/engine/tokenizer/hub_tokenizer.h"

namespace millm::engine {

std::string ByteStreamDecoder::push(std::int32_t id) {
    if (m_skip_special && m_tokenizer.is_special(id)) return {};
    return m_pieces.push(m_tokenizer.token_bytes(id));
}

std::string ByteStreamDecoder::finish() {
    return m_pieces.finish();
}

std::string WindowStreamDecoder::decode(const std::vector<std::int32_t> &ids) const {
    auto text = m_tokenizer.decode(ids, m_skip_special);
    return text ? std::move(*text) : std::string();
}

std::string WindowStreamDecoder::push(std::int32_t id) {
    if (m_skip_special && m_tokenizer.is_special(id)) return {};
    const auto token = m_tokenizer.token(id);
    if (token.empty()) return {};
    m_window.push_back(id);
    // A run of byte tokens is text or not as a whole: what it says is certain when it ends.
    if (m_tokenizer.decoder().is_byte_token(token)) return {};
    return advance(false);
}

std::string WindowStreamDecoder::advance(bool last) {
    const auto text = decode(m_window);
    if (!text.starts_with(m_handed_out_text)) return {};
    if (!last && m_tokenizer.decoder().byte_level && text.ends_with("\xEF\xBF\xBD")) return {};
    auto piece = text.substr(m_handed_out_text.size());
    if (piece.empty() && !last) return {};
    // The new tokens become the window's beginning, unless they leave the decoder's treatment of a beginning to the next.
    std::vector<std::int32_t> fresh(m_window.begin() + std::ptrdiff_t(m_handed_out), m_window.end());
    auto fresh_text = decode(fresh);
    if (fresh_text.empty()) {
        m_handed_out_text = text;
    } else {
        m_window = std::move(fresh);
        m_handed_out_text = std::move(fresh_text);
    }
    m_handed_out = m_window.size();
    return piece;
}

std::string WindowStreamDecoder::finish() {
    auto piece = m_handed_out == m_window.size() ? std::string() : advance(true);
    m_window.clear();
    m_handed_out = 0;
    m_handed_out_text.clear();
    return piece;
}

}  // namespace millm::engine
