#include "core/server/socketio/event_server.h"

#include "core/server/http/error_response.h"
#include "core/server/http/exchange.h"

#include <QRandomGenerator>
#include <QUrlQuery>

#include <algorithm>
#include <array>

namespace millm::socketio {
namespace {

using http::Exchange;

/// Engine.IO's numbered errors.
enum Problem { UnknownTransport, UnknownSession, BadMethod, BadRequest, Forbidden, UnsupportedVersion };

http::Response problem(Problem code, int status = 400) {
    static constexpr std::array words{"Transport unknown", "Session ID unknown", "Bad handshake method",
                                      "Bad request",       "Forbidden",          "Unsupported protocol version"};
    return http::json(status, {{QStringLiteral("code"), static_cast<int>(code)},
                               {QStringLiteral("message"), QLatin1StringView(words[code])}});
}

/// Of sessions there are as many as may be.
http::Response full() {
    http::Response response = problem(Forbidden, 503);
    response.headers.emplaceBack("Retry-After", "5");
    return response;
}

QByteArray newId() {
    std::array<quint32, 4> bits{};
    QRandomGenerator::system()->fillRange(bits.data(), bits.size());
    return QByteArray(reinterpret_cast<const char *>(bits.data()), sizeof bits)
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals);
}

}  // namespace

EventServer::EventServer(QList<QByteArray> namespaces, SessionOptions options, QObject *parent)
    : QObject(parent), m_namespaces(std::move(namespaces)), m_options(options) {}

EventServer::~EventServer() {
    closeAll();
}

std::optional<Session::Refusal> EventServer::admit(const QByteArray &headerKey, const QByteArray &token,
                                                   const QHostAddress &peer) const {
    // Either place will do; one that holds nothing is no wrong key.
    auto verdict = m_gate ? m_gate->judge(headerKey.isEmpty() ? token : headerKey, peer) : http::Gate::Verdict{.opens = true};
    if (!verdict.opens && !headerKey.isEmpty() && !token.isEmpty()) verdict = m_gate->judge(token, peer);
    if (verdict.opens) return {};
    return Session::Refusal{verdict.tooMany ? QStringLiteral("Too many wrong keys") : QStringLiteral("Unauthorized"),
                            verdict.delay};
}

Session *EventServer::open(const http::RequestHead &head, const QHostAddress &peer) {
    // Whoever has entered stays; of those that only knocked the first one goes.
    if (sessions() >= m_options.maxSessions) {
        Session *first = nullptr;
        for (Session *session : std::as_const(m_sessions))
            if (session->isOutside() && (!first || session->number() < first->number())) first = session;
        if (!first) return nullptr;
        first->close();
    }
    const auto admission = [this, peer, headerKey = http::Gate::keyOf(head)](
                               const QByteArray &nsp, const QJsonObject &auth) -> std::optional<Session::Refusal> {
        if (!m_namespaces.contains(nsp)) return Session::Refusal{QStringLiteral("Invalid namespace")};
        return admit(headerKey, auth.value(QLatin1StringView("token")).toString().toUtf8(), peer);
    };
    auto *session = new Session(newId(), ++m_lastNumber, m_options, admission, this);
    m_sessions.insert(session->id(), session);
    connect(session, &Session::namespacesChanged, this, &EventServer::count);
    connect(session, &Session::entered, this, [this, session](const QByteArray &nsp) { tellState(*session, nsp); });
    connect(session, &Session::asked, this, [this, session](const SocketPacket &event) { answer(*session, event); });
    connect(session, &Session::closed, this, [this, session] {
        m_sessions.remove(session->id());
        session->deleteLater();
        count();
    });
    return session;
}

void EventServer::count() {
    const auto inside = [this](const Session *session) {
        return std::ranges::any_of(m_namespaces, [&](const QByteArray &nsp) { return session->isIn(nsp); });
    };
    const int now = static_cast<int>(std::ranges::count_if(m_sessions, inside));
    if (std::exchange(m_listeners, now) != now) Q_EMIT listenersChanged();
}

void EventServer::get(Exchange &exchange) {
    const QString transport = exchange.queryValue(QStringLiteral("transport"));
    if (exchange.queryValue(QStringLiteral("EIO")) != QLatin1StringView("4")) {
        exchange.send(problem(UnsupportedVersion));
        return;
    }
    if (transport != QLatin1StringView("polling")) {
        exchange.send(problem(transport == QLatin1StringView("websocket") ? BadRequest : UnknownTransport));
        return;
    }
    const QByteArray id = exchange.queryValue(QStringLiteral("sid")).toLatin1();
    if (id.isEmpty()) {
        Session *session = open(exchange.head(), exchange.peer());
        if (session)
            exchange.send({.contentType = "text/plain; charset=utf-8", .body = session->openPacket(true)});
        else
            exchange.send(full());
    } else if (Session *session = m_sessions.value(id)) {
        session->poll(exchange);
    } else {
        exchange.send(problem(UnknownSession));
    }
}

void EventServer::post(Exchange &exchange) {
    const QByteArray id = exchange.queryValue(QStringLiteral("sid")).toLatin1();
    if (exchange.queryValue(QStringLiteral("EIO")) != QLatin1StringView("4")) {
        exchange.send(problem(UnsupportedVersion));
    } else if (exchange.queryValue(QStringLiteral("transport")) != QLatin1StringView("polling")) {
        exchange.send(problem(UnknownTransport));
    } else if (id.isEmpty()) {
        exchange.send(problem(BadMethod));
    } else if (Session *session = m_sessions.value(id); !session) {
        exchange.send(problem(UnknownSession));
    } else if (session->isOnWebSocket() || !session->post(exchange.body())) {
        exchange.send(problem(BadRequest));
    } else {
        exchange.send({.contentType = "text/plain; charset=utf-8", .body = "ok"});
    }
}

void EventServer::adopt(const std::shared_ptr<QWebSocket> &socket, const http::RequestHead &head) {
    const QUrlQuery query(QString::fromLatin1(head.query));
    const QByteArray id = query.queryItemValue(QStringLiteral("sid")).toLatin1();
    const bool sound = query.queryItemValue(QStringLiteral("EIO")) == QLatin1StringView("4") &&
                       query.queryItemValue(QStringLiteral("transport")) == QLatin1StringView("websocket");
    Session *session = !sound ? nullptr : id.isEmpty() ? open(head, socket->peerAddress()) : m_sessions.value(id);
    if (session) session->adopt(socket, !id.isEmpty());  // else nobody keeps it, which closes it
}

void EventServer::broadcast(const QByteArray &nsp, const Event &event) {
    if (m_listeners == 0) return;
    const QByteArray packet = encodeEvent(nsp, event.name, event.payload);
    const QList<Session *> all = m_sessions.values();  // a slow one closes, and leaves the table, while it is sent to
    for (Session *session : all) {
        if (session->isIn(nsp)) session->send(packet, event.key);
    }
}

void EventServer::tellState(Session &session, const QByteArray &nsp) const {
    if (!m_state) return;
    const QList<Event> events = m_state(nsp);
    for (const Event &event : events) {
        if (!session.hasRoom()) break;  // what is left is told as it changes
        session.send(encodeEvent(nsp, event.name, event.payload), event.key);
    }
}

void EventServer::answer(Session &session, const SocketPacket &event) const {
    const QString name = event.data.toArray().first().toString();
    const bool known = name == QLatin1StringView("state");
    if (known && session.takeStateTurn()) tellState(session, event.nsp);
    if (!event.ack) return;
    const QJsonObject done{{QStringLiteral("success"), true}, {QStringLiteral("data"), QJsonValue::Null}};
    const Error unknown{ErrorCode::NotFound, QStringLiteral("There is no event '%1'.").arg(name.left(100)), {}};
    session.send(encode(SocketPacket{.type = SocketPacket::Type::Ack,
                                     .nsp = event.nsp,
                                     .ack = event.ack,
                                     .data = QJsonArray{known ? done : http::managementError(unknown)}}));
}

void EventServer::closeAll() {
    const QList<Session *> all = m_sessions.values();
    for (Session *session : all) session->close();
}

}  // namespace millm::socketio
