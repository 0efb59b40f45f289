#include "ui/chat_messages.h"

#include <QJsonObject>

namespace millm {

int ChatMessages::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_messages.size());
}

QHash<int, QByteArray> ChatMessages::roleNames() const {
    return {{FromPersonRole, "fromPerson"}, {TextRole, "message"}, {ReasoningRole, "reasoning"},
            {StreamingRole, "streaming"},   {NoteRole, "note"},    {FailureRole, "failure"}};
}

QVariant ChatMessages::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Message &message = m_messages[index.row()];
    switch (role) {
        case FromPersonRole:
            return message.fromPerson;
        case Qt::DisplayRole:
        case TextRole:
            return message.text;
        case ReasoningRole:
            return message.reasoning;
        case StreamingRole:
            return message.streaming;
        case NoteRole:
            return message.note;
        case FailureRole:
            return message.failure;
        default:
            return {};
    }
}

void ChatMessages::append(const Message &message) {
    const auto row = static_cast<int>(m_messages.size());
    beginInsertRows({}, row, row);
    m_messages.append(message);
    endInsertRows();
}

void ChatMessages::append(QString Message::*part, int role, const QString &text) {
    if (m_messages.isEmpty() || text.isEmpty()) return;
    m_messages.last().*part += text;
    const auto at = index(rowCount() - 1);
    Q_EMIT dataChanged(at, at, {role});
}

void ChatMessages::appendText(const QString &text) {
    append(&Message::text, TextRole, text);
}

void ChatMessages::appendReasoning(const QString &text) {
    append(&Message::reasoning, ReasoningRole, text);
}

void ChatMessages::endLast(const QString &note, const QString &failure) {
    if (m_messages.isEmpty()) return;
    Message &last = m_messages.last();
    last.streaming = false;
    last.note = note;
    last.failure = failure;
    const auto at = index(rowCount() - 1);
    Q_EMIT dataChanged(at, at);
}

void ChatMessages::clear() {
    beginResetModel();
    m_messages.clear();
    endResetModel();
}

QJsonArray ChatMessages::forTemplate() const {
    QJsonArray array;
    for (const Message &message : m_messages) {
        if (message.streaming) continue;
        if (!message.failure.isEmpty() || (!message.fromPerson && message.text.isEmpty())) {
            // Roles have to alternate for most templates.
            if (!array.isEmpty()) array.removeLast();
            continue;
        }
        array.append(
            QJsonObject{{QStringLiteral("role"), message.fromPerson ? QStringLiteral("user") : QStringLiteral("assistant")},
                        {QStringLiteral("content"), message.text}});
    }
    return array;
}

}  // namespace millm
