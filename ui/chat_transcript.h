#pragma once

#include "core/conversations/conversation.h"
#include "ui/text_blocks.h"

#include <QAbstractListModel>
#include <QList>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

/// The turns of a conversation that are shown, the oldest first, as rows: what was thought (one row that unfolds its blocks),
/// the blocks of the text, and at the end of each turn its notes and buttons. A long answer is many rows, of which a view makes
/// those that are in sight. GUI thread.
class ChatTranscript : public QAbstractListModel {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(int turnCount READ turnCount NOTIFY turnsChanged FINAL)
public:
    enum class Piece { Plain, Rich, Code, Reasoning, Thought, End };
    Q_ENUM(Piece)
    enum Role {
        PieceRole = Qt::UserRole + 1,
        TurnRole,
        FromPersonRole,
        TextRole,
        RichRole,
        LanguageRole,
        RestRole,     ///< it goes on with the row above
        OpeningRole,  ///< the first row of the turn's text, or of what was thought
        ClosingRole,  ///< the last one
        TitledRole,   ///< the first row of an answer, above which its author is named
        StreamingRole,
        NoteRole,
        FailureRole,
        ModelRole,
        PlaceRole,   ///< among its siblings, from 1
        PlacesRole,  ///< how many siblings it has, itself among them
        UnfoldedRole,
    };

    using QAbstractListModel::QAbstractListModel;

    int rowCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QHash<int, QByteArray> roleNames() const override;

    int turnCount() const { return static_cast<int>(m_entries.size()); }

    /// The conversation up to its turn `end`. `markdown`: its answers are written so.
    void show(const Conversation &conversation, int end, bool markdown);
    /// One more turn, the conversation's last shown; `streaming`: its text comes by appendText().
    void append(const Conversation &conversation, bool streaming);
    void appendText(const QString &text);       ///< to the last one
    void appendReasoning(const QString &text);  ///< to the last one's
    void endLast(const Turn &turn, bool streaming = false);
    void resumeLast();  ///< more text comes to the last one
    /// Shows what was thought in the turn of `row`, or folds it away.
    Q_INVOKABLE void unfold(int row, bool unfolded);
    /// The whole of a block of code of which `row` is a part.
    QString codeAt(int row) const;

Q_SIGNALS:
    void turnsChanged();

private:
    struct Entry {
        Turn turn;  ///< without its texts
        TextBlocks blocks;
        TextBlocks reasoning;
        bool streaming = false, unfolded = false;
        int place = 1, places = 1;
    };
    struct Row {
        qsizetype entry = 0;
        Piece piece = Piece::End;
        qsizetype block = 0;
    };

    static const TextBlocks &blocksOf(const Entry &entry, Piece piece) {
        return piece == Piece::Thought ? entry.reasoning : entry.blocks;
    }
    void grow(TextBlocks &blocks, const QString &text, int end, bool thought);
    Entry entryOf(const Conversation &conversation, int number) const;
    QList<Row> rowsOf(qsizetype entry) const;
    void changed(int from, int to, const QList<int> &roles);

    QList<Entry> m_entries;
    QList<Row> m_rows;
    bool m_markdown = true;
};

}  // namespace millm
