// tokenizer.json: opened by the reference library behind its C ABI, then used.
#include "core/engine/tokenizer/hub_tokenizer.h"

#include "tests/fuzz/fuzz.h"

namespace millm::fuzz {

namespace {

using namespace engine;

void run(const Bytes &input) {
    const auto opened = HubTokenizer::open(input, {});
    if (!opened) return;
    const Tokenizer &tokenizer = **opened;
    for (const char *text : {"", "Hello, world 12 <s>", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n\t  \xe3\x81\x82"}) {
        const auto ids = tokenizer.encode(text, true);
        if (!ids) continue;
        (void)tokenizer.decode(*ids, true);
        const auto stream = tokenizer.stream(false);
        for (const std::int32_t id : *ids) {
            (void)stream->push(id);
            (void)tokenizer.token_bytes(id);
        }
        (void)stream->finish();
    }
    for (const std::int32_t id : {-1, 0, 1, 5, 1 << 30}) (void)tokenizer.token(id);
    (void)tokenizer.decode(std::vector<std::int32_t>{0, 1, 2, 3, 1 << 30}, false);
}

constexpr const char *small[] = {
    R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[{"id":5,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"\u2581"},{"type":"Replace","pattern":{"String":" "},"content":"\u2581"}]},"pre_tokenizer":null,"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":1}}],"special_tokens":{"<s>":{"id":"<s>","ids":[5],"tokens":["<s>"]}}},"decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"\u2581"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},"model":{"type":"BPE","dropout":null,"unk_token":"a","continuing_subword_prefix":null,"end_of_word_suffix":null,"fuse_unk":true,"byte_fallback":true,"ignore_merges":false,"vocab":{"a":0,"b":1,"l":2,"o":3,"lo":4,"<0x0A>":6},"merges":[["l","o"]]}})", R"({"version":"1.0","added_tokens":[],"normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true},"pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":{"type":"BertProcessing","sep":["[SEP]",1],"cls":["[CLS]",0]},"decoder":{"type":"WordPiece","prefix":"##","cleanup":true},"model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"[CLS]":0,"[SEP]":1,"[UNK]":2,"hello":3,"##o":4,"w":5}}})", R"({"version":"1.0","added_tokens":[],"normalizer":{"type":"Sequence","normalizers":[{"type":"NFKC"},{"type":"Strip","strip_left":true,"strip_right":true},{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}]},"pre_tokenizer":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},"post_processor":null,"decoder":{"type":"Metaspace","replacement":"\u2581","prepend_scheme":"always","split":true},"model":{"type":"Unigram","unk_id":0,"byte_fallback":false,"vocab":[["<unk>",0.0],["\u2581",-2.0],["H",-3.5],["e",-3.0],["l",-2.5],["o",-2.6],["lo",-2.1]]}})",
    R"({"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"},"behavior":"Isolated","invert":false},{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]},"post_processor":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,"use_regex":true},"decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},"model":{"type":"BPE","vocab":{"H":0,"e":1,"l":2,"o":3,"\u0120":4,"lo":5},"merges":["l o"]}})",
    R"({"version":"1.0","added_tokens":[],"normalizer":null,"pre_tokenizer":{"type":"Whitespace"},"post_processor":{"type":"RobertaProcessing","sep":["b",1],"cls":["a",0],"trim_offsets":true,"add_prefix_space":false},"decoder":{"type":"CTC","pad_token":"a","word_delimiter_token":"b","cleanup":true},"model":{"type":"WordLevel","unk_token":"c","vocab":{"a":0,"b":1,"c":2,"Hello":3}}})"};

std::vector<Bytes> seeds() {
    return {std::begin(small), std::end(small)};
}

}  // namespace

const Target target{seeds, run, mutate_json};

}  // namespace millm::fuzz
