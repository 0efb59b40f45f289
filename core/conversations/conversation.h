#pragma once

#include <QByteArray>
#include <QDateTime>
#include <QList>
#include <QMetaType>
#include <QString>

#include <optional>

namespace millm {

/// How the answers of a conversation are made.
struct ConversationOptions {
    QString system;  ///< what stands before the first message; empty: nothing
    double temperature = 0.7;
    double topP = 1.0;
    int topK = 0;  ///< 0 = off
    double minP = 0.0;
    std::optional<quint64> seed;
    int maxTokens = 512;  ///< of one answer

    bool operator==(const ConversationOptions &) const = default;

    QByteArray toJson() const;
    /// What is missing, of another type or out of its limits stays as it is by default.
    static ConversationOptions fromJson(const QByteArray &json);
};

/// What an answer took. Zero where it is not known.
struct AnswerFigures {
    qint64 tokens = 0, promptTokens = 0, contextLength = 0;
    double seconds = 0;       ///< from the first token to the last
    double firstSeconds = 0;  ///< from the request to the first text
    enum class End : quint8 { Whole, Stopped, Length, Unloaded } end = End::Whole;

    bool operator==(const AnswerFigures &) const = default;

    QByteArray toJson() const;
    static AnswerFigures fromJson(const QByteArray &json);
};

/// One message. Several may follow the same one: an edited question, an answer made anew.
struct Turn {
    int number = 0;  ///< its own within the conversation, from 1
    int parent = 0;  ///< the one that it follows; 0: it is a first one
    bool fromPerson = false;
    QString text;
    QString reasoning = {};  ///< what the model thought in front of an answer
    QString failure = {};    ///< why there is no (more) answer
    QString model = {};      ///< that answered
    AnswerFigures figures = {};
    QDateTime at = {};

    bool operator==(const Turn &) const = default;
};

/// What a list of conversations shows of one.
struct ConversationHead {
    qint64 id = 0;  ///< 0: not kept yet
    QString title;
    QDateTime updatedAt = {};
};

/// Messages as a tree, and the one of its ends that is shown. A plain value.
class Conversation {
public:
    qint64 id = 0;
    QString title;
    ConversationOptions options;

    const QList<Turn> &turns() const { return m_turns; }  ///< by number
    Turn *turn(int number);                               ///< null where there is none
    const Turn *turn(int number) const;
    int end() const { return m_end; }  ///< number of the last one shown; 0: none is

    /// Adds behind `parent` and shows it; its number.
    int append(int parent, Turn turn);
    /// The turns shown, the first one first.
    QList<int> path() const { return pathTo(m_end); }
    QList<int> pathTo(int number) const;
    /// Those that follow what `number` follows, itself among them, by number.
    QList<int> siblings(int number) const;
    /// Shows `number`, and behind it the newest that follows.
    void show(int number);

    /// Takes what was kept. Turns that do not form a tree (a parent that is missing or comes later, a number twice) are left
    /// out with all that follows them.
    void restore(const QList<Turn> &turns, int end);

    /// A title for a conversation that begins so: its first line, at most 60 characters.
    static QString titleOf(const QString &text);

private:
    QList<Turn> m_turns;
    int m_end = 0;
};

}  // namespace millm

Q_DECLARE_METATYPE(millm::ConversationHead)
