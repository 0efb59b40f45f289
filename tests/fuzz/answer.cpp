// What models answer, in pieces: reasoning, calls and content are told apart alike whatever the pieces are.
#include "core/inference/answer_parser.h"

#include "core/engine/input/json.h"
#include "core/engine/input/utf8.h"
#include "tests/fuzz/fuzz.h"

#include <array>

namespace millm::fuzz {

namespace {

constexpr std::array<std::string_view, 34> pieces{"<think>",
                                                  "</think>",
                                                  "<tool_call>",
                                                  "</tool_call>",
                                                  "<function=",
                                                  "</function>",
                                                  "<parameter=",
                                                  "</parameter>",
                                                  "[TOOL_CALLS]",
                                                  "[ARGS]",
                                                  "<|python_tag|>",
                                                  "<｜tool▁calls▁begin｜>",
                                                  "<｜tool▁call▁begin｜>",
                                                  "<｜tool▁sep｜>",
                                                  "<｜tool▁call▁end｜>",
                                                  "<|channel|>",
                                                  "<|message|>",
                                                  "<|end|>",
                                                  "<|call|>",
                                                  "<|start|>",
                                                  "analysis",
                                                  "commentary to=functions.f",
                                                  "final",
                                                  "<arg_key>",
                                                  "</arg_key>",
                                                  "<arg_value>",
                                                  "</arg_value>",
                                                  "{\"name\": \"f\", \"arguments\": {}}",
                                                  "f(a=1)",
                                                  "[",
                                                  "\n",
                                                  "<start_function_call>",
                                                  "<escape>",
                                                  "```json"};

std::string told(std::vector<AnswerPart> parts) {
    std::string all;
    AnswerPart::Kind last = AnswerPart::Kind::Call;
    for (const AnswerPart &part : parts) {
        // Pieces of one kind are one text.
        if (part.kind != last || part.kind == AnswerPart::Kind::Call) all += "|" + std::to_string(static_cast<int>(part.kind));
        all += part.kind == AnswerPart::Kind::Call ? part.call.name + "(" + part.call.arguments + ")" : part.text;
        last = part.kind;
    }
    return all;
}

std::string read(std::string_view text, const AnswerOptions &options, std::size_t size) {
    AnswerParser parser(options);
    std::vector<AnswerPart> parts;
    const auto add = [&](std::vector<AnswerPart> more) {
        for (AnswerPart &part : more) parts.push_back(std::move(part));
    };
    for (std::size_t i = 0; i < text.size(); i += size) add(parser.push(text.substr(i, size)));
    add(parser.finish());
    for (const AnswerPart &part : parts)
        if (part.kind == AnswerPart::Kind::Call && !engine::parse_json_object(part.call.arguments, "arguments"))
            wrong("arguments that are no object");
    return told(std::move(parts));
}

void run(const Bytes &input) {
    if (input.empty()) return;
    static const engine::JsonValue tools = *engine::parse_json(
        R"([{"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": {"type": "string"}}}}}])",
        "tools");
    const auto flags = static_cast<unsigned char>(input[0]);
    AnswerOptions options;
    if ((flags & 1) != 0) options.tools = tools;
    options.reasoning = (flags & 2) == 0;
    options.opens_reasoning = (flags & 4) != 0;
    // The engine hands out whole characters.
    std::string text = input.substr(1);
    for (std::size_t at = 0; (at += engine::valid_utf8_bytes(std::string_view(text).substr(at))) < text.size(); ++at)
        text[at] = '?';
    const std::string whole = read(text, options, text.size() + 1);
    for (const std::size_t size : {1, 5})
        if (read(text, options, size) != whole) wrong("other parts in other pieces");
}

Bytes mutate(const Bytes &input, Random &random) {
    return input.empty() ? mutate_bytes(input, random) : input[0] + mutate_pieces(input.substr(1), pieces, random);
}

std::vector<Bytes> seeds() {
    std::vector<Bytes> all;
    for (const char flags : {0, 1, 5})
        for (const char *text :
             {"<think>a</think>\n\nb", "x <tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"1\"}}</tool_call>",
              "<tool_call><function=f><parameter=a>1</parameter></function></tool_call>", "[f(a='1')]",
              "<|channel|>analysis<|message|>t<|end|><|start|>assistant<|channel|>final<|message|>u<|return|>"})
            all.push_back(std::string(1, flags) + text);
    return all;
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
