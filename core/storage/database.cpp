#include "core/storage/database.h"

#include "core/base/database_url.h"
#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/base/worker_thread.h"
#include "core/base/writable_folder.h"
#include "core/storage/migrations.h"
#include "core/storage/sql.h"

#include <QDir>
#include <QFileInfo>
#include <QSqlError>
#include <QSqlQuery>
#include <QUrl>
#include <QUuid>

namespace millm {

class Database::Private {
public:
    explicit Private(const QString &url) : parsed(parseDatabaseUrl(url)) {}

    bool postgresql() const { return parsed && parsed->kind == DatabaseUrl::Kind::PostgreSql; }
    Dialect dialect() const { return postgresql() ? Dialect::PostgreSql : Dialect::Sqlite; }

    // The members below are used in the database's thread only.
    Result<void> open();
    Result<void> connect();
    Result<void> connect(const QString &options, const QStringList &settings);
    void close();
    bool lost() const { return postgresql() && opened && !connection.isOpen(); }
    QString folder() const;
    Error withReason(Error error) const;

    Result<DatabaseUrl> parsed;
    QString name = QUuid::createUuid().toString(QUuid::WithoutBraces);
    QSqlDatabase connection;
    bool opened = false;  ///< it was open and migrated once
    WorkerThread thread{QStringLiteral("database")};
};

/// The folder of SQLite's file; empty where there is none.
QString Database::Private::folder() const {
    const bool file = parsed && !postgresql() && parsed->file != QStringLiteral(":memory:");
    return file ? QFileInfo(parsed->file).path() : QString();
}

/// SQLite's own words ("disk I/O error") seldom say why.
Error Database::Private::withReason(Error error) const {
    const QString why = folder().isEmpty() ? QString() : whyNotWritable(folder());
    if (!why.isEmpty()) error.message += QStringLiteral(" (%1: %2)").arg(folder(), why);
    return error;
}

Result<void> Database::Private::open() {
    if (!parsed) return parsed.error();
    if (opened) return {};
    if (auto done = connect(); !done) return withReason(done.error());
    if (auto done = migrate(connection, dialect()); !done) {
        close();
        return withReason(done.error());
    }
    opened = true;
    return {};
}

Result<void> Database::Private::connect() {
    if (postgresql()) {
        QString options = parsed->options;
        if (!options.contains(QStringLiteral("connect_timeout="))) {
            if (!options.isEmpty()) options += QLatin1Char(';');
            options += QStringLiteral("connect_timeout=10");
        }
        return connect(options, {QStringLiteral("SET TIME ZONE 'UTC'"), QStringLiteral("SET client_min_messages = warning")});
    }
    const QStringList settings = {QStringLiteral("PRAGMA journal_mode = WAL"), QStringLiteral("PRAGMA synchronous = NORMAL"),
                                  QStringLiteral("PRAGMA foreign_keys = ON")};
    if (!folder().isEmpty()) QDir().mkpath(folder());
    Result<void> done = connect(QStringLiteral("QSQLITE_BUSY_TIMEOUT=10000"), settings);
    if (done || folder().isEmpty()) return done;
    const QString why = whyNotWritable(folder());
    if (why.isEmpty()) return done;
    // Who deletes models to make room must see them: without a file for shared memory a full disk is read as before, and
    // written again once there is room; a read-only one is read only.
    qCWarning(storageLog, "The database in %s cannot be written: %s", qPrintable(folder()), qPrintable(why));
    if (connect({}, QStringList{QStringLiteral("PRAGMA locking_mode = EXCLUSIVE")} + settings)) return {};
    if (connect(QStringLiteral("QSQLITE_OPEN_URI;QSQLITE_OPEN_READONLY"), {})) return {};
    return done;
}

Result<void> Database::Private::connect(const QString &options, const QStringList &settings) {
    const DatabaseUrl &url = *parsed;
    connection = QSqlDatabase::addDatabase(postgresql() ? QStringLiteral("QPSQL") : QStringLiteral("QSQLITE"), name);
    if (!connection.isValid()) {
        close();
        return errors::internal(QStringLiteral("Qt's database driver %1 is not installed.")
                                    .arg(postgresql() ? QStringLiteral("QPSQL") : QStringLiteral("QSQLITE")));
    }
    if (postgresql()) {
        connection.setHostName(url.host);
        connection.setPort(url.port);
        connection.setDatabaseName(url.database);
        connection.setUserName(url.user);
        connection.setPassword(url.password);
    } else if (options.contains(QStringLiteral("QSQLITE_OPEN_URI"))) {
        connection.setDatabaseName(QString::fromLatin1(QUrl::fromLocalFile(url.file).toEncoded()) +
                                   QStringLiteral("?immutable=1"));
    } else {
        connection.setDatabaseName(url.file);
    }
    connection.setConnectOptions(options);
    if (!connection.open()) {
        QString words = connection.lastError().text();
        if (!url.password.isEmpty()) words.replace(url.password, QStringLiteral("***"));
        close();
        return errors::internal(QStringLiteral("The database cannot be opened: %1").arg(words.trimmed()));
    }
    for (const auto &statement : settings) {
        if (auto done = sql::execute(connection, statement); !done) {
            close();
            return done.error();
        }
    }
    return {};
}

void Database::Private::close() {
    connection.close();
    connection = QSqlDatabase();
    QSqlDatabase::removeDatabase(name);
}

Database::Database(const QString &url, QObject *parent) : QObject(parent), d(std::make_unique<Private>(url)) {}

Database::~Database() {
    d->thread.run([p = d.get()] { p->close(); });
}

QFuture<Result<void>> Database::open() {
    return d->thread.run([p = d.get()] { return p->open(); });
}

QFuture<bool> Database::ping() {
    auto answer = std::make_shared<bool>(false);
    Deferred<bool> deferred;
    enqueue(
        [answer](QSqlDatabase &connection) {
            *answer = connection.isOpen() && sql::execute(connection, QStringLiteral("SELECT 1")).ok();
        },
        [answer, deferred] { deferred.finish(*answer); });
    return deferred.future();
}

Database::Dialect Database::dialect() const {
    return d->dialect();
}

void Database::enqueue(std::function<void(QSqlDatabase &)> work, std::function<void()> done) {
    d->thread.run([p = d.get(), work = std::move(work), done = std::move(done)] {
        work(p->connection);
        if (p->lost()) {
            qCWarning(storageLog, "The connection to the database was lost; connecting again");
            p->close();
            if (auto again = p->connect(); again)
                work(p->connection);
            else
                qCWarning(storageLog, "%s", qPrintable(again.error().message));
        }
        done();
    });
}

}  // namespace millm
