// The other files of a tokenizer and the chat template's: the first byte says which one the rest is.
#include "core/engine/tokenizer/open.h"

#include "core/engine/tokenizer/special_tokens.h"
#include "tests/fuzz/fuzz.h"

#include <array>

namespace millm::fuzz {

namespace {

using namespace engine;
namespace fs = std::filesystem;

constexpr std::array files{"tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
                           "chat_template.json",    "chat_template.jinja"};

constexpr std::array<std::string_view, files.size()> usual{
    R"({"tokenizer_class": "GPT2Tokenizer", "eos_token": "<e>", "chat_template": "{{ messages[0].content }}"})",
    R"({"bos_token": {"content": "<s>", "lstrip": false}, "additional_special_tokens": ["<a>", {"content": "<b>"}]})",
    R"({"<e>": 4, "<f>": 5})",
    R"({"a": 0, "b": 1, "ab": 2, "c": 3})",
    "#version: 0.2\na b\n",
    R"({"chat_template": [{"name": "default", "template": "x"}, {"name": "tool_use", "template": "y"}]})",
    "{% for m in messages %}{{ m.role }}{% endfor %}"};

void run(const Bytes &input) {
    if (input.empty()) return;
    const std::size_t which = static_cast<unsigned char>(input[0]) % files.size();
    const fs::path folder = scratch() / "tokenizer";
    fs::create_directory(folder);
    // The template's own file would hide the template that another file holds.
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (i == which)
            write(folder / files[i], std::string_view(input).substr(1));
        else if (i < 5)
            write(folder / files[i], usual[i]);
        else
            fs::remove(folder / files[i]);
    }
    (void)read_special_tokens(folder);
    if (const auto tokenizer = open_tokenizer(folder); tokenizer) {
        const auto ids = (*tokenizer)->encode("ab c <e>", true);
        if (ids) (void)(*tokenizer)->decode(*ids, false);
    }
    if (const auto chat = open_chat_template(folder); chat)
        (void)(*chat)->render(R"({"messages": [{"role": "user", "content": "hi"}], "add_generation_prompt": true})");
}

Bytes mutate(const Bytes &input, Random &random) {
    if (input.empty()) return mutate_bytes(input, random);
    const bool text =
        static_cast<unsigned char>(input[0]) % files.size() == 4 || static_cast<unsigned char>(input[0]) % files.size() == 6;
    return input[0] + (text ? mutate_bytes(input.substr(1), random) : mutate_json(input.substr(1), random));
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (std::size_t i = 0; i < files.size(); ++i) all.push_back(static_cast<char>(i) + std::string(usual[i]));
    for (const Bytes &file : fixture_files("tokenizer_config.json")) all.push_back('\0' + file);
    return all;
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
