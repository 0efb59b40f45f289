#include "core/engine/tokenizer/tiktoken_tokenizer.h"

#include "core/engine/tokenizer/base64.h"
#include "core/engine/tokenizer/ranked_tokens.h"
#include "core/engine/tokenizer/split_patterns.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_set>

namespace millm::engine {

namespace {

/// How a class of tokenizers uses a list of ranks. Append a row.
struct TiktokenClass {
    std::string_view name;
    const char *pattern;
    bool nfc = false;
    bool counts_lines = false;  ///< a token's id is the number of tokens before it, the file's is not looked at
    int reserved = 0;           ///< ids behind the ranks that always are tokens
    std::array<const char *, 5> first_special{};  ///< the tokens behind the ranks
    int extra = 0;                                ///< then <|extra_0|> and so on
    std::array<const char *, 2> before{};         ///< around a text: tokens that always come first
};
constexpr std::array tiktoken_classes{
    TiktokenClass{.name = "QWenTokenizer",
                  .pattern = qwen2_pattern,
                  .nfc = true,
                  .first_special = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"},
                  .extra = 205},
    TiktokenClass{.name = "HYTokenizer",
                  .pattern = qwen2_pattern,
                  .nfc = true,
                  .counts_lines = true,
                  .first_special = {"<|endoftext|>", "<|startoftext|>", "<|bos|>", "<|eos|>", "<|pad|>"},
                  .extra = 205},
    TiktokenClass{.name = "TikTokenTokenizer", .pattern = kimi_pattern, .reserved = 256},
    TiktokenClass{.name = "ChatGLM4Tokenizer", .pattern = llama3_pattern, .before = {"[gMASK]", "<sop>"}},
};
constexpr TiktokenClass usual_tiktoken_class{.name = "", .pattern = llama3_pattern};

const TiktokenClass &tiktoken_class(std::string_view name) {
    const auto row = std::find_if(tiktoken_classes.begin(), tiktoken_classes.end(),
                                  [&](const TiktokenClass &known) { return known.name == name; });
    return row == tiktoken_classes.end() ? usual_tiktoken_class : *row;
}

struct RankedToken {
    std::string bytes;
    std::int64_t rank = 0;
};

constexpr std::string_view line_blanks = " \t\v\f";

/// A line's token and rank; nothing where it is no such line.
std::optional<RankedToken> ranked_token(std::string_view line) {
    const std::size_t end = line.find_first_of(line_blanks);
    const std::size_t begin = line.find_first_not_of(line_blanks, end);
    if (end == std::string_view::npos || begin == std::string_view::npos) return std::nullopt;
    auto bytes = bytes_of_base64(line.substr(0, end));
    if (!bytes || bytes->empty()) return std::nullopt;
    RankedToken token{std::move(*bytes), 0};
    const std::string_view number = line.substr(begin);
    const auto [after, error] = std::from_chars(number.data(), number.data() + number.size(), token.rank);
    if (error != std::errc() || after != number.data() + number.size()) return std::nullopt;
    return token;
}

/// The next line that is not blank, without blanks around it; nothing at the end.
std::optional<std::string_view> next_line(std::string_view &rest, std::size_t &number) {
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
        std::string_view line = rest.substr(0, end);
        number += end < rest.size() && rest[end] == '\n' ? 1 : 0;
        rest.remove_prefix(std::min(end + 1, rest.size()));
        line.remove_prefix(std::min(line.find_first_not_of(line_blanks), line.size()));
        line.remove_suffix(line.size() - std::min(line.find_last_not_of(line_blanks) + 1, line.size()));
        if (!line.empty()) return line;
    }
    return std::nullopt;
}

/// The tokens by their ranks.
Result<std::vector<std::string>> tokens_of(std::string_view file, bool counts_lines) {
    std::unordered_map<std::string, std::int64_t> ranks;
    std::size_t number = 0;
    while (const auto line = next_line(file, number)) {
        auto token = ranked_token(*line);
        if (!token || ranks.size() == most_ranks)
            return Error{ErrorCode::InvalidFile, "the list of ranks: line " + std::to_string(number) +
                                                     (token ? " is one too many" : " is no token in base64 with its rank")};
        if (counts_lines)
            ranks.try_emplace(std::move(token->bytes), std::int64_t(ranks.size()));
        else
            ranks[std::move(token->bytes)] = token->rank;
    }
    std::vector<std::string> tokens(ranks.size());
    for (const auto &[bytes, rank] : ranks) {
        if (rank < 0 || std::uint64_t(rank) >= tokens.size() || !tokens[std::size_t(rank)].empty())
            return Error{ErrorCode::InvalidFile, "the list of ranks: of " + std::to_string(tokens.size()) +
                                                     " tokens one has the rank " + std::to_string(rank) +
                                                     ", which another one has or which is past their number"};
        tokens[std::size_t(rank)] = bytes;
    }
    if (tokens.empty()) return Error{ErrorCode::InvalidFile, "the list of ranks is empty"};
    return tokens;
}

/// The tokens that stand behind the ranks: what the configuration names, and what the class has where it names nothing.
std::vector<ConfiguredToken> tokens_behind(const TokenIds &ranked, const TiktokenClass &known, const TokenizerSetup &setup) {
    std::vector<std::string> own;
    for (const char *token : known.first_special)
        if (token) own.emplace_back(token);
    for (int i = 0; i < known.extra; ++i) own.push_back("<|extra_" + std::to_string(i) + "|>");
    const std::int64_t base = ranked.count();
    std::int64_t end = base + std::max(std::int64_t(known.reserved), std::int64_t(own.size()));
    for (const ConfiguredToken &token : setup.special.tokens)
        if (token.id >= end && token.id < base + most_named_tokens) end = token.id + 1;

    std::vector<ConfiguredToken> tokens(std::size_t(end - base));
    for (std::size_t i = 0; i < own.size(); ++i) tokens[i].content = own[i];
    for (auto &token : tokens) token.special = true;
    for (const ConfiguredToken &token : setup.special.tokens)
        if (token.id >= base && token.id < end) tokens[std::size_t(token.id - base)] = token;
    // Each id has a name of its own, so that the next ones keep theirs.
    std::unordered_set<std::string> names;
    for (std::int64_t id = base; id < end; ++id) {
        auto &token = tokens[std::size_t(id - base)];
        token.id = id;
        if (token.content.empty() || ranked.of(token.content) >= 0 || names.contains(token.content))
            token.content = "<|reserved_token_" + std::to_string(id) + "|>";
        names.insert(token.content);
    }
    return tokens;
}

}  // namespace

bool is_tiktoken_file(std::string_view bytes) {
    std::size_t number = 0;
    bytes = bytes.substr(0, 64 * 1024);
    const auto line = next_line(bytes, number);
    return line && ranked_token(*line);
}

Result<std::string> tiktoken_tokenizer(std::string_view file, const TokenizerSetup &setup) {
    const TiktokenClass &known = tiktoken_class(setup.class_name);
    auto tokens = tokens_of(file, known.counts_lines);
    if (!tokens) return std::move(tokens).error();
    MadeTokenizer made;
    if (auto done = become_ranks(made, {}, *tokens); !done) return std::move(done).error();
    if (known.nfc) made.normalizer = json_part::of_type("NFC");
    split_by(made, known.pattern);
    made.add(tokens_behind(made.ids, known, setup));
    made.add(setup.special.tokens, MadeTokenizer::Unnumbered::Append);
    std::vector<std::string> before;
    for (const char *token : known.before)
        if (token) before.emplace_back(token);
    const auto surrounded = before.empty() ? made.surround_as_configured(setup, nullptr, nullptr) : made.surround(before, {});
    if (!surrounded) return surrounded.error();
    return made.text();
}

}  // namespace millm::engine
