#include "core/engine/tokenizer/open.h"

#include "core/engine/input/regular_file.h"
#include "core/engine/tokenizer/hub_tokenizer.h"
#include "core/engine/tokenizer/special_tokens.h"
#include "core/engine/tokenizer/template/chat_template.h"
#include "core/engine/tokenizer/vocabulary_files.h"

namespace millm::engine {

namespace {
constexpr std::uint64_t tokenizer_limit = 1u << 30;
}

Result<std::unique_ptr<Tokenizer>> open_tokenizer(const std::filesystem::path &folder) {
    auto special = read_special_tokens(folder);
    if (!special) return std::move(special).error();
    auto file = read_regular_file(folder / "tokenizer.json", tokenizer_limit);
    if (!file) return std::move(file).error();
    if (*file) return HubTokenizer::open(**file, *special);
    auto made = tokenizer_json_from_vocabulary(folder);
    if (!made) return std::move(made).error();
    return HubTokenizer::open(*made, *special);
}

Result<std::unique_ptr<ChatTemplate>> open_chat_template(const std::filesystem::path &folder) {
    return HubChatTemplate::open(folder, jinja::local_time);
}

}  // namespace millm::engine
