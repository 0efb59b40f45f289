#include "core/engine/tokenizer/open.h"

#include "core/engine/input/json.h"
#include "core/engine/input/regular_file.h"
#include "core/engine/tokenizer/byte_level_tokenizer.h"
#include "core/engine/tokenizer/hub_tokenizer.h"
#include "core/engine/tokenizer/sentencepiece_tokenizer.h"
#include "core/engine/tokenizer/special_tokens.h"
#include "core/engine/tokenizer/tekken_tokenizer.h"
#include "core/engine/tokenizer/template/chat_template.h"
#include "core/engine/tokenizer/text_files.h"
#include "core/engine/tokenizer/tiktoken_tokenizer.h"
#include "core/engine/tokenizer/word_piece_tokenizer.h"

#include <system_error>
#include <vector>

namespace millm::engine {

namespace {

constexpr std::uint64_t tokenizer_limit = 1u << 30;
constexpr std::uint64_t vocabulary_limit = 256u << 20;

std::vector<std::string> names_in(const std::filesystem::path &folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        names.push_back(entry->path().filename().string());
    return names;
}

Error in_file(const std::string &name, Error error) {
    error.message = name + ": " + error.message;
    return error;
}

Result<std::string> tokenizer_of_model_file(std::string_view bytes, const TokenizerSetup &setup) {
    if (is_tiktoken_file(bytes)) return tiktoken_tokenizer(bytes, setup);
    const auto model = SentencePieceModel::parse(bytes);
    if (!model) return model.error();
    return sentencepiece_tokenizer(*model, setup);
}

/// The text of a tokenizer.json made of what a repository has in its place.
Result<std::string> made_of_vocabulary(const std::filesystem::path &folder) {
    const auto setup = TokenizerSetup::read(folder);
    if (!setup) return setup.error();
    const TokenizerFiles chosen = choose_tokenizer_files(names_in(folder), setup->class_name);
    switch (chosen.kind) {
        case TokenizerKind::ByteLevel:
            return byte_level_tokenizer(folder, *setup);
        case TokenizerKind::SentencePiece:
        case TokenizerKind::Tiktoken: {
            const std::string &name = chosen.files.front();
            const auto file = read_regular_file(folder / name, vocabulary_limit);
            if (!file) return file.error();
            if (!*file) break;
            auto made = tokenizer_of_model_file(**file, *setup);
            if (!made) return in_file(name, std::move(made).error());
            return made;
        }
        case TokenizerKind::Tekken: {
            const auto tekken = read_json_object(folder / "tekken.json", long_list_limits);
            if (!tekken) return tekken.error();
            if (!*tekken) break;
            return tekken_tokenizer(**tekken, *setup);
        }
        case TokenizerKind::WordPiece: {
            const auto words = read_regular_file(folder / "vocab.txt", vocabulary_limit);
            if (!words) return words.error();
            if (!*words) break;
            return word_piece_tokenizer(**words, *setup);
        }
        case TokenizerKind::TokenizerJson:  // was looked for before
        case TokenizerKind::None:
            break;
    }
    return Error{ErrorCode::Io, "the repository has no tokenizer.json"};
}

}  // namespace

Result<std::unique_ptr<Tokenizer>> open_tokenizer(const std::filesystem::path &folder) {
    auto file = read_regular_file(folder / "tokenizer.json", tokenizer_limit);
    if (!file) return std::move(file).error();
    if (!*file) {
        const auto made = made_of_vocabulary(folder);
        if (!made) return made.error();
        // What the other files say about tokens is in it already.
        return HubTokenizer::open(*made, {}, "what the vocabulary makes");
    }
    const auto special = read_special_tokens(folder);
    if (!special) return special.error();
    return HubTokenizer::open(**file, *special);
}

Result<std::unique_ptr<ChatTemplate>> open_chat_template(const std::filesystem::path &folder) {
    return HubChatTemplate::open(folder, jinja::local_time);
}

}  // namespace millm::engine
