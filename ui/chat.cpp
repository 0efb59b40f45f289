#include "ui/chat.h"

#include "core/conversations/conversation_export.h"
#include "core/conversations/conversation_repository.h"
#include "ui/chat_backend.h"
#include "ui/error_words.h"
#include "ui/toast_list.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QJsonObject>
#include <QRegularExpression>

namespace millm {

Chat::Chat(ChatBackend &backend, ConversationRepository &kept, ToastList &toasts, QObject *parent)
    : QObject(parent), m_backend(backend), m_kept(kept), m_toasts(toasts), m_list(kept) {
    connect(&backend, &ChatBackend::started, this, &Chat::onStarted);
    connect(&backend, &ChatBackend::chunk, this, &Chat::onChunk);
    connect(&backend, &ChatBackend::finished, this, &Chat::onFinished);
    connect(&backend, &ChatBackend::failed, this, &Chat::onFailed);
    connect(&m_stream, &AnswerStream::came, this, [this](const QString &reasoning, const QString &words) {
        Turn &turn = *m_now->turn(m_now->end());
        turn.reasoning += reasoning;
        turn.text += words;
        m_transcript.appendReasoning(reasoning);
        m_transcript.appendText(words);
    });
    connect(&m_stream, &AnswerStream::spoken, this, [this](const QString &sentences) { Q_EMIT spoken(sentences, false); });
    connect(&m_options, &ChatOptions::changed, this, [this] {
        m_now->options = m_options.value();
        if (!m_entering && m_now->id != 0) keepHead();
    });
    connect(&m_list, &ConversationList::failed, this, &Chat::complain);
    connect(&m_list, &ConversationList::renamed, this, [this](qint64 id, const QString &title) {
        if (id != m_now->id) return;
        m_now->title = title;
        Q_EMIT titleChanged();
    });
    connect(&m_list, &ConversationList::removed, this, [this](qint64 id) {
        if (id == m_now->id) startNew();
    });
}

void Chat::setModel(const QString &name, ModelUse use, qint64 contextLength) {
    m_contextLength = contextLength;
    if (name == m_modelName && use == m_use) return;
    const bool markdown = conversing();
    m_modelName = name;
    m_use = use;
    // What a model without a template writes is a text, not Markdown.
    if (!busy() && conversing() != markdown) m_transcript.show(*m_now, m_now->end(), conversing());
    Q_EMIT modelChanged();
}

bool Chat::send(const QString &text) {
    if (!ready() || busy() || text.trimmed().isEmpty()) return false;
    const QString said = conversing() ? text.trimmed() : text;
    const bool replaces = m_now->turn(m_editing);
    const int parent = replaces ? m_now->turn(m_editing)->parent : m_now->end();
    const bool first = m_now->turns().isEmpty();
    const int number = m_now->append(parent, {.fromPerson = true, .text = said, .at = QDateTime::currentDateTimeUtc()});
    if (first) {
        m_now->title = Conversation::titleOf(said);
        m_now->options = m_options.value();
        Q_EMIT titleChanged();
    }
    if (replaces)
        m_transcript.show(*m_now, m_now->end(), conversing());
    else
        m_transcript.append(*m_now, false);
    endEditing();
    keep(number);
    ask(number, false);
    return true;
}

/// Asks for what follows `parent`: for one more turn, or with `goesOn` for the rest of the one that is shown.
void Chat::ask(int parent, bool goesOn) {
    GenerationRequest request;
    const ConversationOptions &options = m_options.value();
    request.sampling.temperature = options.temperature;
    request.sampling.top_p = options.topP;
    request.sampling.top_k = options.topK;
    request.sampling.min_p = options.minP;
    request.sampling.seed = options.seed;
    request.stop.max_new_tokens = options.maxTokens;
    request.showsMarks = true;
    if (conversing())
        request.input = ChatInput{.messages = messages(goesOn ? m_now->end() : parent),
                                  .variables = {},
                                  .addGenerationPrompt = !goesOn,
                                  .continuesLast = goesOn};
    else
        request.input = TextInput{.text = m_now->turn(parent)->text + (goesOn ? m_now->turn(m_now->end())->text : QString())};
    m_before = {};
    if (goesOn) {
        m_before = m_now->turn(m_now->end())->figures;
        m_transcript.resumeLast();
    } else {
        m_now->append(parent, {.model = m_modelName, .at = QDateTime::currentDateTimeUtc()});
        m_transcript.append(*m_now, true);
    }
    m_stopped = false;
    m_stream.begin();
    m_ticket = ++m_lastTicket;
    Q_EMIT busyChanged();
    m_backend.submit(m_ticket, request);
}

/// What a chat template takes: questions without an answer, and answers that are none, are left out, since roles alternate; so
/// is what was thought.
QJsonArray Chat::messages(int end) const {
    const QString person = QStringLiteral("user");
    QJsonArray array;
    const auto add = [&array](const QString &role, const QString &content) {
        array.append(QJsonObject{{QStringLiteral("role"), role}, {QStringLiteral("content"), content}});
    };
    const auto dropUnanswered = [&] {
        if (array.last()[QLatin1StringView("role")] == person) array.removeLast();
    };
    if (const QString system = m_options.system().trimmed(); !system.isEmpty()) add(QStringLiteral("system"), system);
    const QList<int> path = m_now->pathTo(end);
    for (const int number : path) {
        const Turn &turn = *m_now->turn(number);
        const bool answers = !turn.fromPerson && turn.failure.isEmpty() && !turn.text.isEmpty();
        if (answers)
            add(QStringLiteral("assistant"), turn.text);
        else
            dropUnanswered();
        if (turn.fromPerson) add(person, turn.text);
    }
    return array;
}

void Chat::regenerate(int turn) {
    const Turn *answer = m_now->turn(turn);
    if (!ready() || busy() || !answer || answer->fromPerson) return;
    const int question = answer->parent;
    // What followed the other answer goes from sight with it.
    m_transcript.show(*m_now, question, conversing());
    ask(question, false);
}

bool Chat::canGoOn(int turn) const {
    const Turn *answer = m_now->turn(turn);
    return answer && ready() && !busy() && turn == m_now->end() && !answer->fromPerson && answer->failure.isEmpty() &&
           !answer->text.trimmed().isEmpty() && answer->figures.end != AnswerFigures::End::Whole;
}

void Chat::goOn() {
    if (canGoOn(m_now->end())) ask(m_now->turn(m_now->end())->parent, true);
}

QString Chat::edit(int turn) {
    const Turn *question = m_now->turn(turn);
    if (busy() || !question || !question->fromPerson) return {};
    m_editing = turn;
    Q_EMIT editingChanged();
    return question->text;
}

void Chat::endEditing() {
    if (m_editing == 0) return;
    m_editing = 0;
    Q_EMIT editingChanged();
}

void Chat::showSibling(int turn, int step) {
    if (busy()) return;
    const QList<int> siblings = m_now->siblings(turn);
    const int other = siblings.value(siblings.indexOf(turn) + step);
    if (other == 0) return;
    m_now->show(other);
    m_transcript.show(*m_now, m_now->end(), conversing());
    keepHead();
}

void Chat::stop() {
    if (!busy()) return;
    m_stopped = true;
    m_backend.cancel(m_ticket);
}

/// The answer under way ends with what has come of it; what still comes belongs to nothing.
void Chat::leave() {
    endEditing();
    if (!busy()) return;
    m_backend.cancel(m_ticket);
    end({.end = AnswerFigures::End::Stopped}, {});
}

void Chat::enter(const Kept &conversation) {
    leave();
    m_now = conversation;
    m_entering = true;
    m_options.setValue(conversation->options);
    m_entering = false;
    m_transcript.show(*m_now, m_now->end(), conversing());
    m_list.setCurrent(m_now->id);
    Q_EMIT titleChanged();
}

void Chat::startNew() {
    ++m_opening;
    auto fresh = std::make_shared<Conversation>();
    // How answers are sampled is a habit; what the model is told to be belongs to one conversation.
    fresh->options = m_options.value();
    fresh->options.system.clear();
    enter(fresh);
}

void Chat::open(qint64 id) {
    if (id == m_now->id) return;
    m_kept.read(id).then(this, [this, asked = ++m_opening](const Result<Conversation> &read) {
        if (asked != m_opening) return;
        if (read)
            enter(std::make_shared<Conversation>(*read));
        else
            complain(read.error());
    });
}

void Chat::onStarted(quint64 ticket, bool opensReasoning) {
    if (ticket == m_ticket) m_stream.expect(conversing(), opensReasoning);
}

void Chat::onChunk(quint64 ticket, const QString &text) {
    if (ticket == m_ticket) m_stream.push(text);
}

void Chat::onFinished(quint64 ticket, const GenerationSummary &summary) {
    if (ticket != m_ticket) return;
    using End = AnswerFigures::End;
    AnswerFigures figures{.tokens = summary.completionTokens,
                          .promptTokens = summary.promptTokens,
                          .contextLength = m_contextLength,
                          .seconds = summary.decodeSeconds};
    if (summary.reason == engine::FinishReason::Length) figures.end = End::Length;
    if (summary.reason == engine::FinishReason::Cancelled) figures.end = m_stopped ? End::Stopped : End::Unloaded;
    end(figures, {});
}

void Chat::onFailed(quint64 ticket, const Error &error) {
    if (ticket == m_ticket) end({}, error.message);
}

void Chat::end(AnswerFigures figures, const QString &failure) {
    m_ticket = 0;
    m_stream.finish();
    Turn &turn = *m_now->turn(m_now->end());
    figures.firstSeconds = m_before.firstSeconds > 0 ? m_before.firstSeconds : m_stream.firstSeconds();
    if (m_before.tokens > 0) {  // the prompt holds what there was of it
        figures.promptTokens -= std::min(figures.promptTokens, m_before.tokens);
        figures.tokens += m_before.tokens;
        figures.seconds += m_before.seconds;
    }
    turn.figures = figures;
    turn.failure = failure;
    m_transcript.endLast(turn);
    keep(turn.number);
    Q_EMIT busyChanged();
    if (!failure.isEmpty()) Q_EMIT spoken(failure, true);
}

/// Writes a turn down. The first time the conversation itself is: what is said meanwhile follows when it has its number.
void Chat::keep(int turn) {
    const Kept now = m_now;
    if (now->id != 0) {
        m_kept.save(now->id, *now->turn(turn)).then(this, [this](const Result<void> &done) {
            if (!done) complain(done.error());
        });
        keepHead();
        return;
    }
    if (m_inserting == now || !now->turn(turn)->fromPerson) return;
    m_inserting = now;
    m_kept.insert(*now).then(this, [this, now](const Result<qint64> &id) {
        if (m_inserting == now) m_inserting.reset();
        if (!id) {
            complain(id.error());
            return;
        }
        now->id = *id;
        for (const Turn &said : now->turns()) m_kept.save(*id, said);
        m_kept.update(*now);
        m_list.touch(*id, now->title);
        if (now == m_now) m_list.setCurrent(*id);
    });
}

void Chat::keepHead() {
    if (m_now->id == 0) return;
    m_kept.update(*m_now).then(this, [this](const Result<void> &done) {
        if (!done) complain(done.error());
    });
    m_list.touch(m_now->id, m_now->title);
}

void Chat::copyTurn(int turn) {
    if (const Turn *found = m_now->turn(turn)) copy(found->text, tr("Message copied"));
}

void Chat::copyCode(int row) {
    copy(m_transcript.codeAt(row), tr("Code copied"));
}

void Chat::copy(const QString &text, const QString &told) {
    QGuiApplication::clipboard()->setText(text);
    m_toasts.show(ToastList::Kind::Success, told);
}

QString Chat::fileName(const QString &ending) const {
    QString name = m_now->title;
    name.replace(QRegularExpression(QStringLiteral("[^\\w .-]+"), QRegularExpression::UseUnicodePropertiesOption),
                 QStringLiteral("_"));
    name = name.trimmed();
    while (name.startsWith(u'.')) name.remove(0, 1);
    return (name.isEmpty() ? tr("Conversation") : name) + u'.' + ending;
}

void Chat::exportTo(const QUrl &file, const QString &ending) {
    QString path = file.toLocalFile();
    const QFileInfo chosen(path);
    // Dialogs do not change the name that they were given when another form is chosen in them, and asked about that name alone.
    if (ending == u"json" && chosen.fileName() == fileName(QStringLiteral("md"))) {
        const QString name = chosen.absolutePath() + u'/' + chosen.completeBaseName();
        path = name + QStringLiteral(".json");
        for (int other = 2; QFileInfo::exists(path); ++other) path = QStringLiteral("%1 %2.json").arg(name).arg(other);
    }
    m_files.run([conversation = *m_now, path] { return exportConversation(conversation, path); })
        .then(this, [this, path](const Result<void> &done) {
            if (done)
                m_toasts.show(ToastList::Kind::Success, tr("Written to %1").arg(path));
            else
                m_toasts.show(ToastList::Kind::Error, inWords(done.error()));
        });
}

void Chat::complain(const Error &error) {
    m_toasts.show(ToastList::Kind::Error, tr("The conversation is not kept: %1").arg(inWords(error)));
}

}  // namespace millm
