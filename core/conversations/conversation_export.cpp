#include "core/conversations/conversation_export.h"

#include "core/base/errors.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

namespace millm {

namespace {

using namespace Qt::StringLiterals;

QString words(const char *text) {
    return QCoreApplication::translate("ConversationExport", text);
}

/// Lines of a quotation, so that what a person wrote is never taken for a heading of the document.
QString quoted(const QString &text) {
    return u"> "_s + QString(text).replace(u'\n', u"\n> "_s);
}

QJsonObject message(QLatin1StringView role, const QString &content) {
    return {{u"role"_s, role}, {u"content"_s, content}};
}

QJsonObject described(const Turn &turn) {
    QJsonObject json{{u"number"_s, turn.number},
                     {u"parent"_s, turn.parent},
                     {u"role"_s, turn.fromPerson ? u"user"_s : u"assistant"_s},
                     {u"content"_s, turn.text},
                     {u"created_at"_s, turn.at.toUTC().toString(Qt::ISODateWithMs)}};
    if (!turn.reasoning.isEmpty()) json[u"reasoning_content"_s] = turn.reasoning;
    if (!turn.failure.isEmpty()) json[u"error"_s] = turn.failure;
    if (turn.fromPerson) return json;
    json[u"model"_s] = turn.model;
    json[u"figures"_s] = QJsonDocument::fromJson(turn.figures.toJson()).object();
    return json;
}

}  // namespace

QByteArray asMarkdown(const Conversation &conversation) {
    QString document = u"# %1\n"_s.arg(conversation.title);
    if (!conversation.options.system.isEmpty())
        document += u"\n## %1\n\n%2\n"_s.arg(words(QT_TRANSLATE_NOOP("ConversationExport", "System prompt")),
                                             quoted(conversation.options.system));
    for (const int number : conversation.path()) {
        const Turn &turn = *conversation.turn(number);
        if (turn.fromPerson) {
            document += u"\n## %1\n\n%2\n"_s.arg(words(QT_TRANSLATE_NOOP("ConversationExport", "You")), quoted(turn.text));
            continue;
        }
        document += u"\n## %1\n"_s.arg(turn.model);
        if (!turn.reasoning.isEmpty()) document += u"\n<details>\n\n%1\n\n</details>\n"_s.arg(quoted(turn.reasoning));
        if (!turn.text.isEmpty()) document += u'\n' + turn.text + u'\n';
        if (!turn.failure.isEmpty()) document += u"\n*%1*\n"_s.arg(turn.failure);
    }
    return document.toUtf8();
}

QByteArray asJson(const Conversation &conversation) {
    QJsonArray messages, turns;
    if (!conversation.options.system.isEmpty()) messages.append(message("system"_L1, conversation.options.system));
    for (const int number : conversation.path()) {
        const Turn &turn = *conversation.turn(number);
        messages.append(message(turn.fromPerson ? "user"_L1 : "assistant"_L1, turn.text));
    }
    for (const Turn &turn : conversation.turns()) turns.append(described(turn));
    return QJsonDocument(QJsonObject{{u"title"_s, conversation.title},
                                     {u"options"_s, QJsonDocument::fromJson(conversation.options.toJson()).object()},
                                     {u"messages"_s, messages},
                                     {u"turns"_s, turns},
                                     {u"shown_turn"_s, conversation.end()}})
        .toJson(QJsonDocument::Indented);
}

Result<void> exportConversation(const Conversation &conversation, const QString &path) {
    const bool json = path.endsWith(".json"_L1, Qt::CaseInsensitive);
    const QByteArray text = json ? asJson(conversation) : asMarkdown(conversation);
    QSaveFile file(path);
    if (file.open(QIODevice::WriteOnly) && file.write(text) == text.size() && file.commit()) return {};
    return errors::internal(u"%1 cannot be written: %2."_s.arg(path, file.errorString()));
}

}  // namespace millm
