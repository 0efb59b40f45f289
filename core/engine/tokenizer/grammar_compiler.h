#pragma once

#include "core/engine/generation/grammar.h"
#include "core/engine/tokenizer/tokenizer.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

struct MillmVocabulary;

namespace millm::engine {

/// Compiles grammars over a model's tokens, by the crate llguidance, and keeps the last ones: agents send the same again and
/// again. Any thread.
class GrammarCompiler {
public:
    /// `vocab`: logits of a row. `ends`: tokens that end an answer and never are part of its text. `tokenizer` outlives this.
    GrammarCompiler(const Tokenizer &tokenizer, std::int64_t vocab, std::vector<std::int32_t> ends);
    ~GrammarCompiler();

    /// InvalidArgument with the library's words where it is no grammar, or one that is too large.
    Result<std::shared_ptr<const CompiledGrammar>> compile(const Grammar &grammar);

private:
    Result<void> open_vocabulary();

    const Tokenizer &tokenizer_;
    const std::int64_t vocab_;
    const std::vector<std::int32_t> ends_;
    std::mutex mutex_;
    MillmVocabulary *vocabulary_ = nullptr;  ///< made when the first grammar comes
    std::deque<std::pair<Grammar, std::shared_ptr<const CompiledGrammar>>> recent_;
};

}  // namespace millm::engine
