#include "core/server/server.h"

#include "core/base/file_watch.h"
#include "core/base/log_categories.h"
#include "core/base/settings.h"
#include "core/base/worker_thread.h"
#include "core/server/anthropic/anthropic_controller.h"
#include "core/server/description/document_controller.h"
#include "core/server/description/metrics.h"
#include "core/server/http/certificate.h"
#include "core/server/http/front.h"
#include "core/server/http/gate.h"
#include "core/server/management/hub_controller.h"
#include "core/server/management/model_controller.h"
#include "core/server/management/system_controller.h"
#include "core/server/model_choice.h"
#include "core/server/ollama/ollama_controller.h"
#include "core/server/openai/openai_controller.h"
#include "core/server/request_recorder.h"
#include "core/server/routes.h"
#include "core/server/socketio/event_server.h"
#include "core/server/socketio/progress_events.h"

#include <QElapsedTimer>
#include <QHostAddress>
#include <QTimer>

#include <memory>
#include <vector>

namespace millm {
namespace {

constexpr int longestAnswer = 3600;  ///< seconds that an answer begun before a restart may still take

}  // namespace

/// The parts of the server in the order they are built.
class Server::Private {
public:
    Private(Server *server, const Settings &settings, const Sources &from)
        : q(server),
          settings(settings),
          models(from.models),
          hub(from.search),
          system(settings.device, from.models, from.inference, from.system, from.database),
          choice(from.inference, from.models, settings.loadOnDemand, settings.aliases),
          openai(from.inference, choice, words),
          anthropic(from.inference, choice, openai.totals()),
          ollama(from.inference, from.models, choice, openai.totals(), words, std::chrono::minutes(settings.idleUnloadMinutes)),
          events({socketio::ProgressEvents::nsp}),
          progress(events, from.models, from.system, system),
          metrics({from.models, from.inference, from.system, from.hub, events, openai.totals()}),
          routes(makeRoutes({models, hub, system, openai, anthropic, ollama, events, document, metrics})),
          certificate(settings.tlsCertificate.isEmpty()
                          ? nullptr
                          : std::make_unique<http::CertificateFiles>(settings.tlsCertificate, settings.tlsKey)),
          recorder(from.journal) {
        open();
        watchKeys();
    }

    void open();
    void watchKeys();
    void retire();
    Result<quint16> bind();
    Result<quint16> fail(const QString &why);
    void enter(State next) {
        state = next;
        Q_EMIT q->stateChanged();
    }

    Server *const q;
    Settings settings;
    management::ModelController models;
    management::HubController hub;
    management::SystemController system;
    ModelChoice choice;
    WorkerThread words{QStringLiteral("words")};  ///< writes down what is long
    openai::OpenAiController openai;
    anthropic::AnthropicController anthropic;
    ollama::OllamaController ollama;
    socketio::EventServer events;
    socketio::ProgressEvents progress;
    description::DocumentController document;
    description::Metrics metrics;
    std::shared_ptr<const http::RouteTable> routes;
    std::unique_ptr<http::CertificateFiles> certificate;  ///< null without TLS
    std::unique_ptr<FileWatch> keyFile;                   ///< null without one
    std::shared_ptr<const http::Gate> gate;               ///< of the front that listens
    RequestRecorder recorder;
    std::vector<std::unique_ptr<http::Front>> retired;  ///< they listen no more and end what they began
    std::unique_ptr<http::Front> front;
    State state = State::Stopped;
    QElapsedTimer serving;
    QString errorMessage;
    quint16 port = 0;
};

Server::Server(const Settings &settings, const Sources &sources, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(this, settings, sources)) {}

Server::~Server() {
    d->events.closeAll();
}

/// A front with the settings' gate, which does not listen yet.
void Server::Private::open() {
    gate = std::make_shared<const http::Gate>(settings, routes);
    front = std::make_unique<http::Front>(routes, gate, http::Limits(), certificate.get());
    events.setGate(gate);
    metrics.setFront(*front);
    recorder.watch(*front);
    QObject::connect(front.get(), &http::Front::answered, &events, [this](const http::Answered &what) { metrics.count(what); });
    QObject::connect(front.get(), &http::Front::webSocketOpened, &events, &socketio::EventServer::adopt);
    QObject::connect(front.get(), &http::Front::activityChanged, q, &Server::activityChanged);
}

/// Keys come and go without a new start. A file that is wrong, or empty, leaves those before.
void Server::Private::watchKeys() {
    const QString file = settings.apiKeyFile;
    if (file.isEmpty()) return;
    keyFile = std::make_unique<FileWatch>(QStringList{file}, std::chrono::seconds(2), [this, file]() -> FileWatch::Then {
        return [this, read = readApiKeys(file)] {
            if (!read) {
                qCWarning(serverLog, "%s The API keys before stay in force.", qUtf8Printable(read.error().message));
                return;
            }
            settings.apiKeys.removeIf([](const ApiKey &key) { return key.ofFile; });
            settings.apiKeys += *read;
            gate->keys().replace(settings.apiKeys);
            qCInfo(serverLog, "The API keys have changed: there are %lld", qint64(settings.apiKeys.size()));
        };
    });
    keyFile->start();
}

/// Makes room for another front.
void Server::Private::retire() {
    events.closeAll();  // they come again, to the new door
    http::Front *old = front.get();
    retired.push_back(std::move(front));
    open();
    old->shutDown(longestAnswer).then(old, [this, old] {
        // Its own slots are on the stack.
        QTimer::singleShot(0, q, [this, old] { std::erase_if(retired, [&](const auto &one) { return one.get() == old; }); });
    });
}

Result<quint16> Server::Private::fail(const QString &why) {
    return Error{ErrorCode::Internal, why, {}};
}

Result<quint16> Server::Private::bind() {
    const QString &host = settings.host;
    // Clients that look the name up may begin with either of its addresses.
    const bool named = host == QLatin1StringView("localhost");
    const QHostAddress address = named ? QHostAddress(QHostAddress::LocalHost) : QHostAddress(host);
    const QHostAddress also = named                                            ? QHostAddress(QHostAddress::LocalHostIPv6)
                              : address == QHostAddress(QHostAddress::AnyIPv6) ? QHostAddress(QHostAddress::AnyIPv4)
                                                                               : QHostAddress();
    if (address.isNull()) return fail(QStringLiteral("Cannot listen on '%1': it is not an address.").arg(host));
    if (!address.isLoopback() && settings.apiKeys.isEmpty()) {
        return fail(
            QStringLiteral("Refusing to listen on %1 without an API key: everybody on the network could use this server. "
                           "Set MILLM_API_KEY or MILLM_API_KEY_FILE, or listen on 127.0.0.1.")
                .arg(host));
    }
    if (certificate) {
        if (const Result<void> read = certificate->read(); !read) return fail(read.error().message);
    }
    port = front->listen(address, settings.port, also);
    if (port == 0)
        return fail(QStringLiteral("Cannot listen on %1 port %2: %3.").arg(host).arg(settings.port).arg(front->errorString()));
    return port;
}

Result<quint16> Server::listen() {
    d->errorMessage.clear();
    d->enter(State::Starting);
    const Result<quint16> port = d->bind();
    if (!port) {
        d->errorMessage = port.error().message;
        qCCritical(serverLog, "%s", qUtf8Printable(d->errorMessage));
    }
    d->serving.start();
    d->enter(port ? State::Serving : State::Failed);
    return port;
}

Result<quint16> Server::restart(const ServerAddress &address) {
    const bool served = d->state == State::Serving;
    Settings before = d->settings, wanted = before;
    before.port = this->address().port;
    wanted.host = address.host;
    wanted.port = address.port;
    if (address.key) {
        wanted.apiKeys.removeIf([](const ApiKey &key) { return key.name == settingsKeyName && !key.ofFile; });
        if (!address.key->isEmpty()) wanted.apiKeys.append(apiKey(settingsKeyName, address.key->toUtf8()));
    }
    const auto use = [this](const Settings &settings) {
        d->settings = settings;
        d->retire();
        return listen();
    };
    const Result<quint16> port = use(wanted);
    if (!port && served) (void)use(before);
    return port;
}

ServerAddress Server::address() const {
    return {d->settings.host, d->state == State::Serving ? d->port : d->settings.port};
}
bool Server::wantsKey() const {
    return !d->settings.apiKeys.isEmpty();
}

QUrl Server::url() const {
    if (d->state != State::Serving) return {};
    QUrl url;
    url.setScheme(d->certificate ? QStringLiteral("https") : QStringLiteral("http"));
    url.setHost(d->settings.host);
    url.setPort(d->port);
    return url;
}

Server::State Server::state() const {
    return d->state;
}
QString Server::errorMessage() const {
    return d->errorMessage;
}
const http::RouteTable &Server::routes() const {
    return *d->routes;
}
qint64 Server::upSeconds() const {
    return d->state == State::Serving ? d->serving.elapsed() / 1000 : -1;
}
int Server::connections() const {
    return d->front->connections();
}
int Server::activeStreams() const {
    return d->front->streams();
}

QFuture<void> Server::shutDown(int seconds) {
    if (d->state == State::Serving) {
        d->state = State::Stopped;
        Q_EMIT stateChanged();
    }
    d->events.closeAll();
    QList<QFuture<void>> all{d->front->shutDown(seconds)};
    for (const auto &front : d->retired) all << front->shutDown(seconds);
    return QtFuture::whenAll(all.begin(), all.end()).then([](const QList<QFuture<void>> &) {});
}

}  // namespace millm
