#include "core/storage/database.h"
#include "core/storage/migrations.h"
#include "core/storage/sql.h"
#include "tests/support/small_disk.h"
#include "tests/support/temporary_database.h"
#include "tests/support/waiting.h"

#include <QUrl>

namespace millm {

using testing::answer;

class DatabaseTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void migratesOnceAndKeepsData();
    void laterMigrationsKeepRecords();
    void migrationsAreNumberedInOrder();
    void refusesANewerDatabase();
    void runsInOrderOnItsOwnThread();
    void tellsUniqueViolations();
    void repositoryIdsCompareWithoutCase();
    void rollsBackWhatFails();
    void aFailedMigrationLeavesNothing();
    void saysWhyItCannotOpen();
    void readsOnAFullDisk();
    void readsOnAReadOnlyDisk();
    void connectsAgainWhenTheServerWasGone();
    void pingTellsWhetherItAnswers();
    void endsQueuedWorkBeforeItGoes();

private:
    static Result<int> models(Database &database);
    static Result<qint64> insertModel(QSqlDatabase &connection, const QString &name, const QString &repository);
    testing::TemporaryDatabase m_databases;
};

Result<qint64> DatabaseTest::insertModel(QSqlDatabase &connection, const QString &name, const QString &repository) {
    auto query = sql::executeUnique(connection,
                                    QStringLiteral("INSERT INTO models (name, source, repo_id, quantization, cache_path) "
                                                   "VALUES (?, 'huggingface', ?, 'Q4', '/x') RETURNING id"),
                                    {name, repository}, Error{ErrorCode::ModelAlreadyExists, {}, {}});
    if (!query) return query.error();
    const auto row = sql::returnedRow(*query);
    if (!row) return row.error();
    return row->at(0).toLongLong();
}

Result<int> DatabaseTest::models(Database &database) {
    return answer(database.run<Result<int>>([](QSqlDatabase &c) -> Result<int> {
        auto query = sql::execute(c, QStringLiteral("SELECT count(*) FROM models"));
        if (!query) return query.error();
        query->next();
        return query->value(0).toInt();
    }));
}

void DatabaseTest::readsOnAFullDisk() {
    if (m_databases.isPostgreSql()) QSKIP("SQLite's");
    testing::SmallDisk disk;
    if (!disk.isValid()) QSKIP(testing::SmallDisk::needs);
    const QString url = QStringLiteral("sqlite://") + disk.path() + QStringLiteral("/millm.db");
    const auto insert = [](const char *name) {
        return [name](QSqlDatabase &c) { return insertModel(c, QString::fromLatin1(name), QString::fromLatin1(name)); };
    };
    {
        Database database(url);
        QVERIFY(answer(database.open()).ok());
        QVERIFY(answer(database.run<Result<qint64>>(insert("one"))).ok());
    }
    disk.fill();
    {
        Database database(url);
        const auto opened = answer(database.open());
        QVERIFY2(opened.ok(), opened ? "" : qPrintable(opened.error().message));
        QCOMPARE(*models(database), 1);
        QVERIFY(!answer(database.run<Result<qint64>>(insert("two"))).ok());
        disk.makeRoom();  // what was deleted to this end
        QVERIFY(answer(database.run<Result<qint64>>(insert("two"))).ok());
        QCOMPARE(*models(database), 2);
    }
    Database again(url);
    QVERIFY(answer(again.open()).ok());
    QCOMPARE(*models(again), 2);

    // A new one cannot be made; the words say why.
    disk.fill();
    Database none(QStringLiteral("sqlite://") + disk.path() + QStringLiteral("/other.db"));
    const auto failed = answer(none.open());
    QVERIFY(!failed.ok());
    QVERIFY2(failed.error().message.contains(QStringLiteral("the disk is full")), qPrintable(failed.error().message));
}

void DatabaseTest::readsOnAReadOnlyDisk() {
    if (m_databases.isPostgreSql()) QSKIP("SQLite's");
    testing::SmallDisk disk;
    if (!disk.isValid()) QSKIP(testing::SmallDisk::needs);
    const QString url = QStringLiteral("sqlite://") + disk.path() + QStringLiteral("/a b%3F%25.db");
    {
        Database database(url);
        QVERIFY(answer(database.open()).ok());
        QVERIFY(answer(database.run<Result<qint64>>([](QSqlDatabase &c) { return insertModel(c, "one", "a/b"); })).ok());
    }
    disk.makeReadOnly();
    Database database(url);
    const auto opened = answer(database.open());
    QVERIFY2(opened.ok(), opened ? "" : qPrintable(opened.error().message));
    QCOMPARE(*models(database), 1);
}

void DatabaseTest::migratesOnceAndKeepsData() {
    const QString url = m_databases.url();
    for (int start = 0; start < 2; ++start) {
        Database database(url);
        QCOMPARE(database.dialect(), m_databases.isPostgreSql() ? Database::Dialect::PostgreSql : Database::Dialect::Sqlite);
        const auto opened = answer(database.open());
        QVERIFY2(opened.ok(), opened ? "" : qPrintable(opened.error().message));
        if (start == 0)
            QVERIFY(answer(database.run<Result<qint64>>([](QSqlDatabase &c) {
                        return insertModel(c, QStringLiteral("one"), QStringLiteral("a/b"));
                    })).ok());
        const auto count = answer(database.run<Result<int>>([](QSqlDatabase &c) -> Result<int> {
            auto query = sql::execute(
                c, QStringLiteral("SELECT (SELECT count(*) FROM models) * 100 + (SELECT count(*) FROM migrations)"));
            if (!query) return query.error();
            query->next();
            return query->value(0).toInt();
        }));
        QCOMPARE(*count, 100 + int(migrations().size()));
    }
}

/// The fourth makes SQLite's table anew: what stands in it stays, and numbers that were given once are not given again.
void DatabaseTest::laterMigrationsKeepRecords() {
    const QString url = m_databases.url();
    {
        Database database(url);
        QVERIFY(answer(database.open()).ok());
        const bool sqlite = database.dialect() == Database::Dialect::Sqlite;
        const auto made = answer(database.run<Result<void>>([sqlite](QSqlDatabase &c) -> Result<void> {
            QStringList statements{QStringLiteral("DROP TABLE models"),
                                   QStringLiteral("DELETE FROM migrations WHERE version > 3")};
            for (const int at : {0, 2})
                statements += QString::fromUtf8(sqlite ? migrations()[at].sqlite : migrations()[at].postgresql)
                                  .split(QLatin1Char(';'), Qt::SkipEmptyParts);
            for (const QString &statement : std::as_const(statements))
                if (const auto done = sql::execute(c, statement); !done) return done.error();
            for (const char *name : {"one", "two", "three"})
                if (const auto done =
                        insertModel(c, QString::fromLatin1(name), QStringLiteral("a/%1").arg(QLatin1StringView(name)));
                    !done)
                    return done.error();
            for (const char *change : {"UPDATE models SET context_length = 4096, local_path = '/a/folder' WHERE name = 'one'",
                                       "DELETE FROM models WHERE name = 'three'"})
                if (const auto done = sql::execute(c, QString::fromLatin1(change)); !done) return done.error();
            return {};
        }));
        QVERIFY2(made.ok(), made ? "" : qPrintable(made.error().message));
    }
    Database database(url);
    const auto opened = answer(database.open());
    QVERIFY2(opened.ok(), opened ? "" : qPrintable(opened.error().message));
    const auto told = answer(database.run<Result<QStringList>>([](QSqlDatabase &c) -> Result<QStringList> {
        QStringList rows;
        if (const auto next = insertModel(c, QStringLiteral("four"), QStringLiteral("a/four")); !next) return next.error();
        auto query =
            sql::execute(c, QStringLiteral("SELECT id, name, coalesce(context_length, 0), kept FROM models ORDER BY id"));
        if (!query) return query.error();
        while (query->next())
            rows << QStringLiteral("%1 %2 %3 %4")
                        .arg(query->value(0).toInt())
                        .arg(query->value(1).toString())
                        .arg(query->value(2).toInt())
                        .arg(query->value(3).toBool());
        return rows;
    }));
    QVERIFY2(told.ok(), told ? "" : qPrintable(told.error().message));
    QCOMPARE(*told, (QStringList{QStringLiteral("1 one 4096 0"), QStringLiteral("2 two 0 0"), QStringLiteral("4 four 0 0")}));
}

void DatabaseTest::migrationsAreNumberedInOrder() {
    int expected = 1;
    for (const auto &step : migrations()) QCOMPARE(step.version, expected++);
}

void DatabaseTest::refusesANewerDatabase() {
    const QString url = m_databases.url();
    {
        Database database(url);
        QVERIFY(answer(database.open()).ok());
        QVERIFY(answer(database.run<Result<QSqlQuery>>([](QSqlDatabase &c) {
                    auto done = sql::execute(c, QStringLiteral("INSERT INTO migrations VALUES (?, 'later', 'now')"), {1000});
                    return done ? Result<QSqlQuery>(QSqlQuery()) : done;
                })).ok());
    }
    Database database(url);
    const auto opened = answer(database.open());
    QVERIFY(!opened);
    QVERIFY(opened.error().message.contains(QStringLiteral("version 1000")));
    QVERIFY(opened.error().message.contains(QStringLiteral("newer")));
}

void DatabaseTest::runsInOrderOnItsOwnThread() {
    Database database(m_databases.url());
    QVERIFY(answer(database.open()).ok());
    QList<QFuture<Result<qint64>>> futures;
    for (int i = 0; i < 50; ++i)
        futures << database.run<Result<qint64>>(
            [i](QSqlDatabase &c) { return insertModel(c, QStringLiteral("m%1").arg(i), QStringLiteral("a/m%1").arg(i)); });
    qint64 last = 0;
    for (const auto &future : futures) {
        const auto id = answer(future);
        QVERIFY(*id > last);
        last = *id;
    }
    const auto thread = answer(
        database.run<Result<QString>>([](QSqlDatabase &) { return Result<QString>(QThread::currentThread()->objectName()); }));
    QCOMPARE(*thread, QStringLiteral("database"));
}

void DatabaseTest::tellsUniqueViolations() {
    Database database(m_databases.url());
    QVERIFY(answer(database.open()).ok());
    QVERIFY(answer(database.run<Result<qint64>>([](QSqlDatabase &c) {
                return insertModel(c, QStringLiteral("n"), QStringLiteral("a/b"));
            })).ok());
    const auto sameName = answer(database.run<Result<qint64>>(
        [](QSqlDatabase &c) { return insertModel(c, QStringLiteral("n"), QStringLiteral("c/d")); }));
    QCOMPARE(sameName.error().code, ErrorCode::ModelAlreadyExists);
    const auto broken =
        answer(database.run<Result<qint64>>([](QSqlDatabase &c) { return insertModel(c, {}, QStringLiteral("c/e")); }));
    QCOMPARE(broken.error().code, ErrorCode::Internal);
}

void DatabaseTest::repositoryIdsCompareWithoutCase() {
    Database database(m_databases.url());
    QVERIFY(answer(database.open()).ok());
    QVERIFY(answer(database.run<Result<qint64>>([](QSqlDatabase &c) {
                return insertModel(c, QStringLiteral("n"), QStringLiteral("Google/Gemma"));
            })).ok());
    const auto same = answer(database.run<Result<qint64>>(
        [](QSqlDatabase &c) { return insertModel(c, QStringLiteral("m"), QStringLiteral("google/gemma")); }));
    QCOMPARE(same.error().code, ErrorCode::ModelAlreadyExists);
}

void DatabaseTest::rollsBackWhatFails() {
    Database database(m_databases.url());
    QVERIFY(answer(database.open()).ok());
    const auto done = answer(database.run<Result<void>>([](QSqlDatabase &c) {
        return sql::transaction(c, [&]() -> Result<void> {
            if (auto inserted = insertModel(c, QStringLiteral("n"), QStringLiteral("a/b")); !inserted) return inserted.error();
            return Error{ErrorCode::Cancelled, {}, {}};
        });
    }));
    QCOMPARE(done.error().code, ErrorCode::Cancelled);
    QVERIFY(answer(database.run<Result<qint64>>([](QSqlDatabase &c) {
                return insertModel(c, QStringLiteral("n"), QStringLiteral("a/b"));
            })).ok());
}

void DatabaseTest::aFailedMigrationLeavesNothing() {
    const QString url = m_databases.url();
    Database blocked(url);
    QVERIFY(answer(blocked.open()).ok());
    // The table is there while its migration is not written down: it cannot be applied again.
    QVERIFY(answer(blocked.run<Result<void>>([](QSqlDatabase &c) -> Result<void> {
                auto done = sql::execute(c, QStringLiteral("DELETE FROM migrations"));
                return done ? Result<void>() : Result<void>(done.error());
            })).ok());
    Database database(url);
    const auto opened = answer(database.open());
    QVERIFY(!opened);
    QVERIFY2(opened.error().message.contains(QStringLiteral("models")), qPrintable(opened.error().message));
}

void DatabaseTest::saysWhyItCannotOpen() {
    const QString url = m_databases.isPostgreSql()
                            ? QStringLiteral("postgresql://me:hunter2@127.0.0.1:1/nothing?connect_timeout=2")
                            : QStringLiteral("sqlite:///proc/no/such/place.db");
    Database database(url);
    const auto opened = answer(database.open());
    QVERIFY(!opened);
    QVERIFY(!opened.error().message.contains(QStringLiteral("hunter2")));
    QVERIFY(!answer(database.ping()));
    // Work is answered, not lost.
    QVERIFY(!answer(database.run<Result<qint64>>(
        [](QSqlDatabase &c) { return insertModel(c, QStringLiteral("n"), QStringLiteral("a/b")); })));
    Database wrong(QStringLiteral("nothing"));
    QCOMPARE(answer(wrong.open()).error().code, ErrorCode::InvalidRequest);
}

void DatabaseTest::connectsAgainWhenTheServerWasGone() {
    if (!m_databases.isPostgreSql()) QSKIP("a file has no connection to lose");
    const QString url = m_databases.url();
    Database database(url);
    QVERIFY(answer(database.open()).ok());
    QVERIFY(answer(database.run<Result<qint64>>([](QSqlDatabase &c) {
                return insertModel(c, QStringLiteral("a"), QStringLiteral("a/a"));
            })).ok());
    QVERIFY(m_databases.server()->cutConnections(QUrl(url).path().mid(1)));
    const auto after = answer(database.run<Result<qint64>>(
        [](QSqlDatabase &c) { return insertModel(c, QStringLiteral("b"), QStringLiteral("a/b")); }));
    QVERIFY2(after.ok(), after ? "" : qPrintable(after.error().message));
}

void DatabaseTest::pingTellsWhetherItAnswers() {
    Database database(m_databases.url());
    QVERIFY(!answer(database.ping()));
    QVERIFY(answer(database.open()).ok());
    QVERIFY(answer(database.ping()));
    if (!m_databases.isPostgreSql()) return;
    m_databases.server()->stop();
    QVERIFY(!answer(database.ping()));
    QVERIFY(m_databases.server()->start());
    QVERIFY(answer(database.ping()));
}

void DatabaseTest::endsQueuedWorkBeforeItGoes() {
    const QString url = m_databases.url();
    {
        Database database(url);
        database.open();
        for (int i = 0; i < 20; ++i)
            database.run<Result<qint64>>(
                [i](QSqlDatabase &c) { return insertModel(c, QStringLiteral("m%1").arg(i), QStringLiteral("a/m%1").arg(i)); });
    }
    Database database(url);
    QVERIFY(answer(database.open()).ok());
    const auto count = answer(database.run<Result<int>>([](QSqlDatabase &c) -> Result<int> {
        auto query = sql::execute(c, QStringLiteral("SELECT count(*) FROM models"));
        if (!query) return query.error();
        query->next();
        return query->value(0).toInt();
    }));
    QCOMPARE(*count, 20);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::DatabaseTest)
#include "database_test.moc"
