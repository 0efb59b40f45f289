#include "core/engine/tokenizer/byte_level_classes.h"

#include "core/engine/tokenizer/split_patterns.h"

#include <algorithm>
#include <array>

namespace millm::engine {

namespace {

constexpr const char *end_of_text = "<|endoftext|>";
// Append a row.
constexpr std::array byte_level_classes{
    ByteLevelClass{"GPT2Tokenizer", nullptr, nullptr, end_of_text, end_of_text, end_of_text, nullptr, false},
    ByteLevelClass{"CodeGenTokenizer", nullptr, nullptr, end_of_text, end_of_text, end_of_text, nullptr, false},
    ByteLevelClass{"GPTNeoXTokenizer", "NFC", nullptr, end_of_text, end_of_text, end_of_text, "<|padding|>", false},
    ByteLevelClass{"Qwen2Tokenizer", "NFC", qwen2_pattern, end_of_text, nullptr, end_of_text, end_of_text, false},
    ByteLevelClass{"Qwen3_5Tokenizer", "NFC", qwen3_5_pattern, end_of_text, nullptr, end_of_text, end_of_text, false},
    ByteLevelClass{"RobertaTokenizer", nullptr, nullptr, "<unk>", "<s>", "</s>", "<pad>", true},
    ByteLevelClass{"BartTokenizer", nullptr, nullptr, "<unk>", "<s>", "</s>", "<pad>", true},
    ByteLevelClass{"LongformerTokenizer", nullptr, nullptr, "<unk>", "<s>", "</s>", "<pad>", true},
};

}  // namespace

const ByteLevelClass *byte_level_class(std::string_view name) {
    const auto row = std::ranges::find(byte_level_classes, name, &ByteLevelClass::name);
    return row == byte_level_classes.end() ? nullptr : &*row;
}

}  // namespace millm::engine
