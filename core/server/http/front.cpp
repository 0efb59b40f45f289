#include "core/server/http/front.h"

#include "core/base/futures.h"
#include "core/base/log_categories.h"
#include "core/base/log_scope.h"
#include "core/server/http/exchange.h"
#include "core/server/http/listener.h"

#include <QHttpServerRequest>
#include <QHttpServerResponder>
#include <QHttpServerWebSocketUpgradeResponse>
#include <QJsonDocument>
#include <QNetworkRequest>
#include <QPointer>
#include <QTimer>

namespace millm::http {
namespace {

constexpr qsizetype parseHere = 256 * 1024;  ///< bytes of JSON that take less time than a change of threads is worth

/// What its last holder does with a WebSocket: its own slots may be on the stack, and its last words on their way.
void letGo(QWebSocket *socket) {
    if (socket->state() == QAbstractSocket::UnconnectedState) {
        socket->deleteLater();
        return;
    }
    QObject::connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
    QMetaObject::invokeMethod(socket, [socket] { socket->close(); }, Qt::QueuedConnection);  // Qt may still be shaking hands
}

struct Parsed {
    QJsonObject object;
    std::optional<Error> error;
};

Parsed parseObject(const QByteArray &bytes) {
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(bytes, &problem);
    if (problem.error != QJsonParseError::NoError) {
        return {{},
                badField(QStringLiteral("body"),
                         QStringLiteral("is not JSON: %1 at byte %2").arg(problem.errorString()).arg(problem.offset))};
    }
    if (!document.isObject()) return {{}, badField(QStringLiteral("body"), QStringLiteral("must be a JSON object"))};
    return {document.object(), {}};
}

}  // namespace

Front::Front(std::shared_ptr<const RouteTable> routes, std::shared_ptr<const Gate> gate, const Limits &limits,
             const CertificateFiles *certificate, QObject *parent)
    : QAbstractHttpServer(parent), m_routes(std::move(routes)), m_gate(std::move(gate)) {
    m_parser.setMaxThreadCount(1);
    m_parser.setObjectName(QStringLiteral("json"));
    m_listener = new Listener(
        {.limits = limits,
         .certificate = certificate,
         .admit = [gate = m_gate](const RequestHead &head, const QHostAddress &peer) { return gate->admit(head, peer); },
         .refuse = [gate = m_gate](const BadRequest &why, const RequestHead &head) { return gate->refuse(why, head); }},
        this);
    connect(m_listener, &Listener::connectionsChanged, this, &Front::activityChanged);
    // The gate has decided already; what reaches Qt is to be upgraded.
    addWebSocketUpgradeVerifier(this, [](const QHttpServerRequest &) { return QHttpServerWebSocketUpgradeResponse::accept(); });
    connect(this, &QAbstractHttpServer::newWebSocketConnection, this, &Front::takeWebSocket);
}

Front::~Front() {
    m_listener->stop();
    m_listener->cutAll();
    m_parser.waitForDone();
}

quint16 Front::listen(const QHostAddress &address, quint16 port, const QHostAddress &also) {
    // A port that is free on one address may be taken on the other: where any will do, another is tried.
    for (int tries = port == 0 ? 16 : 1; tries > 0; --tries) {
        if (!m_listener->listen(address, port)) {
            m_errorString = m_listener->errorString();
            return 0;
        }
        const auto wrong = also.isNull() ? std::nullopt : m_listener->listenAlso(also);
        if (wrong != QAbstractSocket::AddressInUseError) return bind(m_listener) ? m_listener->serverPort() : 0;
        m_listener->stop();
        m_errorString = QStringLiteral("another program has it on %1").arg(also.toString());
    }
    return 0;
}

int Front::connections() const {
    return m_listener->connections();
}

bool Front::handleRequest(const QHttpServerRequest &request, QHttpServerResponder &responder) {
    Connection *connection = m_listener->connection(request.value(Connection::idHeader).toULongLong());
    if (!connection) return false;
    Incoming incoming = connection->takeRequest();
    incoming.closes = incoming.closes || m_stopping;
    const auto delay = incoming.delay;
    auto answer = std::exchange(incoming.answer, {});
    auto *exchange = new Exchange(*connection, std::move(incoming), std::move(responder), this);
    exchange->m_style = m_routes->area(exchange->head().segments()).errors;
    exchange->m_corsHeaders = m_gate->corsHeaders(exchange->head());
    ++m_underWay;
    connect(exchange, &Exchange::streamingChanged, this, [this](bool streaming) {
        m_streams += streaming ? 1 : -1;
        Q_EMIT activityChanged();
    });
    connect(exchange, &Exchange::done, this, [this, exchange](int status, qint64 bytes, qint64 milliseconds) {
        --m_underWay;
        const RequestHead &head = exchange->head();
        const LogScope about(exchange->logFields());
        // Never the query nor a header: keys and tokens live there.
        const auto shown = [](const QByteArray &part) { return part.isEmpty() ? "-" : part.constData(); };
        qCInfo(accessLog, "%s %s %d %lldB %lldms", shown(head.method), shown(head.path), status, bytes, milliseconds);
        Q_EMIT answered({head.method, head.path, exchange->route() ? exchange->route()->path : QByteArray(), status, bytes,
                         milliseconds, exchange->requestId(), exchange->peer(), exchange->client()});
        checkStopped();
    });
    Q_EMIT taken(exchange);
    const auto begin = [this, exchange, answer = std::move(answer)] {
        if (exchange->isAnswered()) return;
        if (answer)
            exchange->send(*answer);
        else
            exchange->guarded([&] { dispatch(*exchange); });
    };
    // Later: QHttpServer is in the middle of its own bookkeeping here, and counts on a handler that answers later.
    QTimer::singleShot(delay, exchange, begin);
    if (delay.count() > 0) connect(this, &Front::stopping, exchange, begin);  // nobody is to wait for it then
    return true;
}

void Front::missingHandler(const QHttpServerRequest &, QHttpServerResponder &responder) {
    responder.write(QHttpServerResponder::StatusCode::NotFound);
}

void Front::dispatch(Exchange &exchange) {
    if (m_stopping) {
        exchange.fail({ErrorCode::ShuttingDown, QStringLiteral("The server is shutting down."), {}});
        return;
    }
    RouteMatch match = m_routes->match(exchange.head().method, exchange.head().segments());
    if (!match.route) {
        exchange.fail({ErrorCode::NotFound, QStringLiteral("There is nothing at this path."), {}});
        return;
    }
    exchange.m_route = match.route;
    exchange.m_capture = std::move(match.capture);
    switch (match.route->body) {
        case Body::None:
        case Body::Text:
            call(exchange, *match.route);
            break;
        case Body::OptionalJson:
            if (exchange.body().isEmpty())
                call(exchange, *match.route);
            else
                readJson(exchange, *match.route);
            break;
        case Body::Json:
            readJson(exchange, *match.route);
            break;
    }
}

void Front::readJson(Exchange &exchange, const Route &route) {
    const auto take = [this, &exchange, &route](const Parsed &parsed) {
        exchange.m_json = parsed.object;
        // The handler may want to know how it was written; afterwards it would only take memory.
        const QPointer<Exchange> open(&exchange);
        if (parsed.error)
            exchange.fail(*parsed.error);
        else
            call(exchange, route);
        if (open) open->m_body = {};
    };
    if (exchange.body().size() <= parseHere) {
        take(parseObject(exchange.body()));
        return;
    }
    QPromise<Parsed> promise;
    promise.start();
    exchange.when(promise.future(), take);
    m_parser.start([promise = std::make_shared<QPromise<Parsed>>(std::move(promise)), bytes = exchange.body()] {
        fulfil(*promise, [&] { return parseObject(bytes); });
    });
}

void Front::call(Exchange &exchange, const Route &route) {
    exchange.guarded([&] { route.handler(exchange); });
}

void Front::takeWebSocket() {
    while (std::unique_ptr<QWebSocket> socket = nextPendingWebSocketConnection()) {
        const quint64 id = socket->request().rawHeader(Connection::idHeader).toULongLong();
        Connection *connection = m_listener->connection(id);
        if (!connection || m_stopping) continue;  // closes it
        const Incoming incoming = connection->takeRequest();
        socket->setParent(nullptr);  // it lives as long as its holders, who may outlive this
        Q_EMIT webSocketOpened(std::shared_ptr<QWebSocket>(socket.release(), letGo), incoming.head);
    }
}

QFuture<void> Front::shutDown(int seconds) {
    if (!m_stopping) {
        m_stopping.emplace();
        m_stopping->start();
        m_listener->stop();
        m_listener->closeIdle();
        Q_EMIT stopping();
        checkStopped();
    }
    // A second call may shorten the wait.
    QTimer::singleShot(std::chrono::seconds(seconds), this, [this] {
        m_listener->cutAll();
        if (!m_stopping->future().isFinished()) m_stopping->finish();
    });
    return m_stopping->future();
}

void Front::checkStopped() {
    if (!m_stopping || m_underWay > 0 || m_stopping->future().isFinished()) return;
    if (m_listener->isSending()) {  // the last answers are written, but still on their way
        QTimer::singleShot(std::chrono::milliseconds(20), this, &Front::checkStopped);
        return;
    }
    m_stopping->finish();
}

}  // namespace millm::http
