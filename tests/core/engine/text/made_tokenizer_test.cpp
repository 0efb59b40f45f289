// Tokenizers that are made of a vocabulary alone: each must give the ids that the reference gives for the same folder.
#include "core/engine/tokenizer/open.h"
#include "core/engine/tokenizer/protobuf.h"
#include "core/engine/tokenizer/sentencepiece_model.h"
#include "core/engine/tokenizer/tiktoken_tokenizer.h"

#include "decoding.h"
#include "fixtures.h"

#include <doctest/doctest.h>

#include <fstream>

using namespace millm::engine;
using namespace millm::engine::test;

namespace {

using Ids = std::vector<std::int32_t>;

std::string bytes_of_file(const std::string &name) {
    std::ifstream file(unpacked_fixtures() / "vocabularies" / name, std::ios::binary);
    REQUIRE_MESSAGE(file.good(), name);
    return {std::istreambuf_iterator<char>(file), {}};
}

Error made_failure(const TemporaryFolder &folder) {
    auto tokenizer = open_tokenizer(folder.path());
    REQUIRE_FALSE(tokenizer.ok());
    return tokenizer.error();
}

// Of protobuf's wire format, as much as these messages need.
std::string tag(int field, int type) {
    return std::string(1, char(field << 3 | type));
}
std::string message(int field, const std::string &bytes) {
    return tag(field, 2) + char(bytes.size()) + bytes;
}
std::string piece(const std::string &text, int kind = 1) {
    return message(1, message(1, text) + tag(2, 5) + std::string("\0\0\x80\xbf", 4) + tag(3, 0) + char(kind));
}

}  // namespace

TEST_CASE("a vocabulary alone makes the reference's tokenizer") {
    const auto file = read_json(unpacked_fixtures() / "vocabularies/cases.json");
    const auto texts = file["texts"].get<std::vector<std::string>>();
    CHECK(texts.size() == 90);
    CHECK(file["cases"].size() == 44);
    for (const auto &entry : file["cases"]) {
        const auto name = entry["name"].get<std::string>();
        CAPTURE(name);
        TemporaryFolder folder;
        for (const auto &[target, source] : entry["files"].items()) folder.write(target, bytes_of_file(source));
        for (const auto &[target, object] : entry["json"].items()) folder.write(target, object.dump());
        const auto tokenizer = open_tokenizer(folder.path());
        REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
        for (std::size_t i = 0; i < texts.size(); ++i) {
            CAPTURE(texts[i]);
            const auto plain = (*tokenizer)->encode(texts[i], false), special = (*tokenizer)->encode(texts[i], true);
            REQUIRE(plain.ok());
            REQUIRE(special.ok());
            CHECK(*plain == entry["plain"][i].get<Ids>());
            CHECK(*special == entry["special"][i].get<Ids>());
        }
        for (const auto &decoded : entry["decode"]) {
            const auto ids = decoded[0].get<Ids>();
            for (const bool skip : {true, false}) {
                check_decoding(**tokenizer, ids, skip, decoded[skip ? 1 : 2].get<std::string>());
                check_continuations(**tokenizer, ids, skip);
            }
        }
    }
}

TEST_CASE("a Unigram model under a class that merges pieces is read as Unigram") {
    // Llama's class would merge the pieces by their ids, which is no way of reading scores.
    TemporaryFolder named, plain;
    for (const auto *folder : {&named, &plain}) folder->write("tokenizer.model", bytes_of_file("unigram_own_pieces.model"));
    named.write("config.json", R"({"model_type": "llama"})");
    named.write("tokenizer_config.json", R"({"tokenizer_class": "LlamaTokenizer"})");
    const auto a = open_tokenizer(named.path()), b = open_tokenizer(plain.path());
    REQUIRE(a.ok());
    REQUIRE(b.ok());
    for (const char *text : {"the license of the software", "def <tool> x"})
        CHECK((*a)->encode(text, true).value() == (*b)->encode(text, true).value());
}

TEST_CASE("tokens that a vocabulary lacks keep the ids of their files, and without ids they are left out") {
    TemporaryFolder folder;
    folder.write("tokenizer.model", bytes_of_file("bpe.model"));
    folder.write("added_tokens.json", R"({"<next>": 700, "<far>": 900})");
    folder.write("special_tokens_map.json", R"({"pad_token": "<nowhere>", "eos_token": {"content": "</s>"}})");
    const auto tokenizer = open_tokenizer(folder.path());
    REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
    CHECK((*tokenizer)->vocab_size() == 701);
    CHECK((*tokenizer)->id_of("<next>") == 700);
    CHECK((*tokenizer)->id_of("<far>") == -1);
    CHECK((*tokenizer)->id_of("<nowhere>") == -1);
    CHECK((*tokenizer)->is_special(2));
}

TEST_CASE("protobuf's wire format") {
    const std::string bytes = tag(1, 0) + "\xac\x02" + tag(2, 5) + std::string("\0\0\x80\x3f", 4) + message(3, "abc") +
                              tag(4, 1) + std::string("\1\0\0\0\0\0\0\0", 8) + tag(5, 0) + std::string(9, '\xff') + '\1';
    ProtobufReader reader(bytes);
    CHECK(reader.next()->int32() == 300);
    CHECK(reader.next()->real() == 1.0f);
    const auto text = reader.next();
    REQUIRE(text);
    CHECK(text->number == 3);
    CHECK(text->text() == "abc");
    CHECK_FALSE(text->int32());
    CHECK(reader.next()->value == 1);
    CHECK(reader.next()->int32() == -1);
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.broken());
    // Cut short, a length past the end, field 0, a group, a number of eleven bytes or of more than 64 bits.
    for (const std::string &broken : {tag(1, 0), tag(1, 0) + '\x80', tag(2, 5) + "abc", tag(4, 1) + "abc",
                                      tag(3, 2) + "\x04" + "abc", tag(0, 0) + '\1', tag(1, 3) + tag(1, 4), tag(1, 6),
                                      tag(1, 0) + std::string(10, '\xff') + '\1', tag(1, 0) + std::string(9, '\xff') + '\2'}) {
        ProtobufReader other(broken);
        CHECK_FALSE(other.next());
        CHECK(other.broken());
        CHECK_FALSE(other.next());
    }
}

TEST_CASE("a SentencePiece model's defaults and settings") {
    const auto usual = SentencePieceModel::parse(piece("<unk>", 2) + piece("a"));
    REQUIRE(usual.ok());
    CHECK(usual->pieces.size() == 2);
    CHECK(usual->pieces[0].kind == SentencePieceModel::Kind::Unknown);
    CHECK(usual->pieces[1].score == -1.0f);
    CHECK(usual->algorithm == SentencePieceModel::Algorithm::Unigram);
    CHECK(usual->dummy_prefix);
    CHECK(usual->remove_extra_blanks);
    CHECK_FALSE(usual->byte_fallback);
    CHECK(usual->unknown_id == 0);
    CHECK(usual->end_piece == "</s>");
    // An algorithm that nobody knows is none; the later of two messages adds to the earlier.
    const auto given = SentencePieceModel::parse(piece("a", 9) + message(2, tag(3, 0) + '\2') + message(3, tag(3, 0) + '\0') +
                                                 message(2, tag(3, 0) + '\x63' + "\x98\x02" + '\1' + "\xea\x02" + "\3<e>"));
    REQUIRE(given.ok());
    CHECK(given->pieces[0].kind == SentencePieceModel::Kind::Normal);
    CHECK(given->algorithm == SentencePieceModel::Algorithm::Bpe);
    CHECK(given->byte_fallback);
    CHECK_FALSE(given->dummy_prefix);
    CHECK(given->unknown_piece == "<e>");
}

TEST_CASE("a SentencePiece model that is none says what is wrong") {
    const auto wrong = [](const std::string &bytes) {
        const auto model = SentencePieceModel::parse(bytes);
        REQUIRE_FALSE(model.ok());
        CHECK(model.error().code == ErrorCode::InvalidFile);
        return model.error().message;
    };
    CHECK(wrong("").find("no pieces") != std::string::npos);
    CHECK(wrong(piece("a") + "\x0a\x7f").find("behind piece 1") != std::string::npos);
    CHECK(wrong(piece("a") + message(1, message(1, "b") + "\x15\1")).find("inside its field 1 behind piece 2") !=
          std::string::npos);
    CHECK(wrong(piece("a\xff")).find("(0) that is not UTF-8") != std::string::npos);
    CHECK(wrong(message(1, tag(2, 5) + std::string("\0\0\xc0\x7f", 4))).find("score is no number") != std::string::npos);

    TemporaryFolder folder;
    folder.write("tokenizer.model", piece("a") + message(2, tag(3, 0) + '\3'));
    CHECK(made_failure(folder).code == ErrorCode::Unsupported);
    CHECK(made_failure(folder).message.find("whole words") != std::string::npos);
    // Albert's class puts tokens around a text that this file lacks.
    folder.write("tokenizer.model", piece("<unk>", 2) + piece("a"));
    folder.write("tokenizer_config.json", R"({"tokenizer_class": "AlbertTokenizer"})");
    CHECK(made_failure(folder).message.find("lacks \"[CLS]\"") != std::string::npos);
}

TEST_CASE("tokens too long to find out how they merge are refused") {
    // Each has 16 KiB and half of it, again and again: to look for pairs would take minutes.
    std::string model = message(2, tag(3, 0) + '\2');
    const std::string text(16384, 'a');
    for (int i = 0; i < 3; ++i) model += "\x0a\x84\x80\x01\x0a\x80\x80\x01" + text;
    TemporaryFolder folder;
    folder.write("tokenizer.model", model);
    CHECK(made_failure(folder).message.find("too long (one has 16384 bytes)") != std::string::npos);
}

TEST_CASE("a list of ranks that is none says where it is wrong") {
    TemporaryFolder folder;
    const auto refused = [&](const std::string &ranks) {
        folder.write("x.tiktoken", ranks);
        const auto error = made_failure(folder);
        CHECK(error.code == ErrorCode::InvalidFile);
        CHECK(error.message.starts_with("x.tiktoken: "));
        return error.message;
    };
    CHECK(is_tiktoken_file("\r\n YQ== 0"));
    CHECK_FALSE(is_tiktoken_file("YQ=="));
    CHECK_FALSE(is_tiktoken_file("\x0a\x05hello"));
    CHECK(refused("YQ== 0\n\nYg== one\n").find("line 3 is no token") != std::string::npos);
    CHECK(refused("YQ== 0\nYg= 1\n").find("line 2 is no token") != std::string::npos);
    CHECK(refused("YQ== 0\nYg== 1 2\n").find("line 2 is no token") != std::string::npos);
    CHECK(refused("YQ== 0\nYg== 0\n").find("the rank 0") != std::string::npos);
    CHECK(refused("YQ== 0\nYg== 7\n").find("the rank 7") != std::string::npos);
    CHECK(refused("YQ== 0\nYg== -1\n").find("the rank -1") != std::string::npos);
    // Fine but for ids that no model has.
    folder.write("x.tiktoken", "YQ== 0\r\nYg==\t1\r\nYWI= 2");
    folder.write("tokenizer_config.json",
                 R"({"added_tokens_decoder": {"9000000000": {"content": "<far>"}, "3": {"content": "<end>"}}})");
    const auto tokenizer = open_tokenizer(folder.path());
    REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
    CHECK((*tokenizer)->encode("abb<end>", true).value() == Ids{2, 1, 3});
    CHECK((*tokenizer)->vocab_size() == 4);
}

TEST_CASE("a tekken.json that is none says which member is wrong") {
    TemporaryFolder folder;
    const auto refused = [&](const std::string &members) {
        folder.write("tekken.json", "{" + members + "}");
        return made_failure(folder).message;
    };
    const std::string config = R"("config": {"pattern": ".", "default_num_special_tokens": 2}, )";
    CHECK(refused(R"("config": {}, "vocab": [])").find("config.pattern or vocab") != std::string::npos);
    CHECK(refused(config + R"("vocab": [])").find("no special_tokens") != std::string::npos);
    CHECK(refused(config + R"("vocab": [], "special_tokens": [{"rank": 0, "token_str": "<s>"}, {"rank": 0, "token_str": "x"}])")
              .find("rank is not one of the 2") != std::string::npos);
    CHECK(refused(config + R"("vocab": [], "special_tokens": [1, 2, 3])").find("is 2 with 3") != std::string::npos);
    CHECK(refused(config + R"("vocab": [{"token_bytes": "?"}], "special_tokens": [])").find("vocab[0]") != std::string::npos);
    folder.write("tekken.json",
                 "{" + config + R"("vocab": [{"token_bytes": "YQ=="}], "special_tokens": [{"rank": 0, "token_str": "<s>"}]})");
    const auto tokenizer = open_tokenizer(folder.path());
    REQUIRE_MESSAGE(tokenizer.ok(), (tokenizer.ok() ? "" : tokenizer.error().message));
    CHECK((*tokenizer)->encode("a<SPECIAL_1>", true).value() == Ids{2, 1});
}

TEST_CASE("the words of a vocabulary that no class explains") {
    TemporaryFolder folder;
    folder.write("vocab.txt", "a\nb\n");
    folder.write("tokenizer_config.json", R"({"tokenizer_class": "CTRLTokenizer"})");
    CHECK(made_failure(folder).code == ErrorCode::Unsupported);
    CHECK(made_failure(folder).message.find("CTRLTokenizer uses vocab.txt") != std::string::npos);
    folder.write("tokenizer_config.json", "{}");
    CHECK(made_failure(folder).message.find("lacks \"[CLS]\"") != std::string::npos);
    folder.write("vocab.txt", "a\xff\n");
    CHECK(made_failure(folder).message.find("byte 1 is not UTF-8") != std::string::npos);
    folder.write("vocab.txt", "[CLS]\n[SEP]\n");
    CHECK(open_tokenizer(folder.path()).ok());
}
