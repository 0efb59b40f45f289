#include "core/engine/tokenizer/stream_decoders.h"

#include "core/engine/tokenizer/hub_tokenizer.h"

#include <algorithm>

namespace millm::engine {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
// A character has four bytes at most, and each could be a token of its own.
constexpr std::size_t tokens_of_a_character = 4;
// Of the text before, enough that the decoder's treatment of a beginning falls on it.
constexpr std::size_t context_tokens = 8;

}  // namespace

ByteStreamDecoder::ByteStreamDecoder(const HubTokenizer &tokenizer, bool skip_special, std::span<const std::int32_t> context)
    : m_tokenizer(tokenizer), m_skip_special(skip_special) {
    // A character that the context leaves unfinished is finished by what follows.
    for (const auto id : context.last(std::min(context.size(), tokens_of_a_character))) push(id);
}

std::string ByteStreamDecoder::push(std::int32_t id) {
    if (m_skip_special && m_tokenizer.is_special(id)) return {};
    return m_pieces.push(m_tokenizer.token_bytes(id));
}

std::string ByteStreamDecoder::settle() {
    return m_pieces.finish();
}

std::string ByteStreamDecoder::finish() {
    return m_pieces.finish();
}

WindowStreamDecoder::WindowStreamDecoder(const HubTokenizer &tokenizer, bool skip_special,
                                         std::span<const std::int32_t> context)
    : m_tokenizer(tokenizer), m_skip_special(skip_special) {
    // A run of byte tokens is read as a whole: the window does not begin inside one.
    const auto inside_run = [&] { return m_tokenizer.decoder().is_byte_token(m_tokenizer.token(m_window.back())); };
    for (auto id = context.rbegin(); id != context.rend() && (m_window.size() < context_tokens || inside_run()); ++id)
        if (is_text(*id)) m_window.push_back(*id);
    std::reverse(m_window.begin(), m_window.end());
    // A character that the context leaves unfinished is finished, and handed out, by what follows.
    const auto whole = m_window.size();
    for (std::size_t cut = 0; cut <= std::min(whole, tokens_of_a_character - 1); ++cut) {
        m_handed_out = whole - cut;
        m_handed_out_text = decode({m_window.begin(), m_window.end() - std::ptrdiff_t(cut)});
        if (!m_handed_out_text.ends_with(replacement) || !may_be_part(m_window[m_handed_out - 1])) return;
    }
    m_handed_out = whole;
    m_handed_out_text = decode(m_window);
}

/// Of a character that several tokens make.
bool WindowStreamDecoder::may_be_part(std::int32_t id) const {
    return m_tokenizer.decoder().byte_level || m_tokenizer.decoder().is_byte_token(m_tokenizer.token(id));
}

bool WindowStreamDecoder::is_text(std::int32_t id) const {
    return !(m_skip_special && m_tokenizer.is_special(id)) && !m_tokenizer.token(id).empty();
}

std::string WindowStreamDecoder::decode(const std::vector<std::int32_t> &ids) const {
    auto text = m_tokenizer.decode(ids, m_skip_special);
    return text ? std::move(*text) : std::string();
}

std::string WindowStreamDecoder::push(std::int32_t id) {
    if (!is_text(id)) return {};
    m_window.push_back(id);
    // A run of byte tokens is text or not as a whole: what it says is certain when it ends.
    if (m_tokenizer.decoder().is_byte_token(m_tokenizer.token(id))) return {};
    return advance(false);
}

std::string WindowStreamDecoder::advance(bool last) {
    auto text = decode(m_window);
    if (!text.starts_with(m_handed_out_text)) {
        // What follows changed how the text before reads, which is handed out: the new tokens stand alone.
        m_window.erase(m_window.begin(), m_window.begin() + std::ptrdiff_t(m_handed_out));
        m_handed_out = 0;
        m_handed_out_text.clear();
        text = decode(m_window);
    }
    if (!last && m_tokenizer.decoder().byte_level && text.ends_with(replacement)) return {};
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

std::string WindowStreamDecoder::settle() {
    return m_handed_out == m_window.size() ? std::string() : advance(true);
}

std::string WindowStreamDecoder::finish() {
    auto piece = settle();
    m_window.clear();
    m_handed_out = 0;
    m_handed_out_text.clear();
    return piece;
}

}  // namespace millm::engine
