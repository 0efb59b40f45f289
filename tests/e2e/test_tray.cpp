#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusMessage>
#include <QDBusVariant>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <X11/Xlib.h>
// A macro there, and what moc writes has it as a name.
#undef Bool

namespace {

using namespace Qt::StringLiterals;

/// An entry of com.canonical.dbusmenu.
struct Entry {
    int id = 0;
    QVariantMap properties;
    QList<Entry> children;
};

const QDBusArgument &operator>>(const QDBusArgument &from, Entry &to) {
    from.beginStructure();
    from >> to.id >> to.properties;
    from.beginArray();
    while (!from.atEnd()) {
        QDBusVariant child;
        from >> child;
        Entry entry;
        child.variant().value<QDBusArgument>() >> entry;
        to.children << entry;
    }
    from.endArray();
    from.endStructure();
    return from;
}

}  // namespace

/// Where a desktop has its tray, as far as programs see it.
class Watcher : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.kde.StatusNotifierWatcher")
    Q_PROPERTY(bool IsStatusNotifierHostRegistered READ hosted CONSTANT)
    Q_PROPERTY(int ProtocolVersion READ version CONSTANT)
public:
    bool hosted() const { return true; }
    int version() const { return 0; }

public Q_SLOTS:
    void RegisterStatusNotifierItem(const QString &item) { Q_EMIT registered(item); }

Q_SIGNALS:
    void registered(const QString &item);
};

/// The program as it is, beside a desktop with a tray: its icon says what goes on, and its menu ends it.
class TrayTest : public QObject {
    Q_OBJECT

    static QByteArray firstLine(QProcess &process) {
        while (!process.canReadLine() && process.waitForReadyRead(30000)) {
        }
        return process.readLine().trimmed();
    }
    static const Entry *find(const Entry &in, const QString &label) {
        for (const Entry &child : in.children)
            if (child.properties.value(u"label"_s).toString().remove(u'_') == label) return &child;
        return nullptr;
    }

    /// As a window manager does.
    static bool askToClose(const QByteArray &display, ulong window) {
        Display *connection = XOpenDisplay((':' + display).constData());
        if (!connection || window == 0) return false;
        XEvent event{};
        event.xclient.type = ClientMessage;
        event.xclient.window = window;
        event.xclient.format = 32;
        event.xclient.message_type = XInternAtom(connection, "WM_PROTOCOLS", 0);
        event.xclient.data.l[0] = long(XInternAtom(connection, "WM_DELETE_WINDOW", 0));
        const bool sent = XSendEvent(connection, window, 0, NoEventMask, &event) != 0;
        XCloseDisplay(connection);
        return sent;
    }

private Q_SLOTS:
    void menuQuits_data() {
        QTest::addColumn<bool>("keeps");  ///< closing the window leaves the program in the tray
        QTest::addRow("from the window") << false;
        QTest::addRow("from the tray alone") << true;
    }
    void menuQuits() {
        QFETCH(bool, keeps);
        const QTemporaryDir home;
        QProcess display, session, program;
        display.start(u"Xvfb"_s, {u"-displayfd"_s, u"1"_s, u"-screen"_s, u"0"_s, u"1280x800x24"_s});
        const QByteArray number = firstLine(display);
        QVERIFY2(!number.isEmpty(), "Xvfb did not start");
        session.start(u"dbus-daemon"_s, {u"--session"_s, u"--nofork"_s, u"--print-address"_s});
        const QString address = QString::fromUtf8(firstLine(session));
        QVERIFY(!address.isEmpty());
        QDBusConnection bus = QDBusConnection::connectToBus(address, u"tray-"_s + address);
        Watcher watcher;
        QVERIFY(bus.registerObject(u"/StatusNotifierWatcher"_s, &watcher, QDBusConnection::ExportAllContents));
        QVERIFY(bus.registerService(u"org.kde.StatusNotifierWatcher"_s));
        QSignalSpy registered(&watcher, &Watcher::registered);

        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(u"DISPLAY"_s, u':' + QString::fromUtf8(number));
        environment.insert(u"DBUS_SESSION_BUS_ADDRESS"_s, address);
        environment.insert(u"HOME"_s, home.path());
        environment.insert(u"XDG_DATA_HOME"_s, home.filePath(u"data"_s));
        environment.insert(u"XDG_CONFIG_HOME"_s, home.filePath(u"config"_s));
        environment.insert(u"QT_QUICK_BACKEND"_s, u"software"_s);
        environment.remove(u"QT_QPA_PLATFORM"_s);
        environment.remove(u"WAYLAND_DISPLAY"_s);
        environment.insert(u"MILLM_KEEP_IN_TRAY"_s, keeps ? u"1"_s : u"0"_s);
        program.setProcessEnvironment(environment);
        program.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        program.start(QStringLiteral(MILLM_PROGRAM), {u"--port"_s, u"0"_s});
        QTRY_VERIFY_WITH_TIMEOUT(!registered.isEmpty(), 60000);

        const QString item = registered[0][0].toString();
        const auto ask = [&](const QString &path, const QString &interface, const QString &method,
                             const QVariantList &arguments) {
            QDBusMessage call = QDBusMessage::createMethodCall(item, path, interface, method);
            call.setArguments(arguments);
            return bus.call(call, QDBus::BlockWithGui, 30000);
        };
        const auto property = [&](const QString &name) {
            return ask(u"/StatusNotifierItem"_s, u"org.freedesktop.DBus.Properties"_s, u"Get"_s,
                       {u"org.kde.StatusNotifierItem"_s, name})
                .arguments()
                .value(0)
                .value<QDBusVariant>()
                .variant();
        };
        const QString menu = property(u"Menu"_s).value<QDBusObjectPath>().path();
        QVERIFY(menu.startsWith(u'/'));
        const auto layout = [&] {
            Entry root;
            const QDBusMessage reply = ask(menu, u"com.canonical.dbusmenu"_s, u"GetLayout"_s, {0, -1, QStringList()});
            if (reply.arguments().size() == 2) reply.arguments().at(1).value<QDBusArgument>() >> root;
            return root;
        };
        const Entry entries = layout();
        QVERIFY(find(entries, u"Open miLLM"_s));
        const Entry *unload = find(entries, u"No model is loaded"_s);
        QVERIFY(unload);
        QCOMPARE(unload->properties.value(u"enabled"_s, true).toBool(), false);
        if (keeps) {
            const auto windows = [&]() -> ulong {  // the one that is seen, or 0
                QProcess hand;
                hand.setProcessEnvironment(environment);
                hand.start(u"xdotool"_s, {u"search"_s, u"--onlyvisible"_s, u"--name"_s, u"^miLLM$"_s});
                return hand.waitForFinished(30000) ? hand.readLine().trimmed().toULong() : 0;
            };
            QTRY_VERIFY_WITH_TIMEOUT(windows(), 60000);
            QVERIFY(askToClose(number, windows()));
            QTRY_VERIFY_WITH_TIMEOUT(!windows(), 30000);
            QCOMPARE(program.state(), QProcess::Running);
            ask(menu, u"com.canonical.dbusmenu"_s, u"Event"_s,
                {find(entries, u"Open miLLM"_s)->id, u"clicked"_s, QVariant::fromValue(QDBusVariant(0)),
                 QVariant::fromValue(uint(0))});
            QTRY_VERIFY_WITH_TIMEOUT(windows(), 30000);
            QVERIFY(askToClose(number, windows()));
            QTRY_VERIFY_WITH_TIMEOUT(!windows(), 30000);
        }
        const Entry *quit = find(entries, u"Quit"_s);
        QVERIFY(quit);
        ask(menu, u"com.canonical.dbusmenu"_s, u"Event"_s,
            {quit->id, u"clicked"_s, QVariant::fromValue(QDBusVariant(0)), QVariant::fromValue(uint(0))});
        QTRY_COMPARE_WITH_TIMEOUT(program.state(), QProcess::NotRunning, 60000);
        QCOMPARE(program.exitStatus(), QProcess::NormalExit);
        QCOMPARE(program.exitCode(), 0);
        for (QProcess *other : {&session, &display}) {
            other->terminate();
            other->waitForFinished(10000);
        }
    }
};

QTEST_GUILESS_MAIN(TrayTest)
#include "test_tray.moc"
