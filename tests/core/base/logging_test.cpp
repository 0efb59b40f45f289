#include "core/base/logging.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

namespace millm {

class LoggingTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void secretsAreStarredOut_data();
    void secretsAreStarredOut();
    void ordinaryTextStays_data();
    void ordinaryTextStays();
    void textLines();
    void jsonLines();
    void levelsAndFormats();
};

void LoggingTest::secretsAreStarredOut_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("secret");
    QTest::newRow("hub token") << QStringLiteral("token hf_AbCdEf0123456789 sent") << QStringLiteral("AbCdEf");
    QTest::newRow("authorization") << QStringLiteral("Authorization: Bearer eyJhbGci.x.y") << QStringLiteral("eyJhbGci");
    QTest::newRow("authorization, other scheme")
        << QStringLiteral("Authorization: Basic dXNlcjpwYXNz") << QStringLiteral("dXNlcjpw");
    QTest::newRow("authorization, bare") << QStringLiteral("authorization: s3cr3t") << QStringLiteral("s3cr3t");
    QTest::newRow("key header") << QStringLiteral("{\"x-api-key\": \"abcd-1234\"}") << QStringLiteral("abcd-1234");
    QTest::newRow("told") << QStringLiteral("key is topsecret!") << QStringLiteral("topsecret");
    QTest::newRow("told, encoded") << QStringLiteral("?k=pass%2Fword") << QStringLiteral("pass%2Fword");
    QTest::newRow("signed link") << QStringLiteral("GET https://cdn.test/a?X-Amz-Algorithm=A&X-Amz-Signature=deadbeef&x=1")
                                 << QStringLiteral("deadbeef");
    QTest::newRow("signed link, other") << QStringLiteral(
                                               "https://cdn.test/a?Expires=1&Policy=eyJTdGF0&Signature=aaaa~&Key-Pair-Id=K2")
                                        << QStringLiteral("eyJTdGF0");
    QTest::newRow("database") << QStringLiteral("postgresql://me:hunter2@db:5432/millm") << QStringLiteral("hunter2");
}

void LoggingTest::secretsAreStarredOut() {
    QFETCH(QString, text);
    QFETCH(QString, secret);
    const SecretFilter filter({QStringLiteral("topsecret"), QStringLiteral("pass/word"), QString(), QStringLiteral("abc")});
    const QString clean = filter.clean(text);
    QVERIFY2(!clean.contains(secret), qPrintable(clean));
    QVERIFY2(clean.contains(QStringLiteral("***")), qPrintable(clean));
}

void LoggingTest::ordinaryTextStays_data() {
    QTest::addColumn<QString>("text");
    QTest::newRow("words") << QStringLiteral("Model 3 (abc) loaded in 2.1 s: 14 tokens");
    QTest::newRow("link") << QStringLiteral("GET https://hub.test/api/models/a/b?blobs=true&expand=1");
    QTest::newRow("file") << QStringLiteral("/data/models/huggingface/google--gemma-2-2b--Q4/config.json");
}

void LoggingTest::ordinaryTextStays() {
    QFETCH(QString, text);
    QCOMPARE(SecretFilter({QStringLiteral("abc")}).clean(text), text);
}

void LoggingTest::textLines() {
    const QDateTime time(QDate(2026, 1, 30), QTime(12, 0, 0, 5), QTimeZone::UTC);
    QCOMPARE(logLine(LogFormat::Text, time, QtInfoMsg, "millm.models", QStringLiteral("one\ntwo")),
             QByteArray("2026-01-30T12:00:00.005Z info millm.models: one\\ntwo\n"));
    QCOMPARE(logLine(LogFormat::Text, time, QtCriticalMsg, nullptr, QStringLiteral("x")),
             QByteArray("2026-01-30T12:00:00.005Z error default: x\n"));
}

void LoggingTest::jsonLines() {
    const QDateTime time(QDate(2026, 1, 30), QTime(12, 0), QTimeZone::UTC);
    const QByteArray line = logLine(LogFormat::Json, time, QtWarningMsg, "millm.hub", QStringLiteral("quote \" and\nline"));
    QCOMPARE(line.count('\n'), 1);
    const auto object = QJsonDocument::fromJson(line).object();
    QCOMPARE(object.value(QStringLiteral("level")).toString(), QStringLiteral("warning"));
    QCOMPARE(object.value(QStringLiteral("category")).toString(), QStringLiteral("millm.hub"));
    QCOMPARE(object.value(QStringLiteral("time")).toString(), QStringLiteral("2026-01-30T12:00:00.000Z"));
    QCOMPARE(object.value(QStringLiteral("message")).toString(), QStringLiteral("quote \" and\nline"));
}

void LoggingTest::levelsAndFormats() {
    QCOMPARE(*logLevelFrom(QStringLiteral("WARN")), LogLevel::Warning);
    const auto wrong = logLevelFrom(QStringLiteral("loud"));
    QVERIFY(!wrong);
    QCOMPARE(wrong.error().details.value(QStringLiteral("field")).toString(), QStringLiteral("log_level"));
    QVERIFY(wrong.error().message.contains(QStringLiteral("loud")));
    QVERIFY(!logFormatFrom(QStringLiteral("xml")));
    QCOMPARE(*logFormatFrom(QStringLiteral("json")), LogFormat::Json);
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::LoggingTest)
#include "logging_test.moc"
