// Answers held to a grammar.
#include "tests/core/engine/runtime/chain_model.h"
#include "tests/core/engine/runtime/support.h"

#include <doctest/doctest.h>

#include <regex>

namespace millm::engine::test {

namespace {

struct HeldAnswer {
    std::string text;
    std::vector<std::int32_t> tokens;
    FinishReason finish = FinishReason::None;
    std::optional<Error> error;
    double mask_microseconds = 0;
};

std::vector<HeldAnswer> run_held(LanguageModel &model, const std::vector<SequenceRequest> &requests) {
    std::vector<HeldAnswer> all(requests.size());
    run_all(model, requests, [&](std::size_t place, const SequenceUpdate &update) {
        HeldAnswer &told = all[place];
        told.text += update.text;
        for (const GeneratedToken &token : update.tokens) told.tokens.push_back(token.id);
        told.finish = update.finish;
        told.error = update.error;
        told.mask_microseconds += update.mask_microseconds;
    });
    return all;
}

std::shared_ptr<const CompiledGrammar> compiled(const LanguageModel &model, const Grammar &grammar) {
    auto result = model.compile(grammar);
    INFO(grammar.text);
    REQUIRE_MESSAGE(result.ok(), (result ? "" : result.error().message));
    return *result;
}

SequenceRequest held_request(const LanguageModel &model, const Grammar &grammar, std::uint64_t seed,
                             std::int64_t tokens = 300) {
    SequenceRequest request;
    request.prompt = *model.tokenizer().encode("Once upon a time there was", true);
    request.sampling.temperature = seed == 0 ? 0 : 1.5;
    request.sampling.seed = seed;
    request.stop.max_new_tokens = tokens;
    request.grammar = compiled(model, grammar);
    return request;
}

/// What a chain answers to "t".
HeldAnswer behind_t(const ChainModel &chain, const Grammar &grammar) {
    const TemporaryFolder folder;
    chain.save(folder.path());
    const auto model = load(folder.path());
    SequenceRequest request = greedy({'t'}, 40);
    request.stop.ignore_eos = false;
    request.grammar = compiled(*model, grammar);
    return run_held(*model, {request})[0];
}

/// Blanks without end are JSON too, and small models lose themselves in them.
const char *const person =
    R"({"x-guidance": {"whitespace_flexible": false, "item_separator": ", ", "key_separator": ": "}, "type": "object", "additionalProperties": false, "required": ["name", "age", "tags", "kind"],
    "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 12}, "age": {"type": "integer", "minimum": 0, "maximum": 120},
    "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}, "maxItems": 3}, "kind": {"enum": ["cat", "dog", null]}},
    "$defs": {"tag": {"type": "string", "pattern": "^[a-z]{2,5}$"}}})";

}  // namespace

TEST_CASE("an answer is the JSON that its schema describes, members in the schema's order") {
    const auto model = load(sample_model());
    std::vector<SequenceRequest> requests;
    for (std::uint64_t seed = 0; seed < 16; ++seed)
        requests.push_back(held_request(*model, {Grammar::Kind::JsonSchema, person}, seed));
    for (const HeldAnswer &told : run_held(*model, requests)) {
        INFO(told.text);
        REQUIRE_FALSE(told.error);
        CHECK(told.mask_microseconds > 0);
        CHECK(told.finish == FinishReason::Stop);
        const auto value = nlohmann::ordered_json::parse(told.text);
        std::vector<std::string> keys;
        for (const auto &[key, member] : value.items()) keys.push_back(key);
        CHECK(keys == std::vector<std::string>{"name", "age", "tags", "kind"});
        CHECK(value["name"].get<std::string>().size() >= 1);
        CHECK(value["age"].get<int>() >= 0);
        CHECK(value["age"].get<int>() <= 120);
        CHECK(value["tags"].size() <= 3);
        for (const auto &tag : value["tags"]) CHECK(std::regex_match(tag.get<std::string>(), std::regex("[a-z]{2,5}")));
        CHECK((value["kind"].is_null() || value["kind"] == "cat" || value["kind"] == "dog"));
    }
}

TEST_CASE("an answer is the whole of a regular expression, or of a Lark grammar") {
    const auto model = load(sample_model());
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
        const HeldAnswer code =
            run_held(*model, {held_request(*model, {Grammar::Kind::Regex, R"([a-c]{3}/\d{2,4}(é|ß))"}, seed)})[0];
        CHECK(code.finish == FinishReason::Stop);
        CHECK_MESSAGE(std::regex_match(code.text, std::regex("[a-c]{3}/[0-9]{2,4}(é|ß)")), code.text);
        const HeldAnswer sum = run_held(
            *model,
            {held_request(*model, {Grammar::Kind::Lark, "start: N (OP N){1,3} \"=\"\nN: /[1-9][0-9]?/\nOP: \"+\" | \"-\"\n"},
                          seed)})[0];
        CHECK(sum.finish == FinishReason::Stop);
        CHECK_MESSAGE(std::regex_match(sum.text, std::regex("[1-9][0-9]?([+-][1-9][0-9]?){1,3}=")), sum.text);
    }
}

TEST_CASE("what a grammar holds is the same alone and in company, and nobody beside it is held") {
    const auto model = load(sample_model());
    SequenceRequest free = held_request(*model, {Grammar::Kind::Regex, "x"}, 0, 24);
    free.grammar = nullptr;
    std::vector<SequenceRequest> all{free};
    for (std::uint64_t seed = 1; seed < 5; ++seed)
        all.push_back(held_request(*model, {Grammar::Kind::JsonSchema, person}, seed, 60));
    all.push_back(free);
    const auto together = run_held(*model, all);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(run_held(*model, {all[i]})[0].tokens == together[i].tokens);
}

TEST_CASE("a limit cuts what a grammar would go on with, and a grammar ends without an end token") {
    const auto model = load(sample_model());
    const HeldAnswer cut = run_held(*model, {held_request(*model, {Grammar::Kind::Regex, "(abc){50}"}, 0, 5)})[0];
    CHECK(cut.finish == FinishReason::Length);
    CHECK(cut.tokens.size() == 5);
    SequenceRequest endless = held_request(*model, {Grammar::Kind::Regex, "yes|no"}, 0);
    endless.stop.ignore_eos = true;
    const HeldAnswer ended = run_held(*model, {endless})[0];
    CHECK(ended.finish == FinishReason::Stop);
    CHECK((ended.text == "yes" || ended.text == "no"));
}

TEST_CASE("reasoning is free, and the answer behind it is held") {
    ChainModel chain({"</think>"});
    chain.write({'t', 'h', 'e', 'n', ChainModel::first_word, ChainModel::eos});
    const HeldAnswer told = behind_t(chain, {Grammar::Kind::Regex, "[0-9]{4}", "</think>"});
    CHECK_MESSAGE(std::regex_match(told.text, std::regex("hen</think>[ \\n\\r\\t]{0,4}[0-9]{4}")), told.text);
    CHECK(told.finish == FinishReason::Stop);
}

TEST_CASE("a grammar of its own lets a thought stand in front, up to the first mark that closes it") {
    ChainModel chain({"<think>", "</think>"});
    chain.write({'t', ChainModel::first_word, 'h', 'e', ChainModel::first_word + 1, 'n', ChainModel::eos});
    const HeldAnswer told = behind_t(
        chain, {Grammar::Kind::Lark,
                "start: reasoning? answer\nreasoning: \"<think>\" thought BLANKS?\nthought[lazy]: /(?s:.*)<\\/think>/\n"
                "BLANKS: /[ \\n]{1,4}/\nanswer: %json {\"x-guidance\": {\"whitespace_flexible\": false}, \"enum\": [17]}\n"});
    CHECK_MESSAGE(std::regex_match(told.text, std::regex("<think>he</think>[ \\n]{0,4}17")), told.text);
    CHECK(told.finish == FinishReason::Stop);
}

TEST_CASE("no stop token comes before the least number of tokens") {
    ChainModel chain;
    chain.write_text("hi");
    const TemporaryFolder folder;
    chain.save(folder.path());
    const auto model = load(folder.path());
    SequenceRequest request = greedy({'h'}, 12);
    request.stop.ignore_eos = false;
    CHECK(run_held(*model, {request})[0].tokens.size() == 2);
    request.stop.min_new_tokens = 7;
    CHECK(run_held(*model, {request})[0].tokens.size() >= 7);
}

TEST_CASE("what is no grammar is refused with the reason") {
    const auto model = load(sample_model());
    std::string deep;
    for (int i = 0; i < 3000; ++i) deep += '(';
    std::string chain_of_rules = "start: a0\n";
    for (int i = 0; i < 20000; ++i) chain_of_rules += "a" + std::to_string(i) + ": a" + std::to_string(i + 1) + "\n";
    chain_of_rules += "a20000: \"x\"\n";
    std::string chain_of_terminals = "start: A0\n";
    for (int i = 0; i < 20000; ++i) chain_of_terminals += "A" + std::to_string(i) + ": A" + std::to_string(i + 1) + " \"y\"\n";
    chain_of_terminals += "A20000: \"x\"\n";
    std::string nested = "{}";
    for (int i = 0; i < 100; ++i) nested = R"({"type": "array", "items": )" + nested + "}";
    for (const Grammar &wrong : std::vector<Grammar>{
             {Grammar::Kind::JsonSchema, "{"},
             {Grammar::Kind::JsonSchema, R"({"type": "nothing"})"},
             {Grammar::Kind::JsonSchema, R"({"$ref": "#/$defs/none"})"},
             {Grammar::Kind::JsonSchema, R"({"type": "string", "pattern": "("})"},
             {Grammar::Kind::JsonSchema, R"({"const": -9223372036854775807})"},
             {Grammar::Kind::JsonSchema, R"({"type": "integer", "minimum": -1e300})"},
             {Grammar::Kind::JsonSchema, R"({"enum": [1, 18446744073709551615]})"},
             {Grammar::Kind::Lark, R"(start: "a" %json {"minimum": -9223372036854775808, "type": "integer"} "b")"},
             {Grammar::Kind::Regex, "("},
             {Grammar::Kind::Regex, deep},
             {Grammar::Kind::Lark, "begin: \"x\""},
             {Grammar::Kind::Lark, "start: unknown"},
             {Grammar::Kind::Lark, "start: " + deep},
             {Grammar::Kind::Lark, "start: A\nA: A \"x\""},
             {Grammar::Kind::Lark, chain_of_terminals},
             {Grammar::Kind::Regex, std::string(2 << 20, 'a')}}) {
        INFO(wrong.text.substr(0, 60));
        const auto result = model->compile(wrong);
        REQUIRE_FALSE(result.ok());
        CHECK(result.error().code == ErrorCode::InvalidArgument);
        CHECK_FALSE(result.error().message.empty());
    }
    // And these only look so.
    for (const Grammar &odd : std::vector<Grammar>{{Grammar::Kind::JsonSchema, nested},
                                                   {Grammar::Kind::Lark, "start: start"},
                                                   {Grammar::Kind::Regex, "(((((a{100}){100}){100}){100}){100})"},
                                                   {Grammar::Kind::JsonSchema, R"({"$ref": "#"})"},
                                                   {Grammar::Kind::Lark, chain_of_rules}}) {
        const auto result = model->compile(odd);
        if (!result) CHECK(result.error().code == ErrorCode::InvalidArgument);
    }
}

}  // namespace millm::engine::test
