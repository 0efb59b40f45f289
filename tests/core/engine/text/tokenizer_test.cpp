#include "core/engine/tokenizer/open.h"
#include "core/engine/tokenizer/utf8_pieces.h"

#include "fixtures.h"

#include <doctest/doctest.h>

using namespace millm::engine;
using namespace millm::engine::test;

namespace {

std::unique_ptr<Tokenizer> fixture(const std::string &name) {
    auto tokenizer = open_tokenizer(unpacked_fixtures() / "tokenizers" / name);
    REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
    return std::move(*tokenizer);
}

Error failure(const std::filesystem::path &folder) {
    auto tokenizer = open_tokenizer(folder);
    REQUIRE_FALSE(tokenizer.ok());
    return tokenizer.error();
}

}  // namespace

TEST_CASE("tokens, their ids and their bytes") {
    const auto gpt2 = fixture("gpt2");
    CHECK(gpt2->vocab_size() == 50257);
    const auto hello = gpt2->id_of("\u0120hello");
    CHECK(hello == 23748);
    CHECK(gpt2->token(hello) == "\u0120hello");
    CHECK(gpt2->token_bytes(hello) == " hello");
    CHECK(gpt2->token_bytes(gpt2->id_of("\u010A")) == "\n");
    CHECK(gpt2->is_special(50256));
    CHECK_FALSE(gpt2->is_special(hello));
    CHECK(gpt2->id_of("no such token") == -1);
    CHECK(gpt2->token(50257).empty());
    CHECK(gpt2->token(-1).empty());

    const auto fallback = fixture("syn_spbpe_bytefallback_addedflags");
    const auto byte = fallback->id_of("<0xE4>");
    REQUIRE(byte >= 0);
    CHECK(fallback->token_bytes(byte) == "\xE4");
    CHECK(fallback->token_bytes(fallback->id_of("\u2581")) == " ");
}

TEST_CASE("the bytes of the tokens in a row are the text") {
    const std::string text = "na\u00EFve \u4F60\u597D \U0001F600 x";
    for (const char *name : {"gpt2", "syn_bytelevel_bpe_512", "syn_neox_pipeline"}) {
        const auto tokenizer = fixture(name);
        const auto ids = tokenizer->encode(text, false);
        REQUIRE(ids.ok());
        std::string bytes;
        for (const auto id : *ids) bytes += tokenizer->token_bytes(id);
        CHECK(bytes == text);
    }
}

TEST_CASE("a stream hands text out as soon as it is certain") {
    const auto gpt2 = fixture("gpt2");
    const auto ids = gpt2->encode("Hi \U0001F600!", false);
    REQUIRE(ids.ok());
    const auto stream = gpt2->stream(true);
    CHECK(stream->push((*ids)[0]) == "Hi");
    std::string rest;
    for (std::size_t i = 1; i < ids->size(); ++i) rest += stream->push((*ids)[i]);
    CHECK(rest == " \U0001F600!");
    CHECK(stream->finish().empty());

    const auto unfinished = gpt2->stream(true);
    CHECK(unfinished->push((*ids)[1]) == " ");
    CHECK(unfinished->finish() == "\uFFFD");
}

TEST_CASE("a text goes on behind another one without losing its first blank, and alone it loses it") {
    TemporaryFolder folder;
    folder.write("tokenizer.json", R"({"model": {"type": "BPE", "unk_token": null, "byte_fallback": true, "fuse_unk": true,
        "vocab": {"x": 0, "\u2581hello": 1, "\u2581world": 2, "<0xC3>": 3, "<0xA9>": 4, "\u2581": 5}, "merges": []},
        "added_tokens": [{"id": 6, "content": "<s>", "special": true, "single_word": false, "lstrip": false, "rstrip": false,
        "normalized": false}], "decoder": {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}})");
    const auto tokenizer = open_tokenizer(folder.path());
    REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
    const auto behind = [&](const std::vector<std::int32_t> &context, const std::vector<std::int32_t> &ids) {
        const auto stream = (*tokenizer)->stream(true, context);
        std::string text;
        for (const auto id : ids) text += stream->push(id);
        return text + stream->finish();
    };
    CHECK(behind({}, {1, 2}) == "hello world");
    CHECK(behind({0}, {1, 2}) == " hello world");
    CHECK(behind({6, 0}, {1, 2}) == " hello world");
    CHECK(behind({6}, {1, 2}) == "hello world");  // a beginning after all
    CHECK(behind({5}, {1}) == " hello");
    CHECK(behind({1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, {0, 2}) == "x world");
    // A character that the context leaves unfinished.
    CHECK(behind({0, 3}, {4, 0}) == "\u00E9x");
    CHECK(behind({3}, {4, 0}) == "\u00E9x");
    CHECK(behind({0, 3, 4}, {1}) == " hello");
}

TEST_CASE("what a stream holds back is settled by a special token, and the text goes on") {
    const auto gpt2 = fixture("gpt2");
    const auto ids = gpt2->encode(" \U0001F600!", false);
    REQUIRE(ids.ok());
    const auto stream = gpt2->stream(true);
    CHECK(stream->push((*ids)[0]) == " ");
    CHECK(stream->settle() == "\uFFFD");
    CHECK(stream->push(ids->back()) == "!");

    const auto fallback = fixture("syn_spbpe_bytefallback_addedflags");
    const auto run = fallback->stream(true);
    for (const char *token : {"<0xE4>", "<0xBD>", "<0xA0>"}) CHECK(run->push(fallback->id_of(token)).empty());
    CHECK(run->settle() == "\u4F60");
    CHECK(run->finish().empty());
}

TEST_CASE("input that is no input") {
    const auto gpt2 = fixture("gpt2");
    const auto broken = gpt2->encode("a\xFF", false);
    REQUIRE_FALSE(broken.ok());
    CHECK(broken.error().code == ErrorCode::InvalidArgument);
    const auto negative = gpt2->decode(std::vector<std::int32_t>{5, -1}, false);
    REQUIRE_FALSE(negative.ok());
    CHECK(negative.error().code == ErrorCode::InvalidArgument);
    CHECK(negative.error().got == -1);
    CHECK(gpt2->encode("", true).value().empty());
    CHECK(gpt2->decode({}, true).value().empty());
    CHECK(gpt2->decode(std::vector<std::int32_t>{1 << 30}, false).value().empty());
}

TEST_CASE("repositories without a usable tokenizer say why") {
    TemporaryFolder folder;
    CHECK(failure(folder.path()).code == ErrorCode::Io);
    folder.write("tokenizer.model", "x");
    CHECK(failure(folder.path()).code == ErrorCode::InvalidFile);
    CHECK(failure(folder.path()).message.find("tokenizer.model: the SentencePiece model") != std::string::npos);
    folder.write("tokenizer.json", "{\"model\": 7");
    CHECK(failure(folder.path()).code == ErrorCode::InvalidFile);
    folder.write("tokenizer.json", "{}");
    CHECK(failure(folder.path()).code == ErrorCode::InvalidFile);
    folder.write("tokenizer.json", "");
    CHECK(failure(folder.path()).code == ErrorCode::InvalidFile);
    folder.write("tokenizer_config.json", "[1]");
    CHECK(failure(folder.path()).message.find("tokenizer_config.json") != std::string::npos);
}

TEST_CASE("a tokenizer that wants to end the program or hold it up is an error") {
    const auto repeated = [](const std::string &text, int times) {
        std::string all;
        for (int i = 0; i < times; ++i) all += text;
        return all;
    };
    const auto file = [](const std::string &normalizer, const std::string &splitter) {
        return R"({"version":"1.0","added_tokens":[],"normalizer":)" + normalizer + R"(,"pre_tokenizer":)" + splitter +
               R"(,"post_processor":null,"decoder":null,"model":{"type":"WordLevel","unk_token":"a","vocab":{"a":0}}})";
    };
    const auto split = [](const std::string &pattern) {
        return R"({"type":"Split","pattern":{"Regex":")" + pattern + R"("},"behavior":"Isolated","invert":false})";
    };
    TemporaryFolder folder;
    const auto refused = [&](const std::string &text) {
        folder.write("tokenizer.json", text);
        return failure(folder.path()).message;
    };
    // Expressions that nest so deep that reading them, or what was read, fills the stack.
    CHECK(refused(file("null", split(repeated("(", 4000) + "a" + repeated(")", 4000)))).find("depth") != std::string::npos);
    CHECK(refused(file(repeated(R"({"type":"Sequence","normalizers":[)", 100'000), "null")).find("recursion limit") !=
          std::string::npos);
    // A table that says it has a billion entries.
    CHECK(refused(file(R"({"type":"Precompiled","precompiled_charsmap":"/////wAAAAA="})", "null")).find("longer than it is") !=
          std::string::npos);
    CHECK(refused(file(R"({"type":"Sequence","normalizers":[{"type":"Precompiled","precompiled_charsmap":"/////wAAAAA="}]})",
                       "null"))
              .find("longer than it is") != std::string::npos);
    // An expression that tries more ways than there is time.
    folder.write("tokenizer.json", file("null", split("(x+x+)+y")));
    const auto slow = open_tokenizer(folder.path());
    REQUIRE(slow.ok());
    const auto ids = (*slow)->encode(repeated("x", 200), true);
    REQUIRE_FALSE(ids.ok());
    CHECK(ids.error().code == ErrorCode::InvalidArgument);
    CHECK(ids.error().message.find("retry-limit") != std::string::npos);
    CHECK((*slow)->encode("a", true).ok());
}

TEST_CASE("vocab.json and merges.txt make the same tokenizer as tokenizer.json") {
    const auto gpt2 = fixture("gpt2");
    const auto file = read_json(unpacked_fixtures() / "tokenizers/gpt2/tokenizer.json");
    TemporaryFolder folder;
    std::string merges = "#version: 0.2\n";
    for (const auto &pair : file["model"]["merges"]) {
        merges += pair.is_string() ? pair.get<std::string>() : pair[0].get<std::string>() + " " + pair[1].get<std::string>();
        merges += "\n";
    }
    folder.write("merges.txt", merges);
    folder.write("vocab.json", file["model"]["vocab"].dump());
    CHECK(failure(folder.path()).code == ErrorCode::Unsupported);

    folder.write("tokenizer_config.json", R"({"tokenizer_class": "GPT2TokenizerFast", "eos_token": "<|endoftext|>"})");
    folder.write("added_tokens.json", R"({"<tool>": 50257, "<far>": 60000})");
    const auto made = open_tokenizer(folder.path());
    REQUIRE_MESSAGE(made.ok(), (made.ok() ? "" : made.error().message));
    CHECK((*made)->is_special(50256));
    CHECK((*made)->id_of("<tool>") == 50257);
    CHECK((*made)->id_of("<far>") == -1);
    CHECK_FALSE((*made)->is_special(50257));
    for (const auto &entry : read_json(unpacked_fixtures() / "tokenizers/gpt2/cases.json")) {
        const auto text = entry["text"].get<std::string>();
        if (text.find("<tool>") != std::string::npos) continue;
        CHECK((*made)->encode(text, true).value() == entry["ids_with_special"].get<std::vector<std::int32_t>>());
    }

    folder.write("merges.txt", "a b c\n");
    CHECK(failure(folder.path()).code == ErrorCode::InvalidFile);
}

TEST_CASE("other files make tokens of tokenizer.json whole") {
    TemporaryFolder folder;
    folder.write("tokenizer.json",
                 R"({"model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "ba": 3, "bb": 4}, "merges": []},
        "added_tokens": []})");
    folder.write("tokenizer_config.json", R"({"added_tokens_decoder": {"2": {"content": "ab"}, "1": {"content": "ba"},
        "5": {"content": "<new>", "special": true}}, "eos_token": "bb"})");
    const auto tokenizer = open_tokenizer(folder.path());
    REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
    CHECK((*tokenizer)->encode("ab<new>bb", true).value() == std::vector<std::int32_t>{2, 5, 4});
    // Its id is another one in that file: nobody knows which is meant.
    CHECK((*tokenizer)->encode("aba", true).value() == std::vector<std::int32_t>{2, 0});
    CHECK((*tokenizer)->encode("ba", true).value() == std::vector<std::int32_t>{1, 0});
    CHECK((*tokenizer)->is_special(4));
    CHECK_FALSE((*tokenizer)->is_special(2));
}

TEST_CASE("bytes in pieces equal the bytes at once") {
    // One U+FFFD for each longest beginning of a character.
    Utf8Pieces pieces;
    CHECK(pieces.push("\xE4\xBD") == "");
    CHECK(pieces.push("\xA0"
                      "a") ==
          "\u4F60"
          "a");
    CHECK(pieces.push("\xF0\x9F\x98") == "");
    CHECK(pieces.push("z") == "\uFFFDz");
    CHECK(pieces.push("\x80\xC0") == "\uFFFD\uFFFD");
    CHECK(pieces.push("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");
    CHECK(pieces.push("\xF4") == "");
    CHECK(pieces.finish() == "\uFFFD");
    CHECK(pieces.finish() == "");
}
