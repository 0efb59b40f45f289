#include "tests/ui/recorded_program.h"
#include "ui/server_panel.h"
#include "ui/toast_list.h"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTest>

using namespace millm;
using namespace Qt::StringLiterals;

class TestServerPanel : public QObject {
    Q_OBJECT

    static RequestRecord record(const char *call) {
        return {.client = u"192.168.1.7"_s, .program = u"python-httpx/0.27 more"_s, .call = QString::fromLatin1(call)};
    }
    static QString of(const QAbstractItemModel &model, int row, int role) { return model.index(row, 0).data(role).toString(); }

    struct Rig {
        RecordedProgram program;
        ServerState state;
        ToastList toasts;
        ServerPanel panel{program.server, program.settings, state, toasts, program.requests, program.log, {}};
    };

private Q_SLOTS:
    void requestsComeAndEnd() {
        Rig rig;
        const QAbstractItemModelTester one(rig.panel.underWay()), other(rig.panel.ended());
        RequestJournal &journal = rig.program.requests;
        const quint64 first = journal.begin(record("POST /v1/chat/completions")),
                      second = journal.begin(record("GET /v1/models"));
        rig.panel.refresh();
        QCOMPARE(rig.panel.underWay()->count(), 2);
        QCOMPARE(of(*rig.panel.underWay(), 0, RequestList::CallRole), u"GET /v1/models"_s);
        QCOMPARE(of(*rig.panel.underWay(), 0, RequestList::ClientRole), u"192.168.1.7 • python-httpx/0.27"_s);
        journal.nameModel(first, u"gemma"_s);
        journal.addTokens(first, 3);
        journal.addTokens(first, 4);
        journal.end(second, 401);
        rig.panel.refresh();
        QCOMPARE(rig.panel.underWay()->count(), 1);
        QCOMPARE(of(*rig.panel.underWay(), 0, RequestList::TokensRole), u"7 tokens"_s);
        QCOMPARE(of(*rig.panel.underWay(), 0, RequestList::ModelRole), u"gemma"_s);
        QCOMPARE(of(*rig.panel.ended(), 0, RequestList::StatusRole), u"401"_s);
        journal.end(first, 0);
        rig.panel.refresh();
        QCOMPARE(rig.panel.underWay()->count(), 0);
        QCOMPARE(of(*rig.panel.ended(), 0, RequestList::StatusRole), u"Left"_s);
        QVERIFY(of(*rig.panel.ended(), 0, RequestList::SpokenRole).contains(u"7 tokens"_s));
    }
    void onlyTheLastHundredStay() {
        Rig rig;
        const QAbstractItemModelTester tester(rig.panel.ended());
        for (int turn = 0; turn < 3; ++turn) {
            for (int i = 0; i < 60; ++i) rig.program.requests.end(rig.program.requests.begin(record("GET /x")), 200);
            rig.panel.refresh();
        }
        QCOMPARE(rig.panel.ended()->count(), 100);
        QCOMPARE(of(*rig.panel.ended(), 0, RequestList::RequestIdRole), u"180"_s);
        QCOMPARE(of(*rig.panel.ended(), 99, RequestList::RequestIdRole), u"81"_s);
    }
    void rowsThatStayAreNotMadeAnew() {
        Rig rig;
        const quint64 old = rig.program.requests.begin(record("POST /old"));
        rig.panel.refresh();
        const QPersistentModelIndex index(rig.panel.underWay()->index(0));
        rig.program.requests.begin(record("POST /new"));
        rig.program.requests.addTokens(old, 1);
        rig.panel.refresh();
        QVERIFY(index.isValid());
        QCOMPARE(index.row(), 1);
    }
    void theWindowsOwnChatIsNamed() {
        Rig rig;
        const quint64 id = rig.program.requests.begin({.ofWindow = true, .model = u"gemma"_s});
        rig.program.requests.end(rig.program.requests.begin({.ofWindow = true}), 0);
        rig.panel.refresh();
        QCOMPARE(of(*rig.panel.underWay(), 0, RequestList::ClientRole), u"This window"_s);
        QCOMPARE(of(*rig.panel.underWay(), 0, RequestList::CallRole), u"Chat"_s);
        QCOMPARE(of(*rig.panel.underWay(), 0, RequestList::ModelRole), u"gemma"_s);
        QCOMPARE(of(*rig.panel.ended(), 0, RequestList::StatusRole), u"Stopped"_s);
        QVERIFY(of(*rig.panel.underWay(), 0, RequestList::SpokenRole).contains(u"This window"_s));
        rig.program.requests.end(id, 200);
    }
    void stopIsPassedOn() {
        Rig rig;
        QSignalSpy asked(&rig.program.requests, &RequestJournal::stopAsked);
        rig.panel.stopRequest(7);
        QCOMPARE(asked.size(), 1);
        QCOMPARE(asked[0][0].toULongLong(), 7u);
    }
    /// Nothing is asked while nobody looks.
    void looksWhileItIsLookedAt() {
        Rig rig;
        rig.program.requests.begin(record("GET /a"));
        QVERIFY(!rig.panel.watched());
        rig.panel.setWatched(true);
        QTRY_COMPARE(rig.panel.underWay()->count(), 1);
        rig.program.requests.begin(record("GET /b"));
        QTRY_COMPARE(rig.panel.underWay()->count(), 2);
        QTRY_VERIFY(!rig.panel.health().isEmpty());
        rig.panel.setWatched(false);
        QVERIFY(!rig.panel.watched());
    }
    void logByLevel() {
        Rig rig;
        const QAbstractItemModelTester tester(rig.panel.log());
        const auto tell = [&](LogLevel level, const char *words) {
            rig.program.log.add({0, QDateTime::currentDateTimeUtc(), level, u"millm.test"_s, QString::fromLatin1(words)});
        };
        LogList &log = *rig.panel.log();
        tell(LogLevel::Debug, "small");
        tell(LogLevel::Info, "usual");
        tell(LogLevel::Error, "bad");
        rig.panel.refresh();
        QCOMPARE(log.count(), 2);
        QCOMPARE(of(log, 1, LogList::WordsRole), u"bad"_s);
        QCOMPARE(of(log, 1, LogList::LevelRole), u"Error"_s);
        log.setLevel(3);
        QCOMPARE(log.count(), 1);
        log.setLevel(0);
        QCOMPARE(log.count(), 3);
        tell(LogLevel::Warning, "odd");
        rig.panel.refresh();
        QCOMPARE(of(log, 3, LogList::WordsRole), u"odd"_s);
        QVERIFY(log.text().contains(u"warning millm.test: odd"_s));
        for (int i = 0; i < 5000; ++i) tell(LogLevel::Info, "many");
        rig.panel.refresh();
        QCOMPARE(log.count(), int(LogHistory::most));
        tell(LogLevel::Info, "the last");
        rig.panel.refresh();
        QCOMPARE(log.count(), int(LogHistory::most));
        QCOMPARE(of(log, log.count() - 1, LogList::WordsRole), u"the last"_s);
    }
    void healthTellsTrouble() {
        Rig rig;
        rig.program.server.fares = {.upSeconds = -1, .database = false, .hubRestSeconds = 23};
        rig.panel.setWatched(true);
        QTRY_VERIFY(!rig.panel.health().isEmpty());
        int troubles = 0;
        QString all;
        for (const QVariant &fact : rig.panel.health()) {
            troubles += fact.toMap().value(u"trouble"_s).toBool();
            all += fact.toMap().value(u"value"_s).toString();
        }
        QCOMPARE(troubles, 3);
        QVERIFY2(all.contains(u"23 s"_s), qPrintable(all));
    }
    void healthInTheLocalesDigits() {
        QLocale::setDefault(QLocale(u"ar_EG"_s));
        Rig rig;
        rig.program.server.fares = {.connections = 3, .upSeconds = 90, .model = u"gemma"_s, .computing = 2, .waiting = 1};
        rig.panel.setWatched(true);
        QTRY_VERIFY(rig.panel.health().size() > 4);
        for (const QVariant &fact : rig.panel.health()) {
            const QString value = fact.toMap().value(u"value"_s).toString();
            QVERIFY2(!value.contains(QRegularExpression(u"[0-9]"_s)), qPrintable(value));
        }
        QLocale::setDefault(QLocale::c());
    }
    void snippetsFollowTheServer() {
        Rig rig;
        QCOMPARE(rig.panel.snippets()->text(0), QString());
        rig.state.setServing(QUrl(u"http://127.0.0.1:8000"_s));
        rig.panel.setModelName(u"gemma"_s);
        for (int row = 0; row < rig.panel.snippets()->titles().size(); ++row)
            QVERIFY2(rig.panel.snippets()->text(row).contains(u"http://127.0.0.1:8000/v1"_s),
                     qPrintable(rig.panel.snippets()->text(row)));
    }
    /// What is shown hides the key, what is copied has it; odd names survive the shell.
    void snippetsForAShell() {
        ClientSnippets snippets;
        const QString key = u"it's$HOME"_s, model = u"a'b\"c\\d %1 $x"_s;
        snippets.set(u"http://127.0.0.1:8000"_s, key, model);
        QVERIFY(!snippets.shown(0).contains(key));
        QVERIFY(!snippets.shown(1).contains(u"HOME"_s));

        QProcess shell;
        shell.start(u"sh"_s, {u"-c"_s, snippets.text(0) + u"\nprintf '%s\\n%s' \"$OPENAI_BASE_URL\" \"$OPENAI_API_KEY\""_s});
        QVERIFY(shell.waitForFinished(30000));
        QCOMPARE(QString::fromUtf8(shell.readAllStandardOutput()), u"http://127.0.0.1:8000/v1\n"_s + key);

        // curl as a function that tells its last argument.
        shell.start(u"sh"_s, {u"-c"_s, u"curl() { for last; do :; done; printf '%s' \"$last\"; }\n"_s + snippets.text(1)});
        QVERIFY(shell.waitForFinished(30000));
        const QJsonObject body = QJsonDocument::fromJson(shell.readAllStandardOutput()).object();
        QCOMPARE(body.value(u"model"_s).toString(), model);
    }
};

QTEST_MAIN(TestServerPanel)
#include "test_server_panel.moc"
