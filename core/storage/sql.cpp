#include "core/storage/sql.h"

#include "core/base/errors.h"

#include <QSqlDriver>
#include <QSqlError>
#include <QSqlRecord>

namespace millm::sql {

namespace {

struct Run {
    QSqlQuery query;
    bool ok = false;
};

Run run(QSqlDatabase &connection, const QString &statement, const QVariantList &values) {
    Run run{QSqlQuery(connection)};
    run.query.setForwardOnly(true);
    if (values.isEmpty()) {
        // Not prepared: SET, PRAGMA and definitions of tables cannot be on every server.
        run.ok = run.query.exec(statement);
        return run;
    }
    if (!run.query.prepare(statement)) return run;
    for (const auto &value : values) run.query.addBindValue(value);
    run.ok = run.query.exec();
    return run;
}

Error failure(const QSqlError &error) {
    return errors::internal(QStringLiteral("The database failed: %1").arg(error.text().trimmed()));
}

}  // namespace

Result<QSqlQuery> execute(QSqlDatabase &connection, const QString &statement, const QVariantList &values) {
    Run done = run(connection, statement, values);
    if (!done.ok) return failure(done.query.lastError());
    return std::move(done.query);
}

bool isUniqueViolation(const QSqlError &error) {
    // PostgreSQL's 23505; SQLite's SQLITE_CONSTRAINT_UNIQUE and _PRIMARYKEY.
    const QString code = error.nativeErrorCode();
    return code == QStringLiteral("23505") || code == QStringLiteral("2067") || code == QStringLiteral("1555");
}

Result<QSqlQuery> executeUnique(QSqlDatabase &connection, const QString &statement, const QVariantList &values,
                                const Error &onDuplicate) {
    Run done = run(connection, statement, values);
    if (done.ok) return std::move(done.query);
    if (isUniqueViolation(done.query.lastError())) return onDuplicate;
    return failure(done.query.lastError());
}

Result<QVariantList> returnedRow(QSqlQuery &query) {
    QVariantList row;
    while (query.next()) {
        row.clear();
        for (int column = 0; column < query.record().count(); ++column) row << query.value(column);
    }
    if (query.lastError().isValid()) return failure(query.lastError());
    return row;
}

Result<void> transaction(QSqlDatabase &connection, const std::function<Result<void>()> &work) {
    const bool sqlite = connection.driverName() == QStringLiteral("QSQLITE");
    if (auto begun = execute(connection, sqlite ? QStringLiteral("BEGIN IMMEDIATE") : QStringLiteral("BEGIN")); !begun)
        return begun.error();
    if (auto done = work(); !done) {
        (void)execute(connection, QStringLiteral("ROLLBACK"));
        return done;
    }
    if (auto committed = execute(connection, QStringLiteral("COMMIT")); !committed) {
        (void)execute(connection, QStringLiteral("ROLLBACK"));
        return committed.error();
    }
    return {};
}

}  // namespace millm::sql
