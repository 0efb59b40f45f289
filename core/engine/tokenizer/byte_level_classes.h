#pragma once

#include <string_view>

namespace millm::engine {

/// How a class of tokenizers uses a byte-level vocabulary: vocab.json and merges.txt.
struct ByteLevelClass {
    std::string_view name;
    const char *normalizer;  ///< null: none
    const char *pattern;     ///< null: GPT-2's own splitting
    const char *unk, *bos, *eos, *pad;
    bool cls_sep;  ///< cls_token and sep_token always stand around the text
};

/// By transformers' name without "Fast"; null where how it uses them is not known.
const ByteLevelClass *byte_level_class(std::string_view name);

}  // namespace millm::engine
