#include "tests/support/hub_emulator.h"

#include <QDBusArgument>
#include <QDBusConnection>
#include <QDBusInterface>
#include <QDBusMessage>
#include <QDBusReply>
#include <QDBusVariant>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

namespace {

using namespace Qt::StringLiterals;

/// What is on the accessibility bus: a program's name there and the object's path.
struct Reference {
    QString service;
    QDBusObjectPath path;
};

const QDBusArgument &operator>>(const QDBusArgument &from, Reference &to) {
    from.beginStructure();
    from >> to.service >> to.path;
    from.endStructure();
    return from;
}

/// An accessible object as a screen reader meets it.
struct Spoken {
    QString role, name, description;
    QString group;  ///< the name of what it is in
    bool visible = false, focusable = false, checked = false, actionable = false;
    double value = -1, maximum = -1;  ///< of what has them
    Reference place;
};

constexpr auto accessible = "org.a11y.atspi.Accessible"_L1;

class Bus {
public:
    explicit Bus(const QString &address) : m_bus(QDBusConnection::connectToBus(address, u"accessibility"_s)) {}
    bool isConnected() const { return m_bus.isConnected(); }

    QDBusMessage call(const Reference &of, QLatin1StringView interface, const QString &method) const {
        return m_bus.call(QDBusMessage::createMethodCall(of.service, of.path.path(), interface, method), QDBus::Block, 10000);
    }
    QVariant property(const Reference &of, QLatin1StringView interface, const QString &name) const {
        auto ask = QDBusMessage::createMethodCall(of.service, of.path.path(), u"org.freedesktop.DBus.Properties"_s, u"Get"_s);
        ask << QString(interface) << name;
        const QDBusReply<QDBusVariant> reply = m_bus.call(ask, QDBus::Block, 10000);
        return reply.isValid() ? reply.value().variant() : QVariant();
    }
    QList<Reference> children(const Reference &of) const {
        const QDBusMessage reply = call(of, accessible, u"GetChildren"_s);
        QList<Reference> list;
        if (reply.type() == QDBusMessage::ReplyMessage) reply.arguments().value(0).value<QDBusArgument>() >> list;
        return list;
    }
    Spoken meet(const Reference &of) const {
        Spoken spoken{call(of, accessible, u"GetRoleName"_s).arguments().value(0).toString(),
                      property(of, accessible, u"Name"_s).toString(), property(of, accessible, u"Description"_s).toString()};
        QList<uint> states;
        const QDBusMessage reply = call(of, accessible, u"GetState"_s);
        if (reply.type() == QDBusMessage::ReplyMessage) reply.arguments().value(0).value<QDBusArgument>() >> states;
        const auto has = [&](int state) { return !states.isEmpty() && (states.at(0) >> state & 1u) != 0; };
        constexpr int checked = 4, focusable = 11, visible = 30;  // of AT-SPI's list
        spoken.visible = has(visible);
        spoken.checked = has(checked);
        spoken.focusable = has(focusable);
        spoken.place = of;
        if (spoken.role == u"progress bar"_s) {
            spoken.value = property(of, "org.a11y.atspi.Value"_L1, u"CurrentValue"_s).toDouble();
            spoken.maximum = property(of, "org.a11y.atspi.Value"_L1, u"MaximumValue"_s).toDouble();
        }
        spoken.actionable = property(of, "org.a11y.atspi.Action"_L1, u"NActions"_s).toInt() > 0;
        return spoken;
    }
    /// What a screen reader's "press" does.
    void press(const Reference &of) const {
        auto ask = QDBusMessage::createMethodCall(of.service, of.path.path(), u"org.a11y.atspi.Action"_s, u"DoAction"_s);
        ask << 0;
        m_bus.call(ask, QDBus::Block, 10000);
    }
    void walk(const Reference &from, QList<Spoken> &into, const QString &group = {}, int depth = 0) const {
        if (depth > 40) return;
        for (const Reference &child : children(from)) {
            Spoken met = meet(child);
            if (!met.visible) continue;
            met.group = group;
            into.append(met);
            walk(child, into, met.name, depth + 1);
        }
    }

private:
    QDBusConnection m_bus;
};

}  // namespace

/// The program as it is, asked over a real accessibility bus.
class ScreenReaderTest : public QObject {
    Q_OBJECT

    QTemporaryDir m_home;
    millm::testing::HubEmulator m_hub;
    QProcess m_display, m_sessionBus, m_launcher, m_program;
    QProcessEnvironment m_environment = QProcessEnvironment::systemEnvironment();
    std::unique_ptr<Bus> m_bus;
    Reference m_window;

    static QByteArray firstLine(QProcess &process) {
        while (!process.canReadLine() && process.waitForReadyRead(30000)) {
        }
        return process.readLine().trimmed();
    }

    QList<Spoken> all() const {
        QList<Spoken> list;
        m_bus->walk(m_window, list);
        return list;
    }
    static std::optional<Spoken> find(const QList<Spoken> &list, const QString &role, const QString &name) {
        for (const Spoken &spoken : list)
            if (spoken.role == role && spoken.name == name) return spoken;
        return {};
    }

private Q_SLOTS:
    void initTestCase() {
        m_environment.insert(u"HOME"_s, m_home.path());
        m_environment.insert(u"XDG_RUNTIME_DIR"_s, m_home.path());
        for (const auto folder : {"XDG_CONFIG_HOME"_L1, "XDG_DATA_HOME"_L1, "XDG_CACHE_HOME"_L1})
            m_environment.insert(folder, m_home.path() + u'/' + folder);

        m_display.setReadChannel(QProcess::StandardOutput);
        m_display.start(u"Xvfb"_s, {u"-displayfd"_s, u"1"_s, u"-screen"_s, u"0"_s, u"1280x900x24"_s, u"-nolisten"_s, u"tcp"_s});
        const QByteArray display = firstLine(m_display);
        QVERIFY2(!display.isEmpty(), "Xvfb does not start");
        m_sessionBus.start(u"dbus-daemon"_s, {u"--session"_s, u"--nofork"_s, u"--print-address=1"_s});
        const QByteArray address = firstLine(m_sessionBus);
        QVERIFY(!address.isEmpty());
        m_environment.insert(u"DISPLAY"_s, u':' + QString::fromLatin1(display));
        m_environment.insert(u"DBUS_SESSION_BUS_ADDRESS"_s, QString::fromLatin1(address));
        m_environment.insert(u"QT_QPA_PLATFORM"_s, u"xcb"_s);
        m_environment.insert(u"QT_QUICK_BACKEND"_s, u"software"_s);
        m_environment.insert(u"QT_LINUX_ACCESSIBILITY_ALWAYS_ON"_s, u"1"_s);
        m_environment.remove(u"QT_ACCESSIBILITY"_s);
        // The small model that the empty list offers, and slowly.
        m_hub.addRepository(u"HuggingFaceTB/SmolLM2-135M-Instruct"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        m_hub.setThrottle(150'000);
        m_environment.insert(u"HF_ENDPOINT"_s, m_hub.endpoint().toString());
        m_environment.insert(u"HF_HOME"_s, m_home.path());
        for (const auto variable :
             {"HF_TOKEN"_L1, "HF_HUB_CACHE"_L1, "HF_HUB_OFFLINE"_L1, "MODEL_CACHE_DIR"_L1, "DATABASE_URL"_L1})
            m_environment.remove(variable);
        m_launcher.setProcessEnvironment(m_environment);
        m_launcher.start(QStringLiteral(MILLM_AT_SPI_LAUNCHER), {u"--launch-immediately"_s});

        QDBusConnection session = QDBusConnection::connectToBus(QString::fromLatin1(address), u"session"_s);
        const auto accessibilityBus = [&] {
            const QDBusReply<QString> reply = session.call(
                QDBusMessage::createMethodCall(u"org.a11y.Bus"_s, u"/org/a11y/bus"_s, u"org.a11y.Bus"_s, u"GetAddress"_s));
            return reply.isValid() ? reply.value() : QString();
        };
        QTRY_VERIFY_WITH_TIMEOUT(!accessibilityBus().isEmpty(), 30000);
        m_bus = std::make_unique<Bus>(accessibilityBus());
        QVERIFY(m_bus->isConnected());

        m_program.setProcessEnvironment(m_environment);
        m_program.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        m_program.start(QStringLiteral(MILLM_PROGRAM), {u"--port"_s, u"0"_s, u"--data-dir"_s, m_home.path() + u"/data"_s});
        QVERIFY(m_program.waitForStarted());
        const Reference registry{u"org.a11y.atspi.Registry"_s, QDBusObjectPath(u"/org/a11y/atspi/accessible/root"_s)};
        const auto appeared = [&] {
            for (const Reference &application : m_bus->children(registry)) {
                const QList<Reference> windows = m_bus->children(application);
                if (m_bus->meet(application).name != u"miLLM"_s || windows.isEmpty()) continue;
                m_window = windows.first();
                return true;
            }
            return false;
        };
        QTRY_VERIFY2_WITH_TIMEOUT(appeared(), "the program has no window on the accessibility bus", 60000);
        QTRY_VERIFY_WITH_TIMEOUT(
            find(all(), u"label"_s, u"Your Models (0)"_s) || find(all(), u"heading"_s, u"Your Models (0)"_s), 60000);
    }
    void cleanupTestCase() {
        for (QProcess *process : {&m_program, &m_launcher, &m_sessionBus, &m_display}) {
            process->terminate();
            if (process->state() != QProcess::NotRunning && !process->waitForFinished(10000)) process->kill();
        }
    }

    void sees() {
        const QList<Spoken> list = all();
        if (qEnvironmentVariableIsSet("MILLM_SHOW_TREE"))
            for (const Spoken &each : list)
                qInfo("%-14s |%s| %s%s%s%s", qPrintable(each.role), qPrintable(each.name), qPrintable(each.description),
                      each.focusable ? " focusable" : "", each.checked ? " checked" : "", each.actionable ? " actions" : "");
        const auto tab = find(list, u"page tab"_s, u"Models"_s);
        QVERIFY(tab && tab->focusable && tab->actionable);
        const auto download = find(list, u"push button"_s, u"Download"_s);
        QVERIFY(download && download->actionable);
        const bool box = std::ranges::any_of(list, [](const Spoken &each) {
            return each.role == u"combo box"_s && !each.name.isEmpty() && each.description.contains(u"Q4"_s);
        });
        QVERIFY2(box, "the quantization box says neither its name nor what is chosen");
        QVERIFY(std::ranges::any_of(list, [](const Spoken &each) { return each.role == u"heading"_s; }));
        for (const Spoken &each : list)
            if (each.focusable)
                QVERIFY2(!each.name.isEmpty() || (each.role == u"text"_s && !each.group.isEmpty()),
                         qPrintable(u"a %1 that takes the focus has no name"_s.arg(each.role)));
    }
    /// How far a download is can be read, not only seen. All of it by what a screen reader can press.
    void readsProgress() {
        const auto press = [this](const QString &name) {
            std::optional<Spoken> button;
            if (!QTest::qWaitFor(
                    [&] {
                        button = find(all(), u"push button"_s, name);
                        return button.has_value();
                    },
                    30000))
                return false;
            m_bus->press(button->place);
            return true;
        };
        QVERIFY(press(u"Try a small model"_s));
        QVERIFY(press(u"Download"_s));
        std::optional<Spoken> bar;
        const auto reading = [&] {
            for (const Spoken &each : all())
                if (each.role == u"progress bar"_s) bar = each;
            return bar && bar->value > 0;
        };
        QTRY_VERIFY2_WITH_TIMEOUT(reading(), "no progress bar with a value", 60000);
        QCOMPARE(bar->maximum, 100);
        QVERIFY(bar->value <= 100);
        QVERIFY2(!bar->name.isEmpty(), "the bar does not say what it is of");
        const double before = bar->value;
        QTRY_VERIFY_WITH_TIMEOUT(reading() && bar->value > before, 60000);
    }
};

QTEST_GUILESS_MAIN(ScreenReaderTest)
#include "test_screen_reader.moc"
