#include "core/engine/tokenizer/sentencepiece_parts.h"

namespace millm::engine::sentencepiece {

Result<void> as_llama(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    const bool code = setup.class_name == "CodeLlamaTokenizer";
    const auto names = names_of(model);
    auto merges = merges_by_id(names);
    if (!merges) return std::move(merges).error();
    become_bpe(made, names, std::move(*merges), {code ? JsonValue("<unk>") : JsonValue(), true, false});
    const bool prefix = setup.flag("add_prefix_space", true), legacy = !code && setup.flag("legacy", false);
    made.pre_tokenizer = json_part::metaspace(!prefix ? "never" : legacy ? "always" : "first", false);
    made.decoder = piece_decoder(true, prefix || code);
    std::vector<std::pair<const char *, const char *>> own{{"bos_token", "<s>"}, {"eos_token", "</s>"}, {"unk_token", "<unk>"}};
    if (code)
        own.insert(own.end(), {{"prefix_token", "\u2581<PRE>"},
                               {"middle_token", "\u2581<MID>"},
                               {"suffix_token", "\u2581<SUF>"},
                               {"eot_token", "\u2581<EOT>"},
                               {"fill_token", "<FILL_ME>"}});
    made.add_configured(setup, own);
    add_whole_pieces(made, model);
    return made.surround_as_configured(setup, "<s>", "</s>", code);
}

Result<void> as_gemma(const SentencePieceModel &model, const TokenizerSetup &setup, MadeTokenizer &made) {
    const auto names = names_of(model);
    auto merges = merges_by_id(names);
    if (!merges) return std::move(merges).error();
    become_bpe(made, names, std::move(*merges), {setup.named("unk_token", "<unk>").value_or("<unk>"), true, false});
    made.normalizer = json_part::replace_text(" ", blank_mark);
    made.decoder = piece_decoder(true, false);
    made.add_configured(setup, {{"bos_token", "<bos>"},
                                {"eos_token", "<eos>"},
                                {"unk_token", "<unk>"},
                                {"pad_token", "<pad>"},
                                {"mask_token", "<mask>"}});
    add_whole_pieces(made, model);
    return made.surround_as_configured(setup, "<bos>", "<eos>");
}

}  // namespace millm::engine::sentencepiece
