// Grammars that clients ask for: compiled, and followed wherever they allow a token.
#include "core/engine/tokenizer/grammar_compiler.h"

#include "tests/fuzz/fuzz.h"

#include <array>

namespace millm::fuzz {

namespace {

using engine::Grammar;

/// Bytes, and some words of JSON.
class Letters : public engine::Tokenizer {
public:
    static constexpr std::array<std::string_view, 6> words{"{\"", "\": ", "true", "null", ", \"", "ab"};
    static constexpr std::int32_t end = 256 + static_cast<std::int32_t>(words.size());

    engine::Result<std::vector<std::int32_t>> encode(std::string_view, bool) const override {
        return std::vector<std::int32_t>();
    }
    engine::Result<std::string> decode(std::span<const std::int32_t>, bool) const override { return std::string(); }
    std::unique_ptr<engine::StreamDecoder> stream(bool, std::span<const std::int32_t>) const override { return nullptr; }
    std::size_t vocab_size() const override { return end + 1; }
    std::string token(std::int32_t id) const override { return id == end ? "<end>" : token_bytes(id); }
    std::int32_t id_of(std::string_view) const override { return -1; }
    bool is_special(std::int32_t id) const override { return id == end; }
    std::string token_bytes(std::int32_t id) const override {
        if (id < 256) return std::string(1, static_cast<char>(id));
        return id < end ? std::string(words[static_cast<std::size_t>(id) - 256]) : std::string();
    }
};

void follow(engine::Constraint &constraint, unsigned choice) {
    for (int step = 0; step < 24 && !constraint.ended(); ++step) {
        const auto mask = constraint.mask();
        // A grammar that is too wide says so.
        if (!mask) return;
        std::vector<std::int32_t> allowed;
        for (std::int32_t id = 0; id < Letters::end; ++id)
            if (((*mask)[static_cast<std::size_t>(id) / 32] >> (id % 32) & 1) != 0) allowed.push_back(id);
        if (allowed.empty()) {
            if (!constraint.may_end()) wrong("a grammar that goes nowhere");
            return;
        }
        choice = choice * 1103515245 + 12345;
        if (!constraint.take(allowed[(choice >> 16) % allowed.size()])) wrong("a token was allowed and is not taken");
    }
}

void run(const Bytes &input) {
    if (input.size() < 2) return;
    static const Letters letters;
    static engine::GrammarCompiler compiler(letters, Letters::end + 1, {Letters::end});
    const auto kind = static_cast<Grammar::Kind>(static_cast<unsigned char>(input[0]) % 3);
    const bool behind = (static_cast<unsigned char>(input[0]) & 4) != 0;
    const auto compiled = compiler.compile({kind, input.substr(1), behind ? "</think>" : ""});
    if (!compiled) return;
    auto constraint = (*compiled)->begin();
    if (!constraint) wrong("a grammar that was compiled does not begin");
    follow(**constraint, static_cast<unsigned char>(input[1]));
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    const auto add = [&](char kind, std::string_view text) { all.push_back(Bytes(1, kind) + Bytes(text)); };
    add(0,
        R"({"type": "object", "properties": {"a": {"type": "string", "maxLength": 3}, "b": {"enum": [1, null]}}, "required": ["a"]})");
    add(0,
        R"({"anyOf": [{"type": "integer", "minimum": 3, "maximum": 1e3}, {"$ref": "#/$defs/x"}], "$defs": {"x": {"type": "array", "items": {"$ref": "#/$defs/x"}}}})");
    add(0, R"({"type": "string", "pattern": "^[a-z]+$", "format": "date"})");
    add(0, R"({"allOf": [{"type": "number", "multipleOf": 0.5}], "const": 2, "x-guidance": {"lenient": true}})");
    add(1, R"((a|b){2,5}[^\W\d]*\p{L}+?)");
    add(1, R"((?i)x(?:y(?P<n>z))*$)");
    add(2, "start: a (\",\" a)*\na: /[0-9]+/ | \"(\" start \")\"\n");
    add(2, "start: x[lazy] | %json {\"type\": \"boolean\"}\nx: /.*b/\n%ignore /[ ]+/\n");
    add(6, "start: A{2,4}\nA: \"a\" | \"b\"i | B & ~C\nB: /[a-z]/\nC: \"z\"\n");
    return all;
}

constexpr std::array<std::string_view, 24> pieces{"start: ",
                                                  "\n",
                                                  "a",
                                                  ": ",
                                                  " | ",
                                                  "(",
                                                  ")",
                                                  "*",
                                                  "{2,5}",
                                                  "/[a-z]+/",
                                                  "\"x\"",
                                                  "%json {}",
                                                  "%ignore ",
                                                  "[lazy]",
                                                  "[stop=\"x\"]",
                                                  "~",
                                                  " & ",
                                                  "<[7]>",
                                                  "@a",
                                                  "(?i)",
                                                  "\\p{L}",
                                                  "[^",
                                                  "%regex {\"substring_chars\": \"abc\"}",
                                                  "[capture]"};

Bytes mutate(const Bytes &input, Random &random) {
    if (input.empty()) return mutate_bytes(input, random);
    const Bytes text = input.substr(1);
    const bool json = static_cast<unsigned char>(input[0]) % 3 == 0;
    return input.substr(0, 1) + (json ? mutate_json(text, random) : mutate_pieces(text, pieces, random));
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
