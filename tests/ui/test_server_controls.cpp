#include "tests/ui/recorded_program.h"
#include "ui/server_controls.h"
#include "ui/toast_list.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QTest>

using namespace millm;
using namespace Qt::StringLiterals;

class TestServerControls : public QObject {
    Q_OBJECT

    RecordedServer m_server;
    RecordedSettings m_settings;
    ServerState m_state;
    ToastList m_toasts;

private Q_SLOTS:
    void init() {
        m_server = {};
        m_settings = {};
        m_state.setServing(QUrl(u"http://127.0.0.1:8000"_s));
    }

    void otherPort() {
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        QVERIFY(!controls.different());
        controls.setPort(u"9000"_s);
        QVERIFY(controls.different() && controls.valid());
        controls.restart();
        QCOMPARE(m_server.restarts, (QList<ServerAddress>{{u"127.0.0.1"_s, 9000, QString()}}));
        QTRY_VERIFY(!controls.busy());
        QCOMPARE(m_settings.calls, QStringList{u"port=9000"_s});
        m_state.setServing(QUrl(u"http://127.0.0.1:9000"_s));
        QVERIFY(!controls.different());
        QCOMPARE(controls.addresses(), QStringList{u"http://127.0.0.1:9000"_s});
        // Back to the usual one: nothing has to be written for that.
        controls.setPort(u"8000"_s);
        controls.restart();
        QTRY_COMPARE(m_settings.calls.last(), u"port="_s);
    }
    void whatIsNoPort_data() {
        QTest::addColumn<QString>("text");
        for (const char *text : {"", "0", "65536", "-1", "80 80", "eight", "8000.5"})
            QTest::newRow(text) << QString::fromLatin1(text);
    }
    void whatIsNoPort() {
        QFETCH(QString, text);
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        controls.setPort(text);
        QVERIFY(!controls.portError().isEmpty());
        controls.restart();
        QVERIFY(m_server.restarts.isEmpty());
    }
    /// Nobody opens this machine to the network without a key.
    void theNetworkWantsAKey() {
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        controls.setLocalNetwork(true);
        QVERIFY(!controls.keyError().isEmpty());
        controls.restart();
        QVERIFY(m_server.restarts.isEmpty());
        controls.makeKey();
        QVERIFY2(controls.key().size() >= 32, qPrintable(controls.key()));
        const QString first = controls.key();
        controls.makeKey();
        QVERIFY(controls.key() != first);
        QVERIFY(controls.valid());
        controls.restart();
        QCOMPARE(m_server.restarts.last(), (ServerAddress{u"0.0.0.0"_s, 8000, controls.key()}));
        QTRY_VERIFY(!controls.busy());
        QCOMPARE(m_settings.calls, (QStringList{u"api-key="_s + controls.key(), u"host=0.0.0.0"_s}));
        m_state.setServing(QUrl(u"http://0.0.0.0:8000"_s), true);
        QCOMPARE(controls.addresses().first(), u"http://127.0.0.1:8000"_s);
        controls.setLocalNetwork(false);
        controls.setKey({});
        controls.restart();
        QCOMPARE(m_server.restarts.last(), (ServerAddress{.key = QString()}));
    }
    void keysThatNoHeaderCarries() {
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        for (const QString &key : {u"two words"_s, u"tab\there"_s, u"schlüssel"_s}) {
            controls.setKey(key);
            QVERIFY2(!controls.keyError().isEmpty(), qPrintable(key));
        }
        controls.setKey(u"ml-a_b~c/d+e="_s);
        QCOMPARE(controls.keyError(), QString());
    }
    /// An occupied port is no end: the next one is a click away.
    void occupiedPort() {
        m_state.setError(u"Cannot listen on 127.0.0.1 port 8000: in use."_s);
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        QVERIFY(controls.failure().contains(u"8000"_s));
        QCOMPARE(controls.otherPort(), 8001);
        m_server.refusal = Error{ErrorCode::Internal, u"8001 is taken too"_s, {}};
        controls.useOtherPort();
        QTRY_COMPARE(controls.failure(), u"8001 is taken too"_s);
        QVERIFY(m_settings.calls.isEmpty());
        QCOMPARE(controls.otherPort(), 8002);
        m_server.refusal.reset();
        controls.useOtherPort();
        QTRY_COMPARE(m_settings.calls, QStringList{u"port=8002"_s});
        m_state.setServing(QUrl(u"http://127.0.0.1:8002"_s));
        QCOMPARE(controls.failure(), QString());
    }
    /// What a variable or an option says is not written over, but a change counts until the end.
    void overridden() {
        m_settings.entries[u"port"_s] = {u"8000"_s, {}, u"MILLM_PORT"_s};
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        QVERIFY(controls.overridden().contains(u"MILLM_PORT"_s));
        controls.setPort(u"8100"_s);
        controls.restart();
        QCOMPARE(m_server.restarts.size(), 1);
        QTRY_VERIFY(!controls.busy());
        QVERIFY(m_settings.calls.isEmpty());
    }
    /// A key from outside is neither shown nor changed, but it opens the network.
    void keyFromOutside() {
        m_settings.entries[u"api-key"_s] = {{}, {}, u"MILLM_API_KEY"_s};
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {{u"127.0.0.1"_s, 8000, {}}, 3});
        QCOMPARE(controls.keySetBy(), u"MILLM_API_KEY"_s);
        QVERIFY2(controls.otherKeys().contains(u'2'), qPrintable(controls.otherKeys()));
        controls.makeKey();
        QCOMPARE(controls.key(), QString());
        controls.setLocalNetwork(true);
        QVERIFY(controls.valid());
        controls.restart();
        QCOMPARE(m_server.restarts.last(), (ServerAddress{u"0.0.0.0"_s, 8000, {}}));
        QTRY_VERIFY(!controls.busy());
        QCOMPARE(m_settings.calls, QStringList{u"host=0.0.0.0"_s});
    }
    /// Any keyboard's digits do; what is written down is the command line's.
    void portInOtherDigits() {
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        controls.setPort(u"٨٠٠٠"_s);
        QVERIFY(controls.valid() && !controls.different());
        controls.setPort(u"٩٠٠٠"_s);
        controls.restart();
        QCOMPARE(m_server.restarts.last().port, 9000);
        QTRY_COMPARE(m_settings.calls, QStringList{u"port=9000"_s});
        QVERIFY(!controls.different());
    }
    void anyFreePort() {
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {{u"127.0.0.1"_s, 0, QString()}});
        m_state.setServing(QUrl(u"http://127.0.0.1:41234"_s));
        QCOMPARE(controls.port(), u"41234"_s);
        QVERIFY(!controls.different());
    }
    void stops() {
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        controls.stop();
        QCOMPARE(m_server.stops, 1);
        QTRY_VERIFY(!controls.busy());
        m_state.setStopped();
        QVERIFY(controls.addresses().isEmpty());
    }
    void fileThatCannotBeWritten() {
        m_settings.broken = Error{ErrorCode::Internal, u"the disk is full"_s, {}};
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        controls.setPort(u"8100"_s);
        controls.restart();
        const auto told = [this] {
            for (int row = 0; row < m_toasts.rowCount(); ++row)
                if (m_toasts.index(row).data(ToastList::TextRole).toString() == u"the disk is full"_s) return true;
            return false;
        };
        QTRY_VERIFY(told());
    }
    void copies() {
        ServerControls controls(m_server, m_settings, m_state, m_toasts, {});
        controls.copy(u"something"_s);
        QCOMPARE(QGuiApplication::clipboard()->text(), u"something"_s);
    }
};

QTEST_MAIN(TestServerControls)
#include "test_server_controls.moc"
