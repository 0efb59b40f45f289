#pragma once

#include "core/base/error.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QVariantList>

#include <functional>

/// Small doors around QSqlQuery, so that every failure is a value. Database's thread.
namespace millm::sql {

/// Prepares and runs one statement; `values` bind to its question marks in order. Internal with the server's words.
Result<QSqlQuery> execute(QSqlDatabase &connection, const QString &statement, const QVariantList &values = {});

/// Did this query fail because a unique index already has the value? Both servers' codes.
bool isUniqueViolation(const QSqlError &error);

/// Like execute(), with `onDuplicate` as the error of a unique violation.
Result<QSqlQuery> executeUnique(QSqlDatabase &connection, const QString &statement, const QVariantList &values,
                                const Error &onDuplicate);

/// The columns of the row that a statement RETURNs; empty where it found none. Ends the statement: only then SQLite says
/// whether the disk took the change.
Result<QVariantList> returnedRow(QSqlQuery &query);

/// Runs `work` inside a transaction (SQLite: with the write lock from the start) and rolls back where it fails.
Result<void> transaction(QSqlDatabase &connection, const std::function<Result<void>()> &work);

}  // namespace millm::sql
