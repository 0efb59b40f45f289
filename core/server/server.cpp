#include "core/server/server.h"

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
#include "core/server/routes.h"
#include "core/server/socketio/event_server.h"
#include "core/server/socketio/progress_events.h"

#include <QHostAddress>

namespace millm {
/// The parts of the server in the order they are built.
class Server::Private {
public:
    Private(const Settings &settings, ModelService &models, ModelSearch &search, InferenceService &inference,
            SystemMonitor &system, Database &database, const HubClient &hubClient)
        : settings(settings),
          models(models),
          hub(search),
          system(settings.device, models, inference, system, database),
          choice(inference, models, settings.loadOnDemand, settings.aliases),
          openai(inference, choice, words),
          anthropic(inference, choice, openai.totals()),
          ollama(inference, models, choice, openai.totals(), words, std::chrono::minutes(settings.idleUnloadMinutes)),
          events({socketio::ProgressEvents::nsp}),
          progress(events, models, system, this->system),
          metrics({models, inference, system, hubClient, events, openai.totals()}),
          routes(makeRoutes({this->models, hub, this->system, openai, anthropic, ollama, events, document, metrics})),
          gate(std::make_shared<const http::Gate>(settings, routes)),
          certificate(settings.tlsCertificate.isEmpty()
                          ? nullptr
                          : std::make_unique<http::CertificateFiles>(settings.tlsCertificate, settings.tlsKey)),
          front(routes, gate, {}, certificate.get()) {
        events.setGate(gate);
        metrics.setFront(front);
        QObject::connect(&front, &http::Front::answered, &events, [this](const http::Answered &what) { metrics.count(what); });
        QObject::connect(&front, &http::Front::webSocketOpened, &events, &socketio::EventServer::adopt);
    }

    const Settings settings;
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
    std::shared_ptr<const http::Gate> gate;
    std::unique_ptr<http::CertificateFiles> certificate;  ///< null without TLS
    http::Front front;
    State state = State::Stopped;
    QString errorMessage;
    quint16 port = 0;
};

Server::Server(const Settings &settings, ModelService &models, ModelSearch &search, InferenceService &inference,
               SystemMonitor &system, Database &database, const HubClient &hubClient, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(settings, models, search, inference, system, database, hubClient)) {
    connect(&d->front, &http::Front::activityChanged, this, &Server::activityChanged);
}

Server::~Server() {
    d->events.closeAll();
}

Result<quint16> Server::listen() {
    const auto enter = [this](State state) {
        d->state = state;
        Q_EMIT stateChanged();
    };
    const auto fail = [&](const QString &why) {
        d->errorMessage = why;
        qCCritical(serverLog, "%s", qUtf8Printable(why));
        enter(State::Failed);
        return Error{ErrorCode::Internal, why, {}};
    };
    d->errorMessage.clear();
    enter(State::Starting);
    const QString &host = d->settings.host;
    // Clients that look the name up may begin with either of its addresses.
    const bool named = host == QLatin1StringView("localhost");
    const QHostAddress address = named ? QHostAddress(QHostAddress::LocalHost) : QHostAddress(host);
    const QHostAddress also = named                                            ? QHostAddress(QHostAddress::LocalHostIPv6)
                              : address == QHostAddress(QHostAddress::AnyIPv6) ? QHostAddress(QHostAddress::AnyIPv4)
                                                                               : QHostAddress();
    if (address.isNull()) return fail(QStringLiteral("Cannot listen on '%1': it is not an address.").arg(host));
    if (!address.isLoopback() && d->settings.apiKeys.isEmpty()) {
        return fail(
            QStringLiteral("Refusing to listen on %1 without an API key: everybody on the network could use this server. "
                           "Set MILLM_API_KEY or MILLM_API_KEY_FILE, or listen on 127.0.0.1.")
                .arg(host));
    }
    if (d->certificate) {
        if (const Result<void> read = d->certificate->read(); !read) return fail(read.error().message);
    }
    const quint16 port = d->front.listen(address, d->settings.port, also);
    if (port == 0) {
        return fail(
            QStringLiteral("Cannot listen on %1 port %2: %3.").arg(host).arg(d->settings.port).arg(d->front.errorString()));
    }
    d->port = port;
    enter(State::Serving);
    return port;
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
int Server::connections() const {
    return d->front.connections();
}
int Server::activeStreams() const {
    return d->front.streams();
}

QFuture<void> Server::shutDown(int seconds) {
    if (d->state == State::Serving) {
        d->state = State::Stopped;
        Q_EMIT stateChanged();
    }
    d->events.closeAll();
    return d->front.shutDown(seconds);
}

}  // namespace millm
