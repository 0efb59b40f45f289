#include "core/conversations/conversation_repository.h"

#include "core/base/errors.h"
#include "core/storage/database.h"
#include "core/storage/sql.h"

#include <QTimeZone>

namespace millm {

namespace {

using namespace Qt::StringLiterals;

/// What a text column takes: PostgreSQL's have no place for a character zero, which a model may well write.
QString kept(QString text) {
    text.remove(QChar(u'\0'));
    return text.isNull() ? u""_s : text;
}

QString now() {
    return QDateTime::currentDateTimeUtc().toString(Qt::ISODateWithMs);
}

QDateTime timeOf(const QVariant &value) {
    return QDateTime::fromString(value.toString(), Qt::ISODateWithMs).toUTC();
}

Error missing(qint64 id) {
    return errors::invalidRequest(u"conversation"_s, u"There is no conversation %1."_s.arg(id));
}

/// A pattern of LIKE in which the text stands for itself.
QString pattern(const QString &text) {
    QString escaped = text;
    for (const QChar special : u"\\%_"_s) escaped.replace(special, u"\\"_s + special);
    return u'%' + escaped + u'%';
}

Result<void> expectOne(Result<QSqlQuery> query, qint64 id) {
    if (!query) return query.error();
    const auto row = sql::returnedRow(*query);
    if (!row) return row.error();
    return row->isEmpty() ? Result<void>(missing(id)) : Result<void>();
}

Turn turnOf(const QSqlQuery &row) {
    Turn turn;
    turn.number = row.value(0).toInt();
    turn.parent = row.value(1).toInt();
    turn.fromPerson = row.value(2).toInt() != 0;
    turn.text = row.value(3).toString();
    turn.reasoning = row.value(4).toString();
    turn.failure = row.value(5).toString();
    turn.model = row.value(6).toString();
    turn.figures = AnswerFigures::fromJson(row.value(7).toString().toUtf8());
    turn.at = timeOf(row.value(8));
    return turn;
}

}  // namespace

QFuture<Result<QList<ConversationHead>>> ConversationRepository::heads(const QString &search, int limit) {
    using Answer = Result<QList<ConversationHead>>;
    // SQLite's LIKE knows no other.
    const QString like = m_database.dialect() == Database::Dialect::PostgreSql ? u"ILIKE"_s : u"LIKE"_s;
    return m_database.run<Answer>([search, limit, like](QSqlDatabase &connection) -> Answer {
        QString statement = u"SELECT id, title, updated_at FROM conversations"_s;
        QVariantList values;
        if (!search.isEmpty()) {
            statement +=
                uR"( WHERE title %1 ? ESCAPE '\' OR EXISTS (SELECT 1 FROM turns WHERE
                              turns.conversation_id = conversations.id AND turns.text %1 ? ESCAPE '\'))"_s.arg(like);
            values << pattern(search) << pattern(search);
        }
        statement += u" ORDER BY updated_at DESC, id DESC LIMIT %1"_s.arg(limit);
        auto query = sql::execute(connection, statement, values);
        if (!query) return query.error();
        QList<ConversationHead> heads;
        while (query->next()) heads.append({query->value(0).toLongLong(), query->value(1).toString(), timeOf(query->value(2))});
        return heads;
    });
}

QFuture<Result<Conversation>> ConversationRepository::read(qint64 id) {
    using Answer = Result<Conversation>;
    return m_database.run<Answer>([id](QSqlDatabase &connection) -> Answer {
        auto head = sql::execute(connection, u"SELECT title, options_json, shown_turn FROM conversations WHERE id = ?"_s, {id});
        if (!head) return head.error();
        if (!head->next()) return missing(id);
        Conversation conversation;
        conversation.id = id;
        conversation.title = head->value(0).toString();
        conversation.options = ConversationOptions::fromJson(head->value(1).toString().toUtf8());
        const int shown = head->value(2).toInt();
        auto query = sql::execute(connection,
                                  u"SELECT number, parent, from_person, text, reasoning, failure, model, figures_json, at "
                                  "FROM turns WHERE conversation_id = ? ORDER BY number"_s,
                                  {id});
        if (!query) return query.error();
        QList<Turn> turns;
        while (query->next()) turns << turnOf(*query);
        conversation.restore(turns, shown);
        return conversation;
    });
}

QFuture<Result<qint64>> ConversationRepository::insert(const Conversation &conversation) {
    const QVariantList values{kept(conversation.title), QString::fromUtf8(conversation.options.toJson()), conversation.end(),
                              now()};
    return m_database.run<Result<qint64>>([values](QSqlDatabase &connection) -> Result<qint64> {
        auto query = sql::execute(
            connection,
            u"INSERT INTO conversations (title, options_json, shown_turn, updated_at) VALUES (?, ?, ?, ?) RETURNING id"_s,
            values);
        if (!query) return query.error();
        const auto row = sql::returnedRow(*query);
        if (!row) return row.error();
        if (row->isEmpty()) return errors::internal(u"The database did not tell the new conversation's id."_s);
        return row->at(0).toLongLong();
    });
}

QFuture<Result<void>> ConversationRepository::update(const Conversation &conversation) {
    const QVariantList values{kept(conversation.title), QString::fromUtf8(conversation.options.toJson()), conversation.end(),
                              now(), conversation.id};
    return m_database.run<Result<void>>([values, id = conversation.id](QSqlDatabase &connection) {
        return expectOne(sql::execute(connection,
                                      u"UPDATE conversations SET title = ?, options_json = ?, shown_turn = ?, updated_at = ? "
                                      "WHERE id = ? RETURNING id"_s,
                                      values),
                         id);
    });
}

QFuture<Result<void>> ConversationRepository::rename(qint64 id, const QString &title) {
    return m_database.run<Result<void>>([id, title = kept(title)](QSqlDatabase &connection) {
        return expectOne(
            sql::execute(connection, u"UPDATE conversations SET title = ? WHERE id = ? RETURNING id"_s, {title, id}), id);
    });
}

QFuture<Result<void>> ConversationRepository::save(qint64 id, const Turn &turn) {
    const QVariantList values{id,
                              turn.number,
                              turn.parent,
                              turn.fromPerson ? 1 : 0,
                              kept(turn.text),
                              kept(turn.reasoning),
                              kept(turn.failure),
                              kept(turn.model),
                              QString::fromUtf8(turn.figures.toJson()),
                              kept(turn.at.toUTC().toString(Qt::ISODateWithMs))};
    return m_database.run<Result<void>>([values](QSqlDatabase &connection) -> Result<void> {
        auto query = sql::execute(connection,
                                  u"INSERT INTO turns (conversation_id, number, parent, from_person, text, reasoning, failure, "
                                  "model, figures_json, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                                  "ON CONFLICT (conversation_id, number) DO UPDATE SET text = excluded.text, "
                                  "reasoning = excluded.reasoning, failure = excluded.failure, model = excluded.model, "
                                  "figures_json = excluded.figures_json"_s,
                                  values);
        return query ? Result<void>() : Result<void>(query.error());
    });
}

QFuture<Result<void>> ConversationRepository::remove(qint64 id) {
    return m_database.run<Result<void>>([id](QSqlDatabase &connection) {
        return expectOne(sql::execute(connection, u"DELETE FROM conversations WHERE id = ? RETURNING id"_s, {id}), id);
    });
}

}  // namespace millm
