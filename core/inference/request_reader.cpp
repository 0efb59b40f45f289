#include "core/inference/request_reader.h"

#include "core/base/errors.h"
#include "core/base/last_net.h"
#include "core/inference/answer_grammar.h"
#include "core/inference/answer_parser.h"
#include "core/inference/prompt_encoder.h"

#include <QScopeGuard>

#include <string_view>

namespace millm {

namespace {

constexpr int mostTokenizing = 32;  ///< texts that wait for somebody who asks for their ids

/// The special tokens of the vocabulary that AnswerParser has to see.
std::vector<std::int32_t> marksOf(const engine::LanguageModel &model, const PromptInput &input) {
    const auto *chat = std::get_if<ChatInput>(&input);
    std::vector<std::int32_t> ids;
    for (const std::string_view mark : AnswerParser::marks(chat != nullptr && !chat->tools.isEmpty())) {
        const std::int32_t id = model.tokenizer().id_of(mark);
        if (id >= 0 && model.tokenizer().is_special(id)) ids.push_back(id);
    }
    return ids;
}

/// The request as the engine takes it. Sets Shared::opensReasoning.
Result<engine::SequenceRequest> sequenceOf(const engine::LanguageModel &model, const GenerationRequest &asked,
                                           Generation::Shared &shared) {
    std::string_view reasoningEnd;
    auto ids = caught("the reading of a prompt", [&] { return encodePrompt(model, asked.input, &reasoningEnd); });
    if (!ids) return ids.error();
    auto grammar = caught("the reading of a grammar", [&] { return answerGrammar(model, asked, reasoningEnd); });
    if (!grammar) return grammar.error();
    engine::SequenceRequest sequence;
    sequence.prompt = *std::move(ids);
    sequence.sampling = asked.sampling;
    sequence.stop = asked.stop;
    sequence.top_logprobs = asked.topLogprobs;
    sequence.prompt_logprobs = asked.promptLogprobs;
    sequence.skip_special_tokens = asked.skipSpecialTokens;
    sequence.grammar = *std::move(grammar);
    shared.opensReasoning = !reasoningEnd.empty();
    if (asked.showsMarks) sequence.shown_special = marksOf(model, asked.input);
    // A chat's answer is a text of its own and ends with its turn, a completion is the end of a text.
    const bool chat = std::holds_alternative<ChatInput>(asked.input);
    sequence.continue_prompt_text = !chat || std::get<ChatInput>(asked.input).continuesLast;
    if (chat && !sequence.stop.ignore_eos) {
        const auto &ends = model.info().turn_end_tokens;
        sequence.stop.stop_tokens.insert(sequence.stop.stop_tokens.end(), ends.begin(), ends.end());
    }
    return sequence;
}

}  // namespace

RequestReader::RequestReader(std::shared_ptr<TaskQueue> engine, std::function<void(const GenerationEvent &)> tell)
    : m_engine(std::move(engine)), m_tell(std::move(tell)) {}

RequestReader::~RequestReader() {
    close();
}

void RequestReader::read(quint64 id, Model model, GenerationRequest request, Shared shared) {
    m_text.run([this, id, model = std::move(model), request = std::move(request), shared = std::move(shared)] {
        if (shared->cancelled) return m_tell({id, GenerationSummary::cancelled()});
        auto sequence = sequenceOf(*model, request, *shared);
        if (!sequence) return m_tell({id, sequence.error()});
        m_engine->post(
            [id, sequence = *std::move(sequence), shared](EngineWorker &worker) { worker.add(id, sequence, shared); });
    });
}

void RequestReader::read(quint64 id, Model model, EmbeddingRequest request, Shared shared) {
    m_text.run([this, id, model = std::move(model), request = std::move(request), shared = std::move(shared)] {
        std::vector<std::vector<std::int32_t>> texts;
        for (const PromptInput &input : request.inputs) {
            if (shared->cancelled) return m_tell({id, GenerationSummary::cancelled()});
            auto ids = caught("the reading of a text", [&] { return encodePrompt(*model, input); });
            if (!ids) return m_tell({id, ids.error()});
            texts.push_back(*std::move(ids));
        }
        m_engine->post([id, texts = std::move(texts), shared](EngineWorker &worker) mutable {
            worker.embed(id, std::move(texts), shared);
        });
    });
}

QFuture<Result<QList<qint32>>> RequestReader::tokenize(Model model, PromptInput input) {
    using Answer = Result<QList<qint32>>;
    if (m_tokenizing >= mostTokenizing) return resolved(Answer(errors::queueFull(mostTokenizing)));
    ++m_tokenizing;
    return m_ids.run([this, model = std::move(model), input = std::move(input)]() -> Answer {
        const auto counted = qScopeGuard([this] { --m_tokenizing; });
        if (m_closing) return errors::shuttingDown();
        auto ids = encodePrompt(*model, input);
        if (!ids) return ids.error();
        return QList<qint32>(ids->begin(), ids->end());
    });
}

QFuture<Result<QString>> RequestReader::detokenize(Model model, QList<qint32> ids) {
    return m_ids.run([model = std::move(model), ids = std::move(ids)] { return decodeTokens(*model, ids); });
}

void RequestReader::whenThrough(std::function<void()> then) {
    m_ids.run([this, then = std::move(then)] { m_text.run(then); });
}

}  // namespace millm
