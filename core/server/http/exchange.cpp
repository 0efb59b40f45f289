#include "core/server/http/exchange.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/server/http/peer.h"

#include <QDateTime>
#include <QLocale>
#include <QRandomGenerator>
#include <QRegularExpression>

#include <algorithm>

namespace millm::http {
namespace {

/// A request id goes into the log and back to the client: only what cannot do harm there.
QByteArray requestIdFor(const QByteArray &wanted) {
    const bool sane = !wanted.isEmpty() && wanted.size() <= 64 && std::ranges::all_of(wanted, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
    });
    if (sane) return wanted;
    return "req-" + QByteArray::number(QRandomGenerator::global()->generate64(), 16);
}

/// The trace of a W3C traceparent header, which OpenTelemetry's clients send: "00-TRACE-PARENT-FLAGS"; empty where it is none.
QString traceOf(const QByteArray &parent) {
    static const QRegularExpression form(QStringLiteral("^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-|$)"));
    return form.match(QString::fromLatin1(parent)).captured(1);
}

QByteArray httpDate() {
    return QLocale::c().toString(QDateTime::currentDateTimeUtc(), QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'")).toLatin1();
}

}  // namespace

Exchange::Exchange(Connection &connection, Incoming incoming, QHttpServerResponder responder, QObject *parent)
    : QObject(parent),
      m_connection(&connection),
      m_head(std::move(incoming.head)),
      m_body(std::move(incoming.body)),
      m_requestId(requestIdFor(m_head.value("x-request-id"))),
      m_peer(connection.peerAddress()),
      m_client(std::move(incoming.client)),
      m_logFields({{QLatin1StringView("request_id"), QString::fromLatin1(m_requestId)},
                   {QLatin1StringView("trace_id"), traceOf(m_head.value("traceparent"))},
                   {QLatin1StringView("peer"), shownAddress(m_peer)},
                   {QLatin1StringView("key"), m_client}}),
      m_responder(std::move(responder)),
      m_closes(incoming.closes) {
    m_clock.start();
    connect(&connection, &QTcpSocket::disconnected, this, &Exchange::leave);
}

Exchange::~Exchange() = default;

QString Exchange::queryValue(const QString &name) const {
    const QUrlQuery query(QString::fromLatin1(m_head.query));
    return query.hasQueryItem(name) ? query.queryItemValue(name, QUrl::FullyDecoded) + QLatin1StringView("") : QString();
}

QHttpHeaders Exchange::headers(const Response &response) const {
    QHttpHeaders headers;
    if (!response.contentType.isEmpty()) headers.append(QHttpHeaders::WellKnownHeader::ContentType, response.contentType);
    headers.append(QHttpHeaders::WellKnownHeader::Date, httpDate());
    headers.append(QHttpHeaders::WellKnownHeader::CacheControl, "no-store");
    headers.append(QHttpHeaders::WellKnownHeader::XContentTypeOptions, "nosniff");
    headers.append("x-request-id", m_requestId);
    for (const auto &[name, value] : m_corsHeaders) headers.append(name, value);
    for (const auto &[name, value] : response.headers) headers.append(name, value);
    if (m_closes)
        headers.append(QHttpHeaders::WellKnownHeader::Connection, "close");
    else if (m_head.minor == 0)
        headers.append(QHttpHeaders::WellKnownHeader::Connection, "keep-alive");
    return headers;
}

void Exchange::send(Response response) {
    if (m_stage != Stage::Open || !m_responder) return;
    if (m_head.method == "HEAD" && m_connection) m_connection->sendHeadOnly();
    m_bytes = response.body.size();
    const auto status = static_cast<QHttpServerResponder::StatusCode>(response.status);
    m_responder->write(response.body, headers(response), status);
    finish(response.status);
}

void Exchange::fail(const Error &error) {
    send(errorResponse(m_style, error));
}

void Exchange::threw(const char *what) {
    qCCritical(serverLog, "a handler threw on %s %s: %s", m_head.method.constData(), m_head.path.constData(), what);
    if (m_stage == Stage::Streaming)
        cut();
    else
        fail(errors::internal(QStringLiteral("The server ran into a fault of its own.")));
}

void Exchange::beginStream(const QByteArray &contentType) {
    if (m_stage != Stage::Open || !m_responder) return;
    if (m_head.minor == 0) {  // it has no chunks: the end of the connection is the end of the answer
        m_closes = true;
        if (m_connection) m_connection->sendBodyRaw();
    }
    m_status = 200;
    m_stage = Stage::Streaming;
    m_responder->writeBeginChunked(
        headers({.status = 200, .contentType = contentType, .headers = {{"X-Accel-Buffering", "no"}}}));
    Q_EMIT streamingChanged(true);
}

void Exchange::write(const QByteArray &bytes) {
    if (m_stage != Stage::Streaming || bytes.isEmpty()) return;  // an empty chunk would end the answer
    m_bytes += bytes.size();
    m_responder->writeChunk(bytes);
    if (m_head.minor == 0 && m_connection) m_connection->sendRaw(bytes);
}

void Exchange::writeOrCut(const QByteArray &bytes, qint64 unsentLimit) {
    if (!isStreaming()) return;
    if (unsent() > unsentLimit) {
        qCWarning(serverLog, "%s does not read its stream: %lld bytes unsent, cut", m_requestId.constData(), unsent());
        cut();
        return;
    }
    write(bytes);
}

void Exchange::end(const QByteArray &last) {
    if (m_stage != Stage::Streaming) return;
    m_bytes += last.size();
    m_responder->writeEndChunked(last);
    if (m_head.minor == 0 && m_connection) m_connection->sendRaw(last);
    Q_EMIT streamingChanged(false);
    finish(m_status);
}

qint64 Exchange::unsent() const {
    return m_connection ? m_connection->bytesToWrite() : 0;
}

void Exchange::cut() {
    if (m_connection) m_connection->cut();
}

void Exchange::stop(const Error &why) {
    Q_EMIT stopAsked(why);
    if (m_stage == Stage::Open) fail(why);
    if (m_stage == Stage::Streaming) cut();
}

void Exchange::finish(int status) {
    m_stage = Stage::Done;
    m_responder.reset();  // QHttpServer takes the next request only then
    if (m_connection) m_connection->answered(m_closes);
    Q_EMIT done(status, m_bytes, m_clock.elapsed());
    deleteLater();
}

void Exchange::leave() {
    if (m_stage == Stage::Done) return;
    if (m_stage == Stage::Streaming) Q_EMIT streamingChanged(false);
    m_stage = Stage::Done;
    Q_EMIT abandoned();
    m_responder.reset();
    Q_EMIT done(0, m_bytes, m_clock.elapsed());
    deleteLater();
}

}  // namespace millm::http
