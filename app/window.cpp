#include "app/window.h"

#include "app/server_link.h"
#include "app/services.h"
#include "app/settings_store.h"
#include "app/window_placement.h"
#include "core/conversations/conversation_repository.h"
#include "qml/window.h"
#include "ui/app.h"
#include "ui/service_link.h"
#include "ui/translations.h"

#include <QLoggingCategory>
#include <QQmlApplicationEngine>
#include <QQuickWindow>
#include <QTextStream>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <optional>

namespace millm {
namespace {

bool answers(const QByteArray &socketPath) {
    sockaddr_un address{};
    if (socketPath.size() >= qsizetype(sizeof address.sun_path)) return false;
    address.sun_family = AF_UNIX;
    std::copy(socketPath.begin(), socketPath.end(), address.sun_path);
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return false;
    const bool connected = ::connect(socket, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0;
    ::close(socket);
    return connected;
}

}  // namespace

QString windowSettingsFile(const Settings &settings, bool demo) {
    return demo ? QString() : settings.dataDir + QStringLiteral("/window.conf");
}

bool hasDisplay() {
    if (!qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) return true;  // the caller knows better
    const QByteArray wayland = qgetenv("WAYLAND_DISPLAY");
    if (!wayland.isEmpty() && answers(wayland.startsWith('/') ? wayland : qgetenv("XDG_RUNTIME_DIR") + '/' + wayland))
        return true;
    const QByteArray display = qgetenv("DISPLAY");
    if (display.isEmpty()) return false;
    if (!display.startsWith(':')) return true;  // another machine's: only Qt can tell
    return answers("/tmp/.X11-unix/X" + display.mid(1, display.indexOf('.') < 0 ? -1 : display.indexOf('.') - 1));
}

class Window::Private {
public:
    Private(const Settings &settings, const WindowOptions &window, const AppOptions &options, Services &parts)
        : log(window.log),
          serverLink(parts),
          store(settings, window.origins, window.settingsFile, parts),
          link(parts.models, parts.search, parts.inference, parts.system, parts.requests),
          conversations(parts.database),
          app(link, link.chat(), conversations, serverState, {serverLink, store, parts.requests, *log}, options) {
        serverState.setStarting();
        serverLink.feed(serverState);
        link.feed(app);
        QObject::connect(app.closing(), &Closing::quitAsked, &app, [] { QCoreApplication::exit(0); });
        if (Translations *translations = window.translations)
            QObject::connect(app.language(), &Language::changed, &app, [this, translations] {
                translations->speak(app.language()->locale());
                retranslate(engine, app);
            });
    }

    void onStarted(const ServiceThread::Started &started) {
        if (!started.error) {
            QTextStream(stdout) << "Listening on " << started.url.toString() << Qt::endl;
            return;
        }
        qCritical().noquote() << started.error->message;
        // Without its port the window still does all of its own work; without the records it has nothing to show.
        if (started.stage != ServiceThread::Stage::Server) app.onStartFailed(*started.error);
        serverState.setError(started.error->message);
    }

    const std::shared_ptr<LogHistory> log;
    ServerLink serverLink;
    SettingsStore store;
    ServerState serverState;
    ServiceLink link;
    ConversationRepository conversations;
    App app;
    QQmlApplicationEngine engine;
    std::optional<WindowPlacement> placement;  ///< last: the window that it watches is the engine's
};

namespace {

AppOptions appOptions(const Settings &settings, const WindowOptions &options) {
    AppOptions result;
    result.demo = options.demo;
    result.trouble = options.trouble;
    result.offline = settings.hubOffline;
    result.hubEndpoint = settings.hfEndpoint;
    const SettingOrigin key = options.origins.value(QStringLiteral("api-key"));
    result.address = {settings.host, settings.port};
    if (key.setBy.isEmpty()) result.address.key = key.value;
    result.otherKeys = int(settings.apiKeys.size()) - (key.value.isEmpty() ? 0 : 1);
    if (options.demo) result.sampleRepo = options.demoRepository;
    result.settingsFile = windowSettingsFile(settings, options.demo);
    return result;
}

}  // namespace

Window::Window(const Settings &settings, const WindowOptions &options, ServiceThread &services)
    : d(std::make_unique<Private>(settings, options, appOptions(settings, options), services.parts())) {
    const QString settingsFile = appOptions(settings, options).settingsFile;
    loadWindow(d->engine, d->app, WindowPlacement::remembered(settingsFile));
    if (QQuickWindow *window = root()) d->placement.emplace(*window, settingsFile);
    services.start().then(&d->app, [this](const ServiceThread::Started &started) { d->onStarted(started); });
}

Window::~Window() = default;

QQuickWindow *Window::root() const {
    return d->engine.rootObjects().isEmpty() ? nullptr : qobject_cast<QQuickWindow *>(d->engine.rootObjects().first());
}

void Window::raise() {
    if (QQuickWindow *window = root()) {
        d->app.closing()->carryOn();
        window->show();
        window->raise();
        window->requestActivate();
    }
}

}  // namespace millm
