#include "ui/desktop_notifier.h"

#include <QDBusConnection>
#include <QGuiApplication>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>
#include <QVariantMap>
#include <QWindow>

using namespace millm;
using namespace Qt::StringLiterals;

/// Who shows notifications on a desktop, as far as programs see it.
class Desktop : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")
public Q_SLOTS:
    uint Notify(const QString &program, uint, const QString &, const QString &, const QString &text, const QStringList &,
                const QVariantMap &, int) {
        Q_EMIT told(program, text);
        return 1;
    }

Q_SIGNALS:
    void told(const QString &program, const QString &text);
};

/// Over a session bus of its own.
class TestDesktopNotifier : public QObject {
    Q_OBJECT

    QProcess m_bus;
    Desktop m_desktop;

private Q_SLOTS:
    void initTestCase() {
        m_bus.start(u"dbus-daemon"_s, {u"--session"_s, u"--nofork"_s, u"--print-address"_s});
        QTRY_VERIFY_WITH_TIMEOUT(m_bus.canReadLine(), 30000);
        qputenv("DBUS_SESSION_BUS_ADDRESS", m_bus.readLine().trimmed());
        QDBusConnection bus = QDBusConnection::sessionBus();
        QVERIFY(bus.isConnected());
        QVERIFY(bus.registerObject(u"/org/freedesktop/Notifications"_s, &m_desktop, QDBusConnection::ExportAllContents));
        QVERIFY(bus.registerService(u"org.freedesktop.Notifications"_s));
    }
    void cleanupTestCase() {
        QDBusConnection::disconnectFromBus(u"qt_default_session_bus"_s);
        m_bus.terminate();
        m_bus.waitForFinished(10000);
    }
    void tellsWhatTookLong() {
        QSignalSpy told(&m_desktop, &Desktop::told);
        DesktopNotifier notifier(0);
        notifier.begun(3);
        notifier.ended(3, u"a <b> is loaded"_s);
        QTRY_COMPARE_WITH_TIMEOUT(told.size(), 1, 30000);
        QCOMPARE(told[0][0].toString(), u"miLLM"_s);
        QCOMPARE(told[0][1].toString(), u"a &lt;b&gt; is loaded"_s);  // servers take markup
    }
    void keepsQuiet() {
        QSignalSpy told(&m_desktop, &Desktop::told);
        DesktopNotifier notifier(0), patient(1'000'000);
        notifier.ended(1, u"never begun"_s);
        notifier.begun(2);
        notifier.forget(2);
        notifier.ended(2, u"cancelled"_s);
        patient.begun(4);
        patient.ended(4, u"quick"_s);
        QWindow window;
        window.show();
        window.requestActivate();
        QVERIFY(QTest::qWaitForWindowActive(&window, 30000));
        notifier.begun(5);
        notifier.ended(5, u"seen"_s);
        window.close();
        QTRY_VERIFY(!QGuiApplication::focusWindow());
        notifier.begun(6);
        notifier.ended(6, u"told"_s);
        QTRY_COMPARE_WITH_TIMEOUT(told.size(), 1, 30000);
        QCOMPARE(told[0][1].toString(), u"told"_s);
    }
};

QTEST_MAIN(TestDesktopNotifier)
#include "test_desktop_notifier.moc"
