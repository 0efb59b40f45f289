#include "core/server/openai/chat_run.h"

#include "core/engine/input/json.h"
#include "core/inference/inference_service.h"
#include "core/server/http/exchange.h"
#include "core/server/openai/tool_fields.h"

#include <QJsonDocument>

namespace millm::openai {
namespace {

GenerationRequest requestOf(const ChatRequest &request, qsizetype choice) {
    const PromptInput input = request.text ? PromptInput(*request.text) : PromptInput(request.input);
    GenerationRequest made = generationFor(request.common, input, int(choice));
    made.topLogprobs = request.topLogprobs;
    made.showsMarks = !request.text;
    return made;
}

engine::JsonValue parsedTools(const QJsonArray &tools) {
    const QByteArray text = QJsonDocument(tools).toJson(QJsonDocument::Compact);
    auto parsed =
        engine::parse_json(std::string_view(text.constData(), std::size_t(text.size())), "tools", engine::long_list_limits);
    return parsed ? *std::move(parsed) : engine::JsonValue();
}

}  // namespace

ChatRun::ChatRun(InferenceService &inference, const ChatRequest &request, TokenTotals &totals, http::Exchange &exchange)
    : QObject(&exchange),
      m_splitsReasoning(request.splitsReasoning && !request.text),
      m_parallelCalls(request.common.calls.parallel),
      m_tools(parsedTools(request.input.tools)),
      m_totals(totals),
      m_group(new GenerationGroup(
          inference, request.common.n, [request](qsizetype choice) { return requestOf(request, choice); }, exchange)),
      m_choices(std::size_t(request.common.n)) {
    connect(m_group, &GenerationGroup::started, this, &ChatRun::begin);
    connect(m_group, &GenerationGroup::chunk, this, &ChatRun::take);
    connect(m_group, &GenerationGroup::finished, this, &ChatRun::close);
    connect(m_group, &GenerationGroup::allFinished, this, [this] {
        m_totals.prompt += m_usage.prompt;
        m_totals.completion += m_usage.completion;
        m_totals.reused += m_usage.cached;
        Q_EMIT allFinished();
    });
    connect(m_group, &GenerationGroup::failed, this, &ChatRun::failed);
}

void ChatRun::start() {
    m_group->start();
}

void ChatRun::begin(qsizetype index, const QList<qint32> &promptIds, bool opensReasoning) {
    m_promptIds = promptIds;
    m_usage.prompt = promptIds.size();
    m_choices[std::size_t(index)].parser.emplace(AnswerOptions{m_tools, m_splitsReasoning, opensReasoning});
    Q_EMIT started(index);
}

void ChatRun::take(qsizetype index, const TokenChunk &piece) {
    Choice &choice = m_choices[std::size_t(index)];
    Q_EMIT chunk(index, piece);
    if (!choice.parser) return;
    tell(index, choice.parser->push(piece.text.toStdString()));
    if (choice.parser->reasons()) m_usage.reasoning += piece.tokens.size();
}

void ChatRun::tell(qsizetype index, const std::vector<AnswerPart> &parts) {
    Choice &choice = m_choices[std::size_t(index)];
    for (const AnswerPart &told : parts) {
        const bool calls = told.kind == AnswerPart::Kind::Call;
        if (calls && choice.calls++ > 0 && !m_parallelCalls) continue;
        Q_EMIT part(index, told, calls ? newCallId() : QString());
    }
}

void ChatRun::close(qsizetype index, const GenerationSummary &summary) {
    Choice &choice = m_choices[std::size_t(index)];
    m_usage.completion += summary.completionTokens;
    if (index == 0) m_usage.cached = summary.reusedTokens;
    m_totals.masks += summary.masks;
    m_totals.maskSeconds += summary.maskSeconds;
    if (choice.parser) tell(index, choice.parser->finish());
    Q_EMIT finished(index, summary, choice.calls > 0);
}

}  // namespace millm::openai
