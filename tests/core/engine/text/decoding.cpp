#include "decoding.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <span>

namespace millm::engine::test {

namespace {

using Ids = std::vector<std::int32_t>;

bool is_utf8(const std::string &text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t size = byte < 0x80 ? 1 : byte < 0xC0 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
        if (size == 0 || i + size > text.size()) return false;
        for (std::size_t k = 1; k < size; ++k) {
            if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
        }
        i += size;
    }
    return true;
}

std::string streamed(const Tokenizer &tokenizer, const Ids &ids, bool skip_special) {
    const auto decoder = tokenizer.stream(skip_special);
    std::string text;
    for (const auto id : ids) {
        const auto piece = decoder->push(id);
        CHECK_MESSAGE(is_utf8(piece), "a piece ends inside a character");
        text += piece;
    }
    return text + decoder->finish();
}

}  // namespace

void check_continuations(const Tokenizer &tokenizer, const Ids &ids, bool skip_special) {
    const auto whole = tokenizer.decode(ids, skip_special);
    REQUIRE(whole.ok());
    for (std::size_t size = 1; size < std::min<std::size_t>(ids.size(), 40); ++size) {
        const auto context = std::span(ids).first(size);
        const auto before = tokenizer.decode(context, skip_special);
        REQUIRE(before.ok());
        // Inside a character there is no such rest.
        if (!whole->starts_with(*before) || before->ends_with("\uFFFD")) continue;
        const auto decoder = tokenizer.stream(skip_special, context);
        std::string text;
        for (const auto id : std::span(ids).subspan(size)) text += decoder->push(id);
        text += decoder->finish();
        CAPTURE(size);
        CHECK(text == whole->substr(before->size()));
    }
}

void check_decoding(const Tokenizer &tokenizer, const Ids &ids, bool skip_special, const std::string &expected) {
    const auto text = tokenizer.decode(ids, skip_special);
    REQUIRE_MESSAGE(text.ok(), (text.ok() ? "" : text.error().message));
    CHECK(*text == expected);
    CHECK(streamed(tokenizer, ids, skip_special) == expected);
}

}  // namespace millm::engine::test
