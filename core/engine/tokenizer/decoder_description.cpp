#include "core/engine/tokenizer/decoder_description.h"

#include "core/engine/tokenizer/byte_level.h"

namespace millm::engine {

namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

int fallback_byte(std::string_view token) {
    if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return -1;
    const int high = hex_digit(token[3]), low = hex_digit(token[4]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

std::string text_or(const JsonValue &object, std::string_view key, const char *fallback) {
    const std::string *text = object.text(key);
    return text ? *text : fallback;
}

void describe(const JsonValue &decoder, DecoderDescription &out) {
    const std::string type = text_or(decoder, "type", "");
    if (type == "Sequence") {
        if (const JsonValue *parts = decoder.find("decoders"))
            for (const JsonValue &part : parts->items()) describe(part, out);
    } else if (type == "ByteLevel") {
        out.byte_level = true;
    } else if (type == "ByteFallback") {
        out.byte_fallback = true;
    } else if (type == "Metaspace") {
        out.replacements.emplace_back(text_or(decoder, "replacement", "\u2581"), " ");
    } else if (type == "WordPiece") {
        out.word_piece_prefix = text_or(decoder, "prefix", "##");
    } else if (type == "BPEDecoder") {
        out.replacements.emplace_back(text_or(decoder, "suffix", "</w>"), " ");
    } else if (type == "Replace") {
        const JsonValue *pattern = decoder.find("pattern");
        const std::string *text = pattern ? pattern->text("String") : nullptr;
        if (text && !text->empty()) out.replacements.emplace_back(*text, text_or(decoder, "content", ""));
    }
}

}  // namespace

DecoderDescription DecoderDescription::of(const JsonValue &decoder) {
    DecoderDescription out;
    describe(decoder, out);
    out.only_byte_level = text_or(decoder, "type", "") == "ByteLevel";
    return out;
}

bool DecoderDescription::is_byte_token(std::string_view token) const {
    return byte_fallback && fallback_byte(token) >= 0;
}

std::string DecoderDescription::bytes_of(std::string_view token) const {
    if (byte_level) return byte_level_bytes(token);
    if (is_byte_token(token)) return std::string(1, char(fallback_byte(token)));
    if (!word_piece_prefix.empty() && token.starts_with(word_piece_prefix)) token.remove_prefix(word_piece_prefix.size());
    std::string bytes(token);
    for (const auto &[from, to] : replacements) {
        if (from.empty()) continue;
        for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at + to.size())) {
            bytes.replace(at, from.size(), to);
        }
    }
    return bytes;
}

}  // namespace millm::engine
