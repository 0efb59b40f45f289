#include "core/engine/tokenizer/sentencepiece_tokenizer.h"

#include "core/engine/tokenizer/sentencepiece_parts.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace millm::engine {

namespace {

/// How a class uses a file; with the algorithm that it is made for. Append a row.
struct SentencePieceClass {
    std::string_view name;
    SentencePieceModel::Algorithm algorithm;
    sentencepiece::Maker *make;
};
constexpr std::array sentencepiece_classes{
    SentencePieceClass{"LlamaTokenizer", SentencePieceModel::Algorithm::Bpe, sentencepiece::as_llama},
    SentencePieceClass{"CodeLlamaTokenizer", SentencePieceModel::Algorithm::Bpe, sentencepiece::as_llama},
    SentencePieceClass{"GemmaTokenizer", SentencePieceModel::Algorithm::Bpe, sentencepiece::as_gemma},
    SentencePieceClass{"T5Tokenizer", SentencePieceModel::Algorithm::Unigram, sentencepiece::as_t5},
    SentencePieceClass{"XLMRobertaTokenizer", SentencePieceModel::Algorithm::Unigram, sentencepiece::as_xlm_roberta},
    SentencePieceClass{"XGLMTokenizer", SentencePieceModel::Algorithm::Unigram, sentencepiece::as_xglm},
    SentencePieceClass{"CamembertTokenizer", SentencePieceModel::Algorithm::Unigram, sentencepiece::as_camembert},
    SentencePieceClass{"AlbertTokenizer", SentencePieceModel::Algorithm::Unigram, sentencepiece::as_albert},
};

}  // namespace

Result<std::string> sentencepiece_tokenizer(const SentencePieceModel &model, const TokenizerSetup &setup) {
    if (model.algorithm == SentencePieceModel::Algorithm::Word)
        return Error{ErrorCode::Unsupported, "the SentencePiece model's pieces are whole words, which is not supported"};
    const auto row = std::find_if(
        sentencepiece_classes.begin(), sentencepiece_classes.end(),
        [&](const SentencePieceClass &known) { return known.name == setup.class_name && known.algorithm == model.algorithm; });
    MadeTokenizer made;
    const bool own = row == sentencepiece_classes.end() || setup.class_misnamed;
    if (auto done = own ? sentencepiece::as_the_file_says(model, setup, made) : row->make(model, setup, made); !done)
        return std::move(done).error();
    return made.text();
}

}  // namespace millm::engine
