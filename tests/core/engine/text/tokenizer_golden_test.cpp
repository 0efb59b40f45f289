// Every case must equal what the reference library made of it: ids, text, and the pieces of a stream joined.
#include "core/engine/tokenizer/open.h"

#include "decoding.h"
#include "fixtures.h"

#include <doctest/doctest.h>

#include <random>

using namespace millm::engine;
using namespace millm::engine::test;

namespace {

using Ids = std::vector<std::int32_t>;

/// Whatever a model says: rows of ids that no text has.
void check_any_ids(const Tokenizer &tokenizer) {
    std::mt19937 chance(5);
    for (int round = 0; round < 40; ++round) {
        Ids ids(1 + chance() % 20);
        for (auto &id : ids) id = std::int32_t(chance() % tokenizer.vocab_size());
        CAPTURE(round);
        for (const bool skip : {true, false}) {
            check_decoding(tokenizer, ids, skip, tokenizer.decode(ids, skip).value());
            check_continuations(tokenizer, ids, skip);
        }
    }
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
        for (const bool skip : {true, false}) check_continuations(tokenizer, ids, skip);
    }
    check_any_ids(tokenizer);
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
