#pragma once

#include "core/base/error.h"
#include "core/conversations/conversation.h"

#include <QFuture>
#include <QList>

namespace millm {

class Database;

/// The tables `conversations` and `turns`. From any thread; answers are futures from the database's, in the order of the calls.
class ConversationRepository {
public:
    explicit ConversationRepository(Database &database) : m_database(database) {}

    /// The newest first, at most `limit`; with `search`, those in whose title or messages it occurs, in any
    /// case (SQLite: of ASCII's letters).
    QFuture<Result<QList<ConversationHead>>> heads(const QString &search = {}, int limit = 1000);
    QFuture<Result<Conversation>> read(qint64 id);
    /// Title, options and what is shown, without turns; its id.
    QFuture<Result<qint64>> insert(const Conversation &conversation);
    /// The same of one that is kept; its time becomes now.
    QFuture<Result<void>> update(const Conversation &conversation);
    QFuture<Result<void>> rename(qint64 id, const QString &title);
    /// Writes one turn, new or changed.
    QFuture<Result<void>> save(qint64 id, const Turn &turn);
    QFuture<Result<void>> remove(qint64 id);

private:
    Database &m_database;
};

}  // namespace millm
