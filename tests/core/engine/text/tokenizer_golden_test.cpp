// Every case must equal what the reference library made of it: ids, text, and the pieces of a stream joined.
#include "core/engine/tokenizer/open.h"

#include "fixtures.h"

#include <doctest/doctest.h>

#include <map>

using namespace millm::engine;
using namespace millm::engine::test;

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

/// Wherever a prompt ends, what is streamed after it is the rest of the whole decoded at once.
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

void check_cases(const Tokenizer &tokenizer, const std::filesystem::path &folder, std::size_t at_least) {
    const auto cases = read_json(folder / "cases.json");
    CHECK(cases.size() >= at_least);
    for (const auto &entry : cases) {
        const auto text = entry["text"].get<std::string>();
        CAPTURE(text);
        const auto plain = tokenizer.encode(text, false), special = tokenizer.encode(text, true);
        REQUIRE(plain.ok());
        REQUIRE(special.ok());
        CHECK(*plain == entry["ids"].get<Ids>());
        CHECK(*special == entry["ids_with_special"].get<Ids>());
        check_decoding(tokenizer, *special, true, entry["decoded"].get<std::string>());
        check_decoding(tokenizer, *special, false, entry["decoded_with_special"].get<std::string>());
        for (const bool skip : {true, false}) check_continuations(tokenizer, *special, skip);
    }
    for (const auto &entry : read_json(folder / "decode_cases.json")) {
        const auto ids = entry["ids"].get<Ids>();
        check_decoding(tokenizer, ids, true, entry["decoded"].get<std::string>());
        check_decoding(tokenizer, ids, false, entry["decoded_with_special"].get<std::string>());
    }
}

}  // namespace

TEST_CASE("the tokenizers kept in the repository give the reference's ids and texts") {
    int count = 0;
    for (const auto &entry : std::filesystem::directory_iterator(unpacked_fixtures() / "tokenizers")) {
        if (!std::filesystem::exists(entry.path() / "tokenizer.json")) continue;
        CAPTURE(entry.path().filename().string());
        const auto tokenizer = open_tokenizer(entry.path());
        REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
        check_cases(**tokenizer, entry.path(), 174);
        ++count;
    }
    CHECK(count == 5);
}

TEST_SUITE("vocabularies") {
    TEST_CASE("the vendors' tokenizers give the reference's ids and texts") {
        int count = 0;
        for (const auto &entry : std::filesystem::directory_iterator(unpacked_fixtures() / "tokenizers")) {
            if (!std::filesystem::exists(entry.path() / "source.json")) continue;
            CAPTURE(entry.path().filename().string());
            const auto source = read_json(entry.path() / "source.json");
            const auto file = vocabularies() / source["npm"].get<std::string>() / source["files"][0].get<std::string>();
            const auto tokenizer = open_tokenizer(file.parent_path());
            REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
            check_cases(**tokenizer, entry.path(), 174);
            ++count;
        }
        CHECK(count == 3);
    }
}
