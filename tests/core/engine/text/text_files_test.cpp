// Which files are tokenizer and chat templates, told by their names.
#include "core/engine/tokenizer/text_files.h"

#include "core/engine/input/json.h"

#include <doctest/doctest.h>

namespace millm::engine::test {

namespace {

using Names = std::vector<std::string>;

JsonValue json(const char *text) {
    auto parsed = parse_json_object(text, "test");
    REQUIRE(parsed.ok());
    return *parsed;
}

}  // namespace

TEST_CASE("a tokenizer is made of the first of its forms that is there") {
    const auto kind = [](const Names &names, const char *class_name = "") {
        return choose_tokenizer_files(names, class_name).kind;
    };
    const Names byte_level{"merges.txt", "vocab.json"};
    CHECK(kind({}) == TokenizerKind::None);
    CHECK(kind({"config.json", "vocab.json"}) == TokenizerKind::None);
    CHECK(kind({"tokenizer.model", "tokenizer.json"}) == TokenizerKind::TokenizerJson);
    CHECK(kind(byte_level, "GPT2Tokenizer") == TokenizerKind::ByteLevel);
    CHECK(kind(byte_level) == TokenizerKind::ByteLevel);  // refused later, with the class's name
    CHECK(kind({"vocab.json", "merges.txt", "tokenizer.model"}, "Qwen2Tokenizer") == TokenizerKind::ByteLevel);
    CHECK(kind({"vocab.json", "merges.txt", "tokenizer.model"}, "LlamaTokenizer") == TokenizerKind::SentencePiece);
    CHECK(kind({"qwen.tiktoken"}) == TokenizerKind::Tiktoken);
    CHECK(kind({"tiktoken.model"}) == TokenizerKind::Tiktoken);
    CHECK(kind({".tiktoken"}) == TokenizerKind::None);
    CHECK(kind({"vocab.txt", "tekken.json"}) == TokenizerKind::Tekken);
    CHECK(kind({"vocab.txt"}) == TokenizerKind::WordPiece);
    CHECK(choose_tokenizer_files(Names{"spiece.model", "tokenizer.model", "a.tiktoken"}, "").files == Names{"tokenizer.model"});
    CHECK(choose_tokenizer_files(Names{"b.tiktoken", "a.tiktoken"}, "").files == Names{"a.tiktoken"});
    CHECK(id_of(TokenizerKind::ByteLevel) == "byte_level_bpe");
}

TEST_CASE("a tokenizer's class is named by three files in turn") {
    const JsonValue none;
    CHECK(tokenizer_class(json(R"({"tokenizer_class": "LlamaTokenizerFast"})"), json(R"({"model_type": "gpt2"})")) ==
          "LlamaTokenizer");
    CHECK(tokenizer_class(json("{}"), json(R"({"tokenizer_class": "BertTokenizer", "model_type": "gpt2"})")) ==
          "BertTokenizer");
    CHECK(tokenizer_class(none, json(R"({"model_type": "gpt2"})")) == "GPT2Tokenizer");
    CHECK(tokenizer_class(none, json(R"({"model_type": "unheard_of"})")).empty());
    CHECK(tokenizer_class(none, none).empty());
}

TEST_CASE("chat templates have names, those that are files and those in JSON") {
    CHECK(chat_templates_of_files(Names{"config.json", "chat_template.json"}).empty());
    CHECK(chat_templates_of_files(Names{"chat_template.jinja", "additional_chat_templates/tool_use.jinja",
                                        "additional_chat_templates/notes.md", "additional_chat_templates/deep/er.jinja",
                                        "additional_chat_templates/.jinja"}) == Names{"default", "tool_use"});
    CHECK(chat_templates_of(json("{}"), "f")->empty());
    CHECK(chat_templates_of(json(R"({"chat_template": null})"), "f")->empty());
    CHECK(*chat_templates_of(json(R"({"chat_template": "x"})"), "f") == TemplateTexts{{"default", "x"}});
    CHECK(*chat_templates_of(json(R"({"chat_template": [{"name": "rag", "template": "y"}]})"), "f") ==
          TemplateTexts{{"rag", "y"}});
    for (const char *broken :
         {R"({"chat_template": 5})", R"({"chat_template": ["x"]})", R"({"chat_template": [{"name": "x"}]})"}) {
        const auto refused = chat_templates_of(json(broken), "tokenizer_config.json");
        REQUIRE_FALSE(refused.ok());
        CHECK(refused.error().code == ErrorCode::InvalidFile);
        CHECK(refused.error().message.starts_with("tokenizer_config.json: "));
    }
}

}  // namespace millm::engine::test
