#pragma once

#include <QAbstractListModel>
#include <QJsonArray>
#include <QList>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

/// A conversation, the oldest first. GUI thread.
class ChatMessages : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
public:
    enum Role { FromPersonRole = Qt::UserRole + 1, TextRole, ReasoningRole, StreamingRole, NoteRole, FailureRole };

    struct Message {
        bool fromPerson = false;
        QString text;
        QString reasoning = {};  ///< what the model thought in front of it
        bool streaming = false;
        QString note;     ///< "24 tokens, 8.1 tokens/s", "Stopped"
        QString failure;  ///< why there is no (more) answer
    };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    const QList<Message> &all() const { return m_messages; }
    void append(const Message &message);
    void appendText(const QString &text);       ///< to the last one
    void appendReasoning(const QString &text);  ///< to the last one's
    void endLast(const QString &note, const QString &failure);
    void clear();
    /// What a chat template takes: answers that failed, and what they answered, are left out; so is what was thought.
    QJsonArray forTemplate() const;

private:
    void append(QString Message::*part, int role, const QString &text);

    QList<Message> m_messages;
};

}  // namespace millm
