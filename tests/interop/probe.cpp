// millm_probe: the engine as a program of questions and answers, a line of JSON each, for those who compare it with another
// implementation (tools/interop). What it computes comes through the plugin's door.
#include "core/engine/architectures/description.h"
#include "core/engine/open_engine.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace millm;
using namespace millm::engine;
using nlohmann::json;
using Ids = std::vector<std::int32_t>;

const std::map<ErrorCode, const char *> code_names = {
    {ErrorCode::InvalidFile, "InvalidFile"},
    {ErrorCode::InvalidArgument, "InvalidArgument"},
    {ErrorCode::Unsupported, "Unsupported"},
    {ErrorCode::NeedsRemoteCode, "NeedsRemoteCode"},
    {ErrorCode::OutOfMemory, "OutOfMemory"},
    {ErrorCode::ContextLength, "ContextLength"},
    {ErrorCode::Template, "Template"},
    {ErrorCode::Cancelled, "Cancelled"},
    {ErrorCode::Io, "Io"},
    {ErrorCode::Device, "Device"},
    {ErrorCode::Internal, "Internal"},
};

const std::map<std::string, ComputeType> compute_names = {{"auto", ComputeType::Auto},
                                                          {"float32", ComputeType::Float32},
                                                          {"bfloat16", ComputeType::BFloat16},
                                                          {"float16", ComputeType::Float16}};

const std::map<std::string, Products> products_names = {{"fast", Products::Fast}, {"exact", Products::Exact}};

json refusal(const Error &error) {
    return {{"error", {{"code", code_names.at(error.code)}, {"message", error.message}}}};
}

json invalid(const std::string &message) {
    return refusal({ErrorCode::InvalidArgument, message});
}

class Probe {
public:
    explicit Probe(Engine &engine) : m_engine(engine) {}

    json answer(const json &question) {
        static const std::map<std::string, json (Probe::*)(const json &)> answers = {
            {"families", &Probe::families}, {"load", &Probe::load},     {"logits", &Probe::logits},
            {"generate", &Probe::generate}, {"render", &Probe::render}, {"encode", &Probe::encode},
            {"decode", &Probe::decode},     {"embed", &Probe::embed},
        };
        const auto found = answers.find(question.at("do").get<std::string>());
        if (found == answers.end()) return invalid("no such question: " + question.at("do").dump());
        return (this->*found->second)(question);
    }

private:
    json families(const json &) { return {{"families", supported_model_types()}, {"engine", m_engine.description()}}; }

    /// {folder, compute, products ("fast"), quantize ("Q4"), context_length, prefill_chunk, threads}; all but folder may be
    /// absent. Products are exact unless asked otherwise: their bounds are tight.
    json load(const json &question) {
        m_model.reset();
        LoadOptions options;
        options.folder = question.at("folder").get<std::string>();
        options.compute = compute_names.at(question.value("compute", "float32"));
        options.products = products_names.at(question.value("products", "exact"));
        options.context_length = question.value("context_length", options.context_length);
        options.prefill_chunk = question.value("prefill_chunk", options.prefill_chunk);
        if (const std::string scheme = question.value("quantize", ""); !scheme.empty()) {
            options.quantize = scheme_from_id(scheme);
            if (!options.quantize) return invalid("no quantization " + scheme);
        }
        m_engine.set_threads(question.value("threads", 1));
        Result<std::unique_ptr<LanguageModel>> loaded = m_engine.load(options, {});
        if (!loaded) return refusal(loaded.error());
        m_model = std::move(*loaded);
        const ModelInfo &info = m_model->info();
        return {{"architecture", info.architecture},
                {"model_type", info.model_type},
                {"compute_type", info.compute_type},
                {"context_length", info.context_length},
                {"vocab", info.vocab},
                {"generates", info.generates},
                {"embedding_size", info.embedding_size},
                {"pooling", info.pooling},
                {"weight_bytes", info.weight_bytes},
                {"kv_bytes_per_token", info.kv_bytes_per_token},
                {"eos_tokens", info.eos_tokens},
                {"remarks", info.remarks}};
    }

    /// {ids, to}: writes [ids, vocab] float32, row-major, little-endian, into the file `to`.
    json logits(const json &question) {
        if (!m_model) return invalid("logits before a model was loaded");
        const Ids ids = question.at("ids");
        const Result<std::vector<float>> values = m_model->logits(ids);
        if (!values) return refusal(values.error());
        std::ofstream file(question.at("to").get<std::string>(), std::ios::binary);
        file.write(reinterpret_cast<const char *>(values->data()),
                   static_cast<std::streamsize>(values->size() * sizeof(float)));
        if (!file.flush()) return refusal({ErrorCode::Io, "could not write " + question.at("to").dump()});
        return {{"shape", {ids.size(), m_model->info().vocab}}};
    }

    /// {texts}: a vector of each list of ids.
    json embed(const json &question) {
        if (!m_model) return invalid("vectors before a model was loaded");
        const std::vector<Ids> texts = question.at("texts");
        const Result<std::vector<std::vector<float>>> vectors = m_model->embed(texts);
        return vectors ? json{{"vectors", *vectors}} : refusal(vectors.error());
    }

    /// {prompts, tokens}: the most likely tokens after each prompt, `tokens` of them, all prompts in one batch.
    json generate(const json &question) {
        if (!m_model) return invalid("tokens before a model was loaded");
        std::map<SequenceId, std::size_t> place;
        std::vector<Ids> tokens;
        for (const json &prompt : question.at("prompts")) {
            SequenceRequest request;
            request.prompt = prompt.get<Ids>();
            request.sampling.temperature = 0;
            request.stop.max_new_tokens = question.at("tokens");
            request.stop.ignore_eos = true;
            const Result<SequenceId> id = m_model->add(std::move(request));
            if (!id) return abandon(place, id.error());
            place[*id] = tokens.size();
            tokens.emplace_back();
        }
        while (m_model->live_sequences() > 0) {
            const auto updates = m_model->step();
            if (!updates) return abandon(place, updates.error());
            for (const SequenceUpdate &update : *updates) {
                if (update.error) return abandon(place, *update.error);
                for (const GeneratedToken &token : update.tokens) tokens[place.at(update.id)].push_back(token.id);
            }
        }
        return {{"tokens", tokens}};
    }

    json abandon(const std::map<SequenceId, std::size_t> &sequences, const Error &error) {
        for (const auto &[id, _] : sequences) m_model->cancel(id);
        return refusal(error);
    }

    /// {folder, variables}: `variables` is a string of JSON, so that its members keep their order. Needs no weights.
    json render(const json &question) {
        const auto chat = m_engine.load_chat_template(question.at("folder").get<std::string>());
        if (!chat) return refusal(chat.error());
        const Result<std::string> text = (*chat)->render(question.at("variables").get<std::string>());
        return text ? json{{"text", *text}} : refusal(text.error());
    }

    /// {folder, texts, special}: the ids of each text. Needs no weights.
    json encode(const json &question) {
        const auto tokenizer = m_engine.load_tokenizer(question.at("folder").get<std::string>());
        if (!tokenizer) return refusal(tokenizer.error());
        json all = json::array();
        for (const json &text : question.at("texts")) {
            const Result<Ids> ids = (*tokenizer)->encode(text.get<std::string>(), question.value("special", true));
            if (!ids) return refusal(ids.error());
            all.push_back(*ids);
        }
        return {{"ids", all}};
    }

    /// {folder, ids, skip_special}: the text of each list of ids. Needs no weights.
    json decode(const json &question) {
        const auto tokenizer = m_engine.load_tokenizer(question.at("folder").get<std::string>());
        if (!tokenizer) return refusal(tokenizer.error());
        json all = json::array();
        for (const json &ids : question.at("ids")) {
            const Result<std::string> text = (*tokenizer)->decode(ids.get<Ids>(), question.value("skip_special", true));
            if (!text) return refusal(text.error());
            all.push_back(*text);
        }
        return {{"texts", all}};
    }

    Engine &m_engine;
    std::unique_ptr<LanguageModel> m_model;
};

}  // namespace

int main() {
    const Result<std::unique_ptr<Engine>> engine = open_engine(MILLM_PLUGIN);
    if (!engine) {
        std::cerr << engine.error().message << '\n';
        return 1;
    }
    Probe probe(**engine);
    for (std::string line; std::getline(std::cin, line);) {
        json answer;
        try {
            answer = probe.answer(json::parse(line));
        } catch (const std::exception &error) {  // of the JSON library: the question lacks something
            answer = invalid(error.what());
        }
        std::cout << answer.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    }
    return 0;
}
