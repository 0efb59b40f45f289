#include "core/base/database_url.h"

#include <QTest>

namespace millm {

class DatabaseUrlTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void sqlite();
    void postgresql();
    void socketFolder();
    void refusesWithoutTellingThePassword_data();
    void refusesWithoutTellingThePassword();
    void starsOutThePassword();
};

void DatabaseUrlTest::sqlite() {
    QCOMPARE(parseDatabaseUrl(QStringLiteral("sqlite:///var/lib/millm/a%20b.db"))->file,
             QStringLiteral("/var/lib/millm/a b.db"));
    QCOMPARE(parseDatabaseUrl(QStringLiteral("sqlite:///:memory:"))->file, QStringLiteral(":memory:"));
}

void DatabaseUrlTest::postgresql() {
    const auto url = parseDatabaseUrl(
        QStringLiteral("postgresql://us%40er:p%40ss%2Fw%3Ard%25@db.local:6000/mi%20llm?sslmode=require&connect_timeout=3"));
    QVERIFY(url.ok());
    QCOMPARE(url->kind, DatabaseUrl::Kind::PostgreSql);
    QCOMPARE(url->user, QStringLiteral("us@er"));
    QCOMPARE(url->password, QStringLiteral("p@ss/w:rd%"));
    QCOMPARE(url->host, QStringLiteral("db.local"));
    QCOMPARE(url->port, 6000);
    QCOMPARE(url->database, QStringLiteral("mi llm"));
    QCOMPARE(url->options, QStringLiteral("sslmode=require;connect_timeout=3"));
    QCOMPARE(parseDatabaseUrl(QStringLiteral("postgres://db/x"))->port, -1);
}

void DatabaseUrlTest::socketFolder() {
    for (const auto *text :
         {"postgresql://me@/db?host=/run/my socket", "postgresql:///db?host=%2Frun%2Fmy%20socket&port=5433"}) {
        const auto url = parseDatabaseUrl(QString::fromLatin1(text).replace(QLatin1Char(' '), QStringLiteral("%20")));
        QVERIFY(url.ok());
        QCOMPARE(url->host, QStringLiteral("/run/my socket"));
        QCOMPARE(url->database, QStringLiteral("db"));
    }
}

void DatabaseUrlTest::refusesWithoutTellingThePassword_data() {
    QTest::addColumn<QString>("url");
    QTest::newRow("other server") << QStringLiteral("mysql://me:hunter2@db/x");
    QTest::newRow("relative file") << QStringLiteral("sqlite://hunter2.db");
    QTest::newRow("no file") << QStringLiteral("sqlite://");
    QTest::newRow("no database") << QStringLiteral("postgresql://me:hunter2@db");
    QTest::newRow("bad port") << QStringLiteral("postgresql://me:hunter2@db:99999/x");
    QTest::newRow("bad port parameter") << QStringLiteral("postgresql://me:hunter2@db/x?port=abc");
    QTest::newRow("unknown parameter") << QStringLiteral("postgresql://me:hunter2@db/x?colour=red");
    QTest::newRow("smuggled parameter") << QStringLiteral("postgresql://me:hunter2@db/x?sslmode=require%3Bhost=evil");
    QTest::newRow("raw characters") << QStringLiteral("postgresql://me:hunter2 %@db/x");
    QTest::newRow("empty") << QString();
}

void DatabaseUrlTest::refusesWithoutTellingThePassword() {
    QFETCH(QString, url);
    const auto parsed = parseDatabaseUrl(url);
    QVERIFY(!parsed);
    QCOMPARE(parsed.error().code, ErrorCode::InvalidRequest);
    QCOMPARE(parsed.error().details.value(QStringLiteral("field")).toString(), QStringLiteral("database_url"));
    QVERIFY2(!parsed.error().message.contains(QStringLiteral("hunter2")), qPrintable(parsed.error().message));
}

void DatabaseUrlTest::starsOutThePassword() {
    QCOMPARE(withoutPassword(QStringLiteral("postgresql://me:hu@nter2@db/x")), QStringLiteral("postgresql://me:***@db/x"));
    QCOMPARE(withoutPassword(QStringLiteral("sqlite:///a/b@c:d.db")), QStringLiteral("sqlite:///a/b@c:d.db"));
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::DatabaseUrlTest)
#include "database_url_test.moc"
