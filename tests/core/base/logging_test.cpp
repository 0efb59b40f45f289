#include "core/base/logging.h"
#include "core/base/log_history.h"
#include "core/base/log_queue.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <fcntl.h>
#include <unistd.h>
#include <memory>
#include <thread>
#include <vector>

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
    void controlCharactersAreEscaped();
    void fieldsFollowTheWords();
    void scopesNestByThread();
    void linesWaitForNobody();
    void linesComeInOrder();
    void levelsAndFormats();
    void historyKeepsTheLast();
    void historyHidesSecrets();
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

void LoggingTest::fieldsFollowTheWords() {
    const QDateTime time(QDate(2026, 1, 30), QTime(12, 0), QTimeZone::UTC);
    const LogFields fields{{QLatin1StringView("request_id"), QStringLiteral("r-1")},
                           {QLatin1StringView("peer"), QStringLiteral("::1\n")}};
    QVERIFY(logLine(LogFormat::Text, time, QtInfoMsg, "x", QStringLiteral("words"), fields)
                .endsWith("x: words request_id=r-1 peer=::1\\n\n"));
    const auto object =
        QJsonDocument::fromJson(logLine(LogFormat::Json, time, QtInfoMsg, "x", QStringLiteral("words"), fields)).object();
    QCOMPARE(object.value(QStringLiteral("message")).toString(), QStringLiteral("words"));
    QCOMPARE(object.value(QStringLiteral("request_id")).toString(), QStringLiteral("r-1"));
    QCOMPARE(object.value(QStringLiteral("peer")).toString(), QStringLiteral("::1\n"));
}

void LoggingTest::scopesNestByThread() {
    const auto names = [] {
        QByteArray all;
        for (const auto &[name, value] : LogScope::fields())
            all += QByteArray(name.data(), name.size()) + '=' + value.toUtf8() + ';';
        return all;
    };
    QCOMPARE(names(), "");
    {
        const LogScope outer({{QLatin1StringView("a"), QStringLiteral("1")}, {QLatin1StringView("b"), QStringLiteral("2")}});
        {
            const LogScope inner({{QLatin1StringView("c"), QString()}, {QLatin1StringView("d"), QStringLiteral("4")}});
            QCOMPARE(names(), "a=1;b=2;d=4;");  // what is empty says nothing
            QByteArray elsewhere("never asked");
            std::thread([&] { elsewhere = names(); }).join();
            QCOMPARE(elsewhere, "");
        }
        {
            const LogScope same({{QLatin1StringView("b"), QStringLiteral("3")}, {QLatin1StringView("a"), QStringLiteral("1")}});
            QCOMPARE(names(), "b=3;a=1;");  // each name once, as the innermost has it
        }
        QCOMPARE(names(), "a=1;b=2;");
    }
    QCOMPARE(names(), "");
}

void LoggingTest::controlCharactersAreEscaped() {
    const QDateTime time(QDate(2026, 1, 30), QTime(12, 0), QTimeZone::UTC);
    const QString words = QStringLiteral("a\x1b[2Jb\tc\x7f\u009bd\u2028é");
    QVERIFY(logLine(LogFormat::Text, time, QtInfoMsg, "x", words).endsWith("x: a\\x1b[2Jb\\x09c\\x7f\\x9bd\\u2028é\n"));
    const QByteArray json = logLine(LogFormat::Json, time, QtInfoMsg, "x", words);
    QCOMPARE(QJsonDocument::fromJson(json).object().value(QStringLiteral("message")).toString(), words);
    for (const QChar c : QString::fromUtf8(json.trimmed())) QVERIFY(c.category() != QChar::Other_Control);
}

namespace {

QByteArray lost(qint64 lines) {
    return "lost " + QByteArray::number(lines) + '\n';
}

/// All that comes until the other end is closed.
QByteArray readAll(int descriptor) {
    QByteArray all, some(65536, Qt::Uninitialized);
    while (true) {
        const ssize_t count = ::read(descriptor, some.data(), std::size_t(some.size()));
        if (count <= 0) return all;
        all += some.first(count);
    }
}

}  // namespace

void LoggingTest::linesWaitForNobody() {
    int ends[2];
    QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
    constexpr int lines = 100'000;
    QByteArray came;
    {
        LogQueue queue(ends[1], lost, 64 * 1024);
        for (int i = 0; i < lines; ++i) queue.add("line " + QByteArray::number(i) + '\n');  // ends although nobody reads
        std::thread reader([&] { came = readAll(ends[0]); });
        queue.flush(std::chrono::minutes(1));
        ::close(ends[1]);
        reader.join();
    }
    ::close(ends[0]);
    qint64 next = 0, missing = 0;
    for (const QByteArray &line : came.split('\n')) {
        if (line.startsWith("lost "))
            next += line.mid(5).toLongLong(), missing += line.mid(5).toLongLong();
        else if (!line.isEmpty())
            QCOMPARE(line, "line " + QByteArray::number(next++));
    }
    QVERIFY(missing > 0);
    QCOMPARE(next, lines);

    // A reader that never reads does not keep the program from its end either.
    QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
    {
        LogQueue queue(ends[1], lost);
        queue.add(QByteArray(512 * 1024, 'x') + '\n');
    }
    ::close(ends[0]);
    ::close(ends[1]);
}

void LoggingTest::linesComeInOrder() {
    int ends[2];
    QCOMPARE(::pipe2(ends, O_CLOEXEC), 0);
    QByteArray expected, came;
    std::thread reader([&] { came = readAll(ends[0]); });
    {
        LogQueue queue(ends[1], lost);
        for (int i = 0; i < 200; ++i) {
            const QByteArray line = QByteArray::number(i) + QByteArray(i * 50, 'x') + '\n';  // some longer than one piece
            expected += line;
            queue.add(line);
        }
    }
    ::close(ends[1]);
    reader.join();
    ::close(ends[0]);
    QVERIFY(came == expected);
}

void LoggingTest::historyKeepsTheLast() {
    LogHistory history;
    QVERIFY(history.since(0).isEmpty());
    std::vector<std::thread> threads;
    constexpr int each = int(LogHistory::most) / 2;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&history] {
            for (int told = 0; told < each; ++told) history.add({.words = QString(int(LogHistory::mostLetters) + 5, u'x')});
        });
    }
    for (auto &thread : threads) thread.join();
    QCOMPARE(history.last(), 4 * each);
    const auto kept = history.since(0);
    QCOMPARE(kept.size(), qsizetype(LogHistory::most));
    for (qsizetype i = 0; i < kept.size(); ++i) QCOMPARE(kept[i].number, history.last() - kept.size() + 1 + i);
    QCOMPARE(kept.first().words.size(), LogHistory::mostLetters + 1);
    QCOMPARE(history.since(history.last() - 3).size(), 3);
    QVERIFY(history.since(history.last()).isEmpty());
    QVERIFY(history.since(history.last() + 7).isEmpty());
}

void LoggingTest::historyHidesSecrets() {
    const auto history = std::make_shared<LogHistory>();
    installLogging(LogLevel::Warning, LogFormat::Text, {QStringLiteral("first-secret")}, history);
    hideFromLog(QStringLiteral("later-secret"));
    qWarning("keys: first-secret, later-secret\nand \x1b[31mmore");
    qInfo("too little for this level");
    qInstallMessageHandler(nullptr);
    const auto told = history->since(0);
    QCOMPARE(told.size(), 1);
    QCOMPARE(told.first().words, QStringLiteral("keys: ***, ***\\nand \\x1b[31mmore"));
    QCOMPARE(told.first().level, LogLevel::Warning);
    QCOMPARE(told.first().category, QStringLiteral("default"));
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
