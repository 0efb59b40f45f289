#include "app/window.h"

#include "app/services.h"
#include "app/window_placement.h"
#include "core/base/futures.h"
#include "core/conversations/conversation_repository.h"
#include "qml/window.h"
#include "ui/app.h"
#include "ui/service_link.h"

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

/// What the server's thread says of it at one moment.
struct ServerFacts {
    Server::State state = Server::State::Stopped;
    QUrl url;
    QString error;
};

/// Feeds the window's picture of the HTTP server, which is asked in its own thread. The window goes first: nothing may reach
/// for `shown` from over there.
void showServer(Server &server, const Settings &settings, ServerState &shown) {
    const bool keyed = !settings.apiKeys.isEmpty();
    QObject::connect(&server, &Server::stateChanged, &shown, [&server, &shown, keyed] {
        runOn(&server, [&server] {
            return ServerFacts{server.state(), server.url(), server.errorMessage()};
        }).then(&shown, [&shown, keyed](const ServerFacts &facts) {
            switch (facts.state) {
                case Server::State::Stopped:
                    shown.setStopped();
                    break;
                case Server::State::Starting:
                    shown.setStarting();
                    break;
                case Server::State::Serving:
                    shown.setServing(facts.url, keyed);
                    break;
                case Server::State::Failed:
                    shown.setError(facts.error);
                    break;
            }
        });
    });
}

}  // namespace

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
    Private(const Settings &settings, const AppOptions &options, Services &parts)
        : link(parts.models, parts.search, parts.inference, parts.system),
          conversations(parts.database),
          app(link, link.chat(), conversations, serverState, options) {
        serverState.setStarting();
        showServer(parts.server, settings, serverState);
        link.feed(app);
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
    if (options.demo) {
        result.sampleRepo = options.demoRepository;
    } else {
        result.settingsFile = settings.dataDir + QStringLiteral("/window.conf");
    }
    return result;
}

}  // namespace

Window::Window(const Settings &settings, const WindowOptions &options, ServiceThread &services)
    : d(std::make_unique<Private>(settings, appOptions(settings, options), services.parts())) {
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
        window->show();
        window->raise();
        window->requestActivate();
    }
}

}  // namespace millm
