#include "core/storage/database.h"

#include "core/base/database_url.h"
#include "core/base/errors.h"
#include "core/base/worker_thread.h"
#include "core/storage/migrations.h"
#include "core/storage/sql.h"

#include <QDir>
#include <QFileInfo>
#include <QLoggingCategory>
#include <QSqlError>
#include <QSqlQuery>
#include <QUuid>

namespace millm {

namespace {

Q_LOGGING_CATEGORY(log, "millm.storage")

}  // namespace

class Database::Private {
public:
    explicit Private(const QString &url) : parsed(parseDatabaseUrl(url)) {}

    bool postgresql() const { return parsed && parsed->kind == DatabaseUrl::Kind::PostgreSql; }
    Dialect dialect() const { return postgresql() ? Dialect::PostgreSql : Dialect::Sqlite; }

    // The members below are used in the database's thread only.
    Result<void> open();
    Result<void> connect();
    void close();
    bool lost() const { return postgresql() && opened && !connection.isOpen(); }

    Result<DatabaseUrl> parsed;
    QString name = QUuid::createUuid().toString(QUuid::WithoutBraces);
    QSqlDatabase connection;
    bool opened = false;  ///< it was open and migrated once
    WorkerThread thread{QStringLiteral("database")};
};

Result<void> Database::Private::open() {
    if (!parsed) return parsed.error();
    if (opened) return {};
    if (auto done = connect(); !done) return done;
    if (auto done = migrate(connection, dialect()); !done) {
        close();
        return done;
    }
    opened = true;
    return {};
}

Result<void> Database::Private::connect() {
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
        QString options = url.options;
        if (!options.contains(QStringLiteral("connect_timeout="))) {
            if (!options.isEmpty()) options += QLatin1Char(';');
            options += QStringLiteral("connect_timeout=10");
        }
        connection.setConnectOptions(options);
    } else {
        if (url.file != QStringLiteral(":memory:")) QDir().mkpath(QFileInfo(url.file).path());
        connection.setDatabaseName(url.file);
        connection.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=10000"));
    }
    if (!connection.open()) {
        QString words = connection.lastError().text();
        if (!url.password.isEmpty()) words.replace(url.password, QStringLiteral("***"));
        close();
        return errors::internal(QStringLiteral("The database cannot be opened: %1").arg(words.trimmed()));
    }
    const QStringList settings =
        postgresql() ? QStringList{QStringLiteral("SET TIME ZONE 'UTC'"), QStringLiteral("SET client_min_messages = warning")}
                     : QStringList{QStringLiteral("PRAGMA journal_mode = WAL"), QStringLiteral("PRAGMA synchronous = NORMAL"),
                                   QStringLiteral("PRAGMA foreign_keys = ON")};
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
            qCWarning(log, "The connection to the database was lost; connecting again");
            p->close();
            if (auto again = p->connect(); again)
                work(p->connection);
            else
                qCWarning(log, "%s", qPrintable(again.error().message));
        }
        done();
    });
}

}  // namespace millm
