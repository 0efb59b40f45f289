#include "tests/e2e/desktop.h"

#include <QDBusReply>
#include <QTest>

namespace millm::testing {

using namespace Qt::StringLiterals;

namespace {

constexpr int startMs = 60000, endMs = 20000;

QByteArray firstLine(QProcess &process) {
    while (!process.canReadLine() && process.waitForReadyRead(30000)) {
    }
    return process.readLine().trimmed();
}

void end(QProcess &process) {
    if (process.state() == QProcess::NotRunning) return;
    process.terminate();
    if (!process.waitForFinished(endMs)) {
        process.kill();
        process.waitForFinished(endMs);
    }
}

}  // namespace

Desktop::Desktop(const QSize &screen) : m_screen(screen) {
    m_trouble = begin();
}

Desktop::~Desktop() {
    for (QProcess *process : {&m_program, &m_launcher, &m_sessionBus, &m_display}) end(*process);
}

QString Desktop::begin() {
    m_environment.insert(u"HOME"_s, m_home.path());
    m_environment.insert(u"XDG_RUNTIME_DIR"_s, m_home.path());
    m_environment.insert(u"HF_HOME"_s, m_home.path());
    for (const auto folder : {"XDG_CONFIG_HOME"_L1, "XDG_DATA_HOME"_L1, "XDG_CACHE_HOME"_L1})
        m_environment.insert(folder, m_home.path() + u'/' + folder);

    m_display.start(u"Xvfb"_s, {u"-displayfd"_s, u"1"_s, u"-screen"_s, u"0"_s,
                                u"%1x%2x24"_s.arg(m_screen.width()).arg(m_screen.height()), u"-nolisten"_s, u"tcp"_s});
    const QByteArray display = firstLine(m_display);
    if (display.isEmpty()) return u"Xvfb does not start"_s;
    m_sessionBus.start(u"dbus-daemon"_s, {u"--session"_s, u"--nofork"_s, u"--print-address=1"_s});
    const QString address = QString::fromLatin1(firstLine(m_sessionBus));
    if (address.isEmpty()) return u"dbus-daemon does not start"_s;

    m_environment.insert(u"DISPLAY"_s, u':' + QString::fromLatin1(display));
    m_environment.insert(u"DBUS_SESSION_BUS_ADDRESS"_s, address);
    m_environment.insert(u"QT_QPA_PLATFORM"_s, u"xcb"_s);
    m_environment.insert(u"QT_QUICK_BACKEND"_s, u"software"_s);
    m_environment.insert(u"QT_LINUX_ACCESSIBILITY_ALWAYS_ON"_s, u"1"_s);
    m_environment.insert(u"LANGUAGE"_s, u"en"_s);
    for (const auto variable : {"QT_ACCESSIBILITY"_L1, "WAYLAND_DISPLAY"_L1, "HF_TOKEN"_L1, "HF_HUB_CACHE"_L1,
                                "HF_HUB_OFFLINE"_L1, "MODEL_CACHE_DIR"_L1, "DATABASE_URL"_L1, "AUTO_LOAD_MODEL"_L1})
        m_environment.remove(variable);
    m_launcher.setProcessEnvironment(m_environment);
    m_launcher.start(QStringLiteral(MILLM_AT_SPI_LAUNCHER), {u"--launch-immediately"_s});

    m_session = QDBusConnection::connectToBus(address, u"session-"_s + address);
    QString bus;
    const auto answered = [&] {
        const QDBusReply<QString> reply = m_session.call(
            QDBusMessage::createMethodCall(u"org.a11y.Bus"_s, u"/org/a11y/bus"_s, u"org.a11y.Bus"_s, u"GetAddress"_s));
        bus = reply.isValid() ? reply.value() : QString();
        return !bus.isEmpty();
    };
    if (!QTest::qWaitFor(answered, startMs)) return u"there is no accessibility bus"_s;
    m_tree = std::make_unique<AccessibleTree>(bus);
    return m_tree->isConnected() ? QString() : u"the accessibility bus takes no connection"_s;
}

bool Desktop::start(const QStringList &options) {
    m_program.setProcessEnvironment(m_environment);
    m_program.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    QStringList arguments{u"--port"_s, u"0"_s};
    if (!m_dataFolder.isEmpty()) arguments << u"--data-dir"_s << m_dataFolder;
    m_program.start(QStringLiteral(MILLM_PROGRAM), arguments + options);
    if (!m_program.waitForStarted()) return false;
    const Reference registry{u"org.a11y.atspi.Registry"_s, QDBusObjectPath(u"/org/a11y/atspi/accessible/root"_s)};
    const bool appeared = QTest::qWaitFor(
        [&] {
            for (const Reference &application : m_tree->children(registry)) {
                const QList<Reference> windows = m_tree->children(application);
                if (m_tree->nameOf(application) != u"miLLM"_s || windows.isEmpty()) continue;
                m_application = application;
                m_window = windows.first();
                return true;
            }
            return false;
        },
        startMs);
    // There is no window manager that would give it the keyboard, and the pointer is to rest where nothing is.
    const QString width = QString::number(m_screen.width()), height = QString::number(m_screen.height());
    return appeared && drive({u"search"_s, u"--sync"_s, u"--onlyvisible"_s, u"--name"_s, u"^miLLM"_s, u"windowfocus"_s,
                              u"--sync"_s, u"windowsize"_s, width, height, u"mousemove"_s, width, height});
}

bool Desktop::stop() {
    end(m_program);
    return m_program.exitStatus() == QProcess::NormalExit && m_program.exitCode() == 0;
}

bool Desktop::drive(const QStringList &arguments) {
    QProcess keyboard;
    keyboard.setProcessEnvironment(m_environment);
    keyboard.start(u"xdotool"_s, arguments);
    return keyboard.waitForFinished(30000) && keyboard.exitCode() == 0;
}

std::optional<Spoken> Desktop::find(const QString &role, const QString &name) const {
    for (const Spoken &each : all())
        if (each.role == role && (name.isEmpty() || each.name == name)) return each;
    return {};
}

bool Desktop::sees(const QString &role, const QString &name, int withinMs) const {
    return QTest::qWaitFor([&] { return find(role, name).has_value(); }, withinMs);
}

bool Desktop::press(const QString &role, const QString &name, int withinMs) const {
    std::optional<Spoken> target;
    const auto ready = [&] {
        target = find(role, name);
        return target && target->has(Spoken::Enabled);
    };
    if (!QTest::qWaitFor(ready, withinMs)) return false;
    m_tree->press(target->reference);
    return true;
}

std::optional<Reference> Desktop::turnTo(const QString &title) {
    std::optional<Reference> found;
    const auto there = [&] {
        for (const Reference &window : m_tree->children(m_application))
            if (m_tree->nameOf(window) == title) found = window;
        return found.has_value();
    };
    if (!QTest::qWaitFor(there, startMs)) return {};
    const QStringList search{u"search"_s, u"--sync"_s, u"--onlyvisible"_s, u"--name"_s, u'^' + title + u'$'};
    return drive(search + QStringList{u"windowfocus"_s, u"--sync"_s}) ? found : std::nullopt;
}

bool Desktop::press(const QStringList &keys) {
    return drive(QStringList{u"key"_s} + keys);
}

bool Desktop::type(const QString &text) {
    return drive({u"type"_s, u"--delay"_s, u"20"_s, text});
}

}  // namespace millm::testing
