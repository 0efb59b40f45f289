// A vocabulary alone: the first byte says which class uses the rest, a SentencePiece model, a list of tiktoken's ranks or
// words.
#include "core/engine/tokenizer/open.h"

#include "core/engine/tokenizer/protobuf.h"
#include "tests/fuzz/fuzz.h"

#include <array>

namespace millm::fuzz {

namespace {

using namespace engine;
namespace fs = std::filesystem;

struct Use {
    const char *file, *tokenizer_class;
};
constexpr std::array uses{Use{"tokenizer.model", "LlamaTokenizer"},
                          Use{"tokenizer.model", "GemmaTokenizer"},
                          Use{"tokenizer.model", "Other"},
                          Use{"spiece.model", "T5Tokenizer"},
                          Use{"spiece.model", "AlbertTokenizer"},
                          Use{"sentencepiece.bpe.model", "XLMRobertaTokenizer"},
                          Use{"sentencepiece.bpe.model", "CamembertTokenizer"},
                          Use{"tiktoken.model", "TikTokenTokenizer"},
                          Use{"qwen.tiktoken", "QWenTokenizer"},
                          Use{"hy.tiktoken", "HYTokenizer"},
                          Use{"tokenizer.model", "ChatGLM4Tokenizer"},
                          Use{"vocab.txt", "BertTokenizer"},
                          Use{"tekken.json", "Other"}};
constexpr std::size_t first_rank_use = 7, words_use = 11, tekken_use = 12;

void run(const Bytes &input) {
    if (input.empty()) return;
    const Use &use = uses[static_cast<unsigned char>(input[0]) % uses.size()];
    const fs::path folder = scratch() / "vocabulary";
    fs::remove_all(folder);
    fs::create_directory(folder);
    write(folder / use.file, std::string_view(input).substr(1));
    write(folder / "tokenizer_config.json",
          std::string(R"({"tokenizer_class": ")") + use.tokenizer_class +
              R"(", "legacy": true, "add_bos_token": true, "added_tokens_decoder": {"3": {"content": "[gMASK]"},
                 "4": {"content": "<sop>", "special": true}, "1": {"content": "<renamed>"}}, "extra_special_tokens": ["<x>"]})");
    const auto tokenizer = open_tokenizer(folder);
    if (!tokenizer) return;
    for (const char *text : {"", "Hello, a ab  <s>", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n\t  \xe2\x96\x81"}) {
        const auto ids = (*tokenizer)->encode(text, true);
        if (!ids) continue;
        const auto whole = (*tokenizer)->decode(*ids, false);
        const auto stream = (*tokenizer)->stream(false);
        std::string pieces;
        for (const std::int32_t id : *ids) pieces += stream->push(id);
        pieces += stream->finish();
        if (whole && pieces != *whole) wrong("pieces that are not the whole");
    }
}

Bytes length_and(const Bytes &bytes) {
    Bytes out;
    std::size_t rest = bytes.size();
    for (; rest >= 0x80; rest >>= 7) out.push_back(static_cast<char>(rest | 0x80));
    out.push_back(static_cast<char>(rest));
    return out + bytes;
}

/// A field of bytes, its number below 16.
Bytes field(int number, const Bytes &bytes) {
    return static_cast<char>(number << 3 | 2) + length_and(bytes);
}

/// Changes, leaves out or repeats one of a message's fields, so that the lengths stay right.
Bytes mutate_message(const Bytes &message, Random &random) {
    std::vector<std::pair<int, Bytes>> fields;
    ProtobufReader reader(message);
    while (const auto next = reader.next()) {
        if (const auto bytes = next->text(); bytes && next->number < 16)
            fields.emplace_back(static_cast<int>(next->number), Bytes(*bytes));
    }
    if (fields.empty() || reader.broken()) return mutate_bytes(message, random);
    const std::size_t at = below(fields.size(), random);
    switch (below(8, random)) {
        case 0:
            fields.erase(fields.begin() + static_cast<std::ptrdiff_t>(at));
            break;
        case 1:
            fields.push_back(fields[at]);
            break;
        case 2:
            std::swap(fields[at], fields[below(fields.size(), random)]);
            break;
        default:
            fields[at].second = mutate_bytes(fields[at].second, random);
    }
    Bytes out;
    for (const auto &[number, bytes] : fields) out += field(number, bytes);
    return out;
}

Bytes mutate(const Bytes &input, Random &random) {
    if (input.empty()) return mutate_bytes(input, random);
    const std::size_t use = static_cast<unsigned char>(input[0]) % uses.size();
    const Bytes rest = input.substr(1);
    static constexpr std::array<std::string_view, 8> lines{"YQ== 0\n", "Yg== 1\n", "YWI= ", "=", " ", "\n", "4", "-"};
    const Bytes changed = use == words_use        ? mutate_bytes(rest, random)
                          : use == tekken_use     ? mutate_json(rest, random)
                          : use >= first_rank_use ? mutate_pieces(rest, lines, random)
                                                  : mutate_message(rest, random);
    return input[0] + changed;
}

Bytes piece(const Bytes &text, int kind, char exponent) {
    return field(1, field(1, text) + Bytes{0x15, 0, 0, char(0x80), exponent} + Bytes{0x18, static_cast<char>(kind)});
}

/// A model with the pieces that the classes put around a text.
Bytes model(char algorithm, const Bytes &normalizer) {
    Bytes all = piece("<unk>", 2, 0);
    for (const char *control : {"<s>", "</s>", "[CLS]", "[SEP]", "<bos>", "<eos>"}) all += piece(control, 3, 0);
    for (const char *text : {"\u2581", "a", "b", "l", "H", "e", "o", ",", "ab", "\u2581a", "\u2581ab", "lo"})
        all += piece(text, 1, char(0xbf));
    all += piece("<0x0A>", 6, 0) + piece("ll", 4, 0) + piece("zz", 5, 0);
    return all + field(2, Bytes{0x18, algorithm, char(0x98), 2, 1}) + field(3, normalizer);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (std::size_t use = 0; use < uses.size(); ++use) {
        const char first = static_cast<char>(use);
        if (use == words_use) {
            all.push_back(first + Bytes("[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\n##o\na\nab\n,\n"));
        } else if (use == tekken_use) {
            all.push_back(first +
                          Bytes(R"({"config": {"pattern": "[a-z]+| ", "default_num_special_tokens": 3, "default_vocab_size": 6},
                "vocab": [{"token_bytes": "YQ=="}, {"token_bytes": "Yg=="}, {"token_bytes": "YWI="}, {"token_bytes": "YWE="}],
                "special_tokens": [{"rank": 0, "token_str": "<unk>"}, {"rank": 1, "token_str": "<s>"}]})"));
        } else if (use >= first_rank_use) {
            all.push_back(first + Bytes("YQ== 0\nYg== 1\nYWI= 2\n"));
        } else {
            // The second with a table of characters (one unit, which leads nowhere) and the settings turned round.
            all.push_back(first + model(2, Bytes{0x18, 1, 0x20, 0, 0x28, 1}));
            all.push_back(first + model(1, field(2, Bytes{4, 0, 0, 0, 0, 0, 0, 0, 'x', 0}) + Bytes{0x18, 0, 0x20, 1, 0x28, 0}));
        }
    }
    return all;
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
