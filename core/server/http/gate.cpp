#include "core/server/http/gate.h"

#include "core/base/log_categories.h"
#include "core/base/settings.h"
#include "core/server/http/peer.h"

#include <algorithm>

namespace millm::http {
namespace {

/// "[::1]:8000", "::1" or "localhost:8000" without port and brackets, in lower case; IPv6 in its one short spelling.
QByteArray nameIn(const QByteArray &host) {
    QByteArray name = host.toLower();
    if (name.startsWith('['))
        name = name.sliced(1).split(']').first();
    else if (name.count(':') <= 1)  // more of them: an IPv6 address as people write it, without a port
        name = name.split(':').first();
    QHostAddress address(QString::fromLatin1(name));
    if (address.protocol() != QAbstractSocket::IPv6Protocol) return name;
    address.setScopeId({});
    return address.toString().toLatin1();
}

/// An origin in the spelling that browsers send: lower case, without the scheme's own port, without a slash at its end.
QByteArray plainOrigin(QByteArray origin) {
    origin = origin.trimmed().toLower();
    while (origin.endsWith('/') && !origin.endsWith("://")) origin.chop(1);
    for (const auto &[scheme, port] : {std::pair<QByteArrayView, QByteArrayView>{"http://", ":80"}, {"https://", ":443"}}) {
        if (origin.startsWith(scheme) && origin.endsWith(port)) origin.chop(port.size());
    }
    return origin;
}

/// The headers that a page may send: what it asks for, since clients add headers of their own with every version.
QByteArray allowedHeaders(const QByteArray &asked) {
    QList<QByteArray> names;
    for (const QByteArray &part : asked.split(',')) {
        if (const QByteArray name = part.trimmed(); isToken(name)) names += name;
    }
    return names.isEmpty() ? "authorization, content-type, x-api-key, api-key, x-request-id" : names.join(", ");
}

bool isSafe(const QByteArray &method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

bool isJson(const QByteArray &type) {
    const QList<QByteArray> parts = type.toLower().split(';');
    if (parts.first().trimmed() != "application/json") return false;
    return std::ranges::all_of(parts.sliced(1), [](const QByteArray &part) {
        const QByteArray parameter = part.trimmed().replace('"', "");
        return !parameter.startsWith("charset=") || parameter == "charset=utf-8" || parameter == "charset=utf8";
    });
}

}  // namespace

Gate::Gate(const Settings &settings, std::shared_ptr<const RouteTable> routes, const WrongKeyLimits &wrongKeys)
    : m_routes(std::move(routes)), m_keys(std::make_unique<KeyRing>(settings.apiKeys, wrongKeys)) {
    m_hosts = {"localhost", nameIn(settings.host.toLatin1())};
    const QHostAddress address(settings.host);
    m_anyAddress = address == QHostAddress(QHostAddress::AnyIPv4) || address == QHostAddress(QHostAddress::AnyIPv6) ||
                   address == QHostAddress(QHostAddress::Any);
    if (address.isLoopback() || settings.host == QLatin1StringView("localhost")) m_hosts += {"127.0.0.1", "::1"};
    for (const QString &host : settings.allowedHosts) m_hosts += nameIn(host.trimmed().toLatin1());
    m_hosts.removeAll("");
    for (const QString &origin : settings.corsOrigins) m_origins += plainOrigin(origin.toLatin1());
}

bool Gate::hostIsOurs(const QByteArray &host) const {
    const QByteArray name = nameIn(host);
    return m_hosts.contains(name) || (m_anyAddress && !QHostAddress(QString::fromLatin1(name)).isNull());
}

bool Gate::isForeign(const RequestHead &head) const {
    const QByteArray origin = plainOrigin(head.value("origin")), site = head.value("sec-fetch-site");
    if (origin.isEmpty()) return site == "cross-site";
    // Behind a proxy the page's address may begin with https, and its Host may not arrive here; a browser's own word does,
    // and no page can write it.
    const QByteArray host = head.value("host");
    const bool same =
        site == "same-origin" || origin == plainOrigin("http://" + host) || origin == plainOrigin("https://" + host);
    return !same && !m_origins.contains(origin);
}

QByteArray Gate::keyOf(const RequestHead &head) {
    const QByteArray authorization = head.value("authorization");
    if (authorization.left(7).compare("bearer ", Qt::CaseInsensitive) == 0) return authorization.sliced(7).trimmed();
    const QByteArray key = head.value("x-api-key");
    return key.isEmpty() ? head.value("api-key") : key;
}

Gate::Verdict Gate::judge(const QByteArray &key, const QHostAddress &peer) const {
    if (m_keys->isEmpty()) return {.opens = true};
    if (key.isEmpty()) return {};
    if (const auto name = m_keys->nameOf(key)) return {.opens = true, .name = *name};
    const auto delay = m_keys->delayWrong(peer);
    const QString from = shownAddress(peer);
    if (delay)
        qCWarning(serverLog, "A wrong API key came from %s: its answer waits %lld ms", qUtf8Printable(from),
                  qint64(delay->count()));
    else
        qCWarning(serverLog, "Too many wrong API keys came from %s: a further one is refused", qUtf8Printable(from));
    if (!delay) return {.tooMany = true};
    return {.delay = *delay};
}

Admission Gate::refuseKey(const Verdict &verdict, bool shown, ErrorStyle style) const {
    if (verdict.tooMany) {
        Response response = errorResponse(
            style,
            {ErrorCode::QueueFull, QStringLiteral("Too many wrong API keys came from this address; try again later."), {}});
        return {.answer = std::move(response)};
    }
    const QString words = shown ? QStringLiteral("This is not an API key of this server (MILLM_API_KEY, MILLM_API_KEY_FILE).")
                                : QStringLiteral("This server wants its API key as a bearer token.");
    return {.answer = errorResponse(style, {ErrorCode::Unauthorized, words, {}}), .delay = verdict.delay};
}

QList<std::pair<QByteArray, QByteArray>> Gate::corsHeaders(const RequestHead &head) const {
    if (m_origins.isEmpty()) return {};
    const QByteArray origin = head.value("origin");
    if (!m_origins.contains(plainOrigin(origin))) return {{"Vary", "Origin"}};
    return {{"Vary", "Origin"},
            {"Access-Control-Allow-Origin", origin},
            {"Access-Control-Allow-Credentials", "true"},
            {"Access-Control-Expose-Headers", "X-Request-Id, Retry-After"}};
}

Response Gate::preflight(const RequestHead &head, const QList<QByteArray> &allowed) const {
    Response response{.status = 200, .contentType = "text/plain"};
    response.headers = {{"Allow", allowed.join(", ") + ", OPTIONS"}};
    if (m_origins.contains(plainOrigin(head.value("origin"))) && !head.value("access-control-request-method").isEmpty()) {
        response.headers += {{"Access-Control-Allow-Methods", allowed.join(", ")},
                             {"Access-Control-Allow-Headers", allowedHeaders(head.value("access-control-request-headers"))},
                             {"Access-Control-Max-Age", "600"}};
    }
    return response;
}

std::optional<Response> Gate::checkBody(const RequestHead &head, const Route &route, ErrorStyle style) const {
    const QByteArray type = head.value("content-type");
    if (isSafe(head.method) || route.body == Body::Text) return {};
    // A type that a page may send anywhere without asking first is refused with and without a body.
    if ((!type.isEmpty() && !isJson(type)) || (type.isEmpty() && head.hasBody())) {
        return errorResponse(style, badField(QStringLiteral("Content-Type"), QStringLiteral("must be application/json")), 415);
    }
    return {};
}

std::optional<Response> Gate::checkUpgrade(const RequestHead &head, const Route &route, ErrorStyle style) const {
    if (!head.upgradesToWebSocket) return {};
    if (!route.webSocket)
        return errorResponse(style, badField(QStringLiteral("Upgrade"), QStringLiteral("is not possible here")));
    if (head.value("sec-websocket-version") != "13") {
        Response response =
            errorResponse(style, badField(QStringLiteral("Sec-WebSocket-Version"), QStringLiteral("must be 13")), 426);
        response.headers.emplaceBack("Sec-WebSocket-Version", "13");
        return response;
    }
    const auto key = QByteArray::fromBase64Encoding(head.value("sec-websocket-key"), QByteArray::AbortOnBase64DecodingErrors);
    if (!key || key.decoded.size() != 16) {
        return errorResponse(style,
                             badField(QStringLiteral("Sec-WebSocket-Key"), QStringLiteral("must be 16 bytes in base64")));
    }
    return {};
}

Admission Gate::admit(const RequestHead &head, const QHostAddress &peer) const {
    const QList<QByteArray> segments = head.segments();
    const Area &area = m_routes->area(segments);
    QString client;
    const auto answer = [&](const Error &error, int status = 0) {
        return Admission{.answer = errorResponse(area.errors, error, status), .client = client};
    };
    const QByteArray host = head.value("host");
    if (!host.isNull() && !hostIsOurs(host)) {
        return answer({ErrorCode::Forbidden,
                       QStringLiteral("The Host header names '%1', which this server does not go by: --allowed-hosts "
                                      "(MILLM_ALLOWED_HOSTS) lists further names.")
                           .arg(QString::fromLatin1(nameIn(host).left(100))),
                       {}});
    }
    // A page of another origin must not change anything, nor open a session.
    const bool opens = area.errors == ErrorStyle::EngineIo;
    if ((!isSafe(head.method) || opens || head.upgradesToWebSocket) && head.method != "OPTIONS" && isForeign(head)) {
        return answer(
            {ErrorCode::Forbidden,
             QStringLiteral("Pages of the origin '%1' may not use this server: --cors-origins (MILLM_CORS_ORIGINS) lists "
                            "those that may.")
                 .arg(QString::fromLatin1(head.value("origin").left(100))),
             {}});
    }
    const RouteMatch match = m_routes->match(head.method, segments);
    if (head.method == "OPTIONS" && !match.allowed.isEmpty()) return {.answer = preflight(head, match.allowed)};
    const QByteArray key = keyOf(head);
    const Verdict verdict = area.needsKey ? judge(key, peer) : Verdict{.opens = true};
    if (!verdict.opens) return refuseKey(verdict, !key.isEmpty(), area.errors);
    client = verdict.name;
    if (match.allowed.isEmpty()) return answer({ErrorCode::NotFound, QStringLiteral("There is nothing at this path."), {}});
    if (!match.route) {
        Admission admission = answer({ErrorCode::MethodNotAllowed,
                                      QStringLiteral("This path knows %1.").arg(QString::fromLatin1(match.allowed.join(", "))),
                                      {}});
        admission.answer->headers.emplaceBack("Allow", match.allowed.join(", "));
        return admission;
    }
    if (auto refusal = checkUpgrade(head, *match.route, area.errors)) return {.answer = std::move(refusal), .client = client};
    if (auto refusal = checkBody(head, *match.route, area.errors)) return {.answer = std::move(refusal), .client = client};
    return {.bodyLimit = area.bodyLimit, .client = client};
}

Response Gate::refuse(const BadRequest &why, const RequestHead &head) const {
    const ErrorCode code = why.status == 413   ? ErrorCode::PayloadTooLarge
                           : why.status == 503 ? ErrorCode::QueueFull
                                               : ErrorCode::InvalidRequest;
    return errorResponse(m_routes->area(head.segments()).errors, {code, why.why, {}}, why.status);
}

}  // namespace millm::http
