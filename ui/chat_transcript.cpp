#include "ui/chat_transcript.h"

#include "ui/error_words.h"
#include "ui/format.h"

#include <QLocale>

#include <algorithm>

namespace millm {

namespace {

QString noteOf(const Turn &turn) {
    const AnswerFigures &took = turn.figures;
    if (turn.fromPerson) return {};
    QStringList parts;
    if (took.tokens > 0) {
        parts << format::tokens(took.tokens, took.seconds);
        if (took.firstSeconds > 0)
            parts << ChatTranscript::tr("first after %1 s")
                         .arg(QLocale().toString(took.firstSeconds, 'f', took.firstSeconds < 1 ? 2 : 1));
        if (took.contextLength > 0)
            parts << ChatTranscript::tr("context %1 of %2")
                         .arg(format::number(took.promptTokens + took.tokens), format::number(took.contextLength));
    }
    if (took.end == AnswerFigures::End::Stopped) parts << ChatTranscript::tr("stopped");
    if (took.end == AnswerFigures::End::Length) parts << ChatTranscript::tr("cut at the limit");
    if (took.end == AnswerFigures::End::Unloaded) parts << ChatTranscript::tr("stopped, the model was unloaded");
    return parts.join(QStringLiteral(" • "));
}

ChatTranscript::Piece pieceOf(TextBlock::Kind kind) {
    switch (kind) {
        case TextBlock::Kind::Rich:
            return ChatTranscript::Piece::Rich;
        case TextBlock::Kind::Code:
            return ChatTranscript::Piece::Code;
        case TextBlock::Kind::Plain:
            break;
    }
    return ChatTranscript::Piece::Plain;
}

}  // namespace

int ChatTranscript::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QHash<int, QByteArray> ChatTranscript::roleNames() const {
    return {{PieceRole, "piece"},     {TurnRole, "turn"},           {FromPersonRole, "fromPerson"},
            {TextRole, "text"},       {RichRole, "rich"},           {LanguageRole, "language"},
            {RestRole, "rest"},       {OpeningRole, "opening"},     {ClosingRole, "closing"},
            {TitledRole, "titled"},   {StreamingRole, "streaming"}, {NoteRole, "note"},
            {FailureRole, "failure"}, {ModelRole, "answerer"},      {PlaceRole, "place"},
            {PlacesRole, "places"},   {UnfoldedRole, "unfolded"}};
}

QVariant ChatTranscript::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const Row &row = m_rows[index.row()];
    const Entry &entry = m_entries[row.entry];
    const QList<TextBlock> &blocks = blocksOf(entry, row.piece).all();
    const bool text = row.piece != Piece::End && row.piece != Piece::Reasoning;
    switch (role) {
        case PieceRole:
            return QVariant::fromValue(row.piece);
        case TurnRole:
            return entry.turn.number;
        case FromPersonRole:
            return entry.turn.fromPerson;
        case Qt::DisplayRole:
        case TextRole:
            return text ? blocks[row.block].text : QString();
        case RichRole:
            return text ? blocks[row.block].rich : QString();
        case LanguageRole:
            return text ? blocks[row.block].language : QString();
        case RestRole:
            return text && blocks[row.block].rest != TextBlock::Rest::None;
        case OpeningRole:
            return text && row.block == 0;
        case ClosingRole:
            return text && row.block == blocks.size() - 1;
        case TitledRole:
            return !entry.turn.fromPerson &&
                   (row.piece == Piece::Reasoning || (text && row.block == 0 && entry.reasoning.all().isEmpty()));
        case StreamingRole:
            return entry.streaming;
        case NoteRole:
            return noteOf(entry.turn);
        case FailureRole:
            return inWords(entry.turn.failure);
        case ModelRole:
            return entry.turn.model;
        case PlaceRole:
            return entry.place;
        case PlacesRole:
            return entry.places;
        case UnfoldedRole:
            return entry.unfolded;
        default:
            return {};
    }
}

ChatTranscript::Entry ChatTranscript::entryOf(const Conversation &conversation, int number) const {
    const Turn &turn = *conversation.turn(number);
    const QList<int> siblings = conversation.siblings(number);
    const bool markdown = m_markdown && !turn.fromPerson;
    Entry entry{.turn = turn,
                .blocks = TextBlocks(markdown ? TextBlocks::Form::Markdown : TextBlocks::Form::Plain),
                .reasoning = TextBlocks(TextBlocks::Form::Plain),
                .place = static_cast<int>(siblings.indexOf(number)) + 1,
                .places = static_cast<int>(siblings.size())};
    entry.blocks.append(turn.text);
    entry.reasoning.append(turn.reasoning);
    entry.turn.text.clear();
    entry.turn.reasoning.clear();
    return entry;
}

QList<ChatTranscript::Row> ChatTranscript::rowsOf(qsizetype at) const {
    const Entry &entry = m_entries[at];
    QList<Row> rows;
    const qsizetype thoughts = entry.reasoning.all().size();
    if (thoughts > 0) rows.append({at, Piece::Reasoning});
    for (qsizetype i = 0; entry.unfolded && i < thoughts; ++i) rows.append({at, Piece::Thought, i});
    for (qsizetype i = 0; i < entry.blocks.all().size(); ++i) rows.append({at, pieceOf(entry.blocks.all()[i].kind), i});
    rows.append({at, Piece::End});
    return rows;
}

void ChatTranscript::show(const Conversation &conversation, int end, bool markdown) {
    beginResetModel();
    m_markdown = markdown;
    m_entries.clear();
    m_rows.clear();
    const QList<int> path = conversation.pathTo(end);
    for (const int number : path) {
        m_entries.append(entryOf(conversation, number));
        m_rows += rowsOf(m_entries.size() - 1);
    }
    endResetModel();
    Q_EMIT turnsChanged();
}

void ChatTranscript::append(const Conversation &conversation, bool streaming) {
    m_entries.append(entryOf(conversation, conversation.end()));
    m_entries.last().streaming = streaming;
    const QList<Row> rows = rowsOf(m_entries.size() - 1);
    beginInsertRows({}, rowCount(), rowCount() + static_cast<int>(rows.size()) - 1);
    m_rows += rows;
    endInsertRows();
    Q_EMIT turnsChanged();
}

void ChatTranscript::changed(int from, int to, const QList<int> &roles) {
    if (from <= to) Q_EMIT dataChanged(index(from), index(to), roles);
}

/// More text for the last turn's blocks, whose rows end before row `end`.
void ChatTranscript::grow(TextBlocks &blocks, const QString &text, int end, bool thought) {
    const qsizetype at = m_entries.size() - 1;
    const auto piece = [thought](const TextBlock &block) { return thought ? Piece::Thought : pieceOf(block.kind); };
    const qsizetype settled = blocks.settled(), had = blocks.all().size();
    const QList<TextBlock> before = blocks.all().sliced(settled);
    blocks.append(text);
    const QList<TextBlock> &now = blocks.all();
    const int firstRow = end - static_cast<int>(had);
    const int shared = static_cast<int>(std::min(had, now.size()));
    if (now.size() > had) {
        beginInsertRows({}, end, firstRow + static_cast<int>(now.size()) - 1);
        for (qsizetype i = shared; i < now.size(); ++i) m_rows.insert(firstRow + i, {at, piece(now[i]), i});
        endInsertRows();
    } else if (now.size() < had) {
        beginRemoveRows({}, firstRow + shared, end - 1);
        m_rows.remove(firstRow + shared, had - shared);
        endRemoveRows();
    }
    int first = shared;
    for (qsizetype i = settled; i < shared; ++i) {
        m_rows[firstRow + i].piece = piece(now[i]);
        if (now[i] != before[i - settled]) first = std::min(first, static_cast<int>(i));
    }
    changed(firstRow + first, firstRow + shared - 1, {});
    if (now.size() != had && shared > 0) changed(firstRow + shared - 1, firstRow + shared - 1, {ClosingRole});
}

void ChatTranscript::appendText(const QString &text) {
    if (m_entries.isEmpty() || text.isEmpty()) return;
    TextBlocks &blocks = m_entries.last().blocks;
    const bool isNew = blocks.all().isEmpty();
    // The end of the turn stays the last row; its text's rows stand in front of it.
    grow(blocks, text, rowCount() - 1, false);
    // The end says that something has come.
    if (isNew) changed(rowCount() - 1, rowCount() - 1, {});
}

void ChatTranscript::appendReasoning(const QString &text) {
    if (m_entries.isEmpty() || text.isEmpty()) return;
    Entry &entry = m_entries.last();
    const int end = rowCount() - 1 - static_cast<int>(entry.blocks.all().size());
    if (entry.reasoning.all().isEmpty()) {
        beginInsertRows({}, end, end);
        m_rows.insert(end, {m_entries.size() - 1, Piece::Reasoning});
        entry.reasoning.append(text);
        endInsertRows();
    } else if (entry.unfolded) {
        grow(entry.reasoning, text, end, true);
    } else {
        entry.reasoning.append(text);
    }
}

void ChatTranscript::unfold(int row, bool unfolded) {
    if (row < 0 || row >= rowCount() || m_rows[row].piece != Piece::Reasoning) return;
    const qsizetype at = m_rows[row].entry;
    if (m_entries[at].unfolded == unfolded) return;
    const int thoughts = static_cast<int>(m_entries[at].reasoning.all().size());
    m_entries[at].unfolded = unfolded;
    if (unfolded) {
        beginInsertRows({}, row + 1, row + thoughts);
        for (int i = 0; i < thoughts; ++i) m_rows.insert(row + 1 + i, {at, Piece::Thought, i});
        endInsertRows();
    } else {
        beginRemoveRows({}, row + 1, row + thoughts);
        m_rows.remove(row + 1, thoughts);
        endRemoveRows();
    }
    changed(row, row, {UnfoldedRole});
}

void ChatTranscript::resumeLast() {
    endLast({}, true);
}

void ChatTranscript::endLast(const Turn &turn, bool streaming) {
    if (m_entries.isEmpty()) return;
    Entry &entry = m_entries.last();
    entry.streaming = streaming;
    entry.turn.failure = turn.failure;
    entry.turn.figures = turn.figures;
    const auto rows = static_cast<int>(rowsOf(m_entries.size() - 1).size());
    changed(rowCount() - rows, rowCount() - 1, {StreamingRole, NoteRole, FailureRole});
}

QString ChatTranscript::codeAt(int row) const {
    if (row < 0 || row >= rowCount() || m_rows[row].piece != Piece::Code) return {};
    const QList<TextBlock> &blocks = m_entries[m_rows[row].entry].blocks.all();
    qsizetype first = m_rows[row].block;
    while (first > 0 && blocks[first].rest != TextBlock::Rest::None) --first;
    QString code = blocks[first].text;
    for (qsizetype i = first + 1; i < blocks.size() && blocks[i].rest != TextBlock::Rest::None; ++i)
        code += (blocks[i].rest == TextBlock::Rest::OfLines ? QStringLiteral("\n") : QString()) + blocks[i].text;
    return code;
}

}  // namespace millm
