// JSON that clients send: chat and text completions, embeddings, and fields read by hand.
#include "core/server/anthropic/messages_request.h"
#include "core/server/http/json_reader.h"
#include "core/server/ollama/ollama_request.h"
#include "core/server/openai/chat_request.h"
#include "core/server/openai/completion_request.h"
#include "core/server/openai/embedding_request.h"
#include "core/server/openai/responses_request.h"
#include "tests/fuzz/fuzz.h"

#include <QJsonDocument>

namespace millm::fuzz {

namespace {

using namespace Qt::StringLiterals;

void run(const Bytes &input) {
    const QByteArray written(input.data(), qsizetype(input.size()));
    const auto document = QJsonDocument::fromJson(written);
    if (!document.isObject()) return;
    const QJsonObject object = document.object();
    if (const auto chat = openai::readChatRequest(object, written))
        for (int choice = 0; choice < std::min(chat->common.n, 3); ++choice)
            (void)openai::generationFor(chat->common, chat->input, choice);
    if (const auto completion = openai::readCompletionRequest(object, written)) {
        if (completion->prompts.isEmpty()) wrong("a completion of nothing");
        (void)openai::generationFor(completion->common, completion->prompts.first(), 0);
    }
    (void)openai::readResponsesRequest(object, written);
    (void)anthropic::readMessagesRequest(object, written);
    (void)ollama::readChatRequest(object, written);
    (void)ollama::readGenerateRequest(object, true, written);
    if (const auto embeddings = openai::readEmbeddingsRequest(object); embeddings && embeddings->inputs.isEmpty())
        wrong("embeddings of nothing");
    http::JsonReader reader(object);
    (void)reader.string("model"_L1, 100);
    (void)reader.boolean("stream"_L1, false);
    (void)reader.integer("max_tokens"_L1, 1, 1000);
    (void)reader.number("temperature"_L1, 0, 2);
    (void)reader.ids("prompt"_L1);
    (void)reader.array("messages"_L1);
    (void)reader.object("stream_options"_L1);
    if (!reader.ok() && reader.error().code != ErrorCode::InvalidRequest) wrong("an error of another kind");
}

std::vector<Bytes> seeds() {
    return {
        R"({"model": "m", "messages": [{"role": "system", "content": "x"}, {"role": "user", "content": [{"type": "text", "text": "hi"}]}],)"
        R"( "temperature": 0.5, "top_p": 0.9, "top_k": 40, "min_p": 0.1, "n": 2, "seed": 5, "stop": ["a", "b"], "stop_token_ids": [1, 2],)"
        R"( "max_tokens": 5, "max_completion_tokens": 5, "stream": true, "stream_options": {"include_usage": true}, "logprobs": true,)"
        R"( "top_logprobs": 3, "logit_bias": {"5": -100}, "presence_penalty": 0.1, "frequency_penalty": 0.1, "repetition_penalty": 1.1,)"
        R"( "ignore_eos": true, "tools": [], "tool_choice": "none", "response_format": {"type": "text"}, "chat_template_kwargs": {"a": [1]},)"
        R"( "add_generation_prompt": true, "return_token_ids": true, "skip_special_tokens": false, "user": "u"})",
        R"({"model": "m", "prompt": ["a", "b"], "echo": true, "logprobs": 3, "max_tokens": 0, "best_of": 1, "suffix": null, "stop": "x"})",
        R"({"model": "m", "prompt": [[1, 2, 3], [4]], "n": 3, "max_tokens": 16})",
        R"({"model": "m", "prompt": [1, 2, 3], "stream": true})",
        R"({"model": "m", "prompt": "hi"})",
        R"({"model": "m", "input": ["a", "b"], "encoding_format": "base64", "dimensions": 8})",
        R"({"model": "m", "input": [[1, 2], [3]]})",
        R"({"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "x"}]}, {"type": "function_call", "call_id": "c",)"
        R"( "name": "f", "arguments": "{}"}, {"type": "function_call_output", "call_id": "c", "output": "y"}], "max_output_tokens": 4})",
        R"({"model": "m", "max_tokens": 4, "system": [{"type": "text", "text": "s"}], "messages": [{"role": "assistant", "content": [{"type":)"
        R"( "tool_use", "id": "i", "name": "f", "input": {}}]}, {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "i",)"
        R"( "content": "r"}]}], "tools": [{"name": "f", "input_schema": {}}], "stop_sequences": ["x"]})",
        R"({"model": "m:latest", "messages": [{"role": "tool", "content": "x", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}],)"
        R"( "options": {"temperature": 1, "num_predict": -1, "stop": ["a"]}, "think": "low", "format": ""})",
    };
}

}  // namespace

const Target target{seeds, run, mutate_json};

}  // namespace millm::fuzz
