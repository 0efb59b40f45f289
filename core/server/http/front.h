#pragma once

#include "core/server/http/connection.h"
#include "core/server/http/gate.h"
#include "core/server/http/limits.h"
#include "core/server/http/route.h"

#include <QAbstractHttpServer>
#include <QFuture>
#include <QHostAddress>
#include <QPromise>
#include <QThreadPool>
#include <QWebSocket>

#include <memory>

namespace millm::http {

class Exchange;
class Listener;

/// A request that is over.
struct Answered {
    QByteArray method, path;  ///< as they came, without the query
    QByteArray route;         ///< its path in the table; empty where none was found
    int status = 0;           ///< 0: the client left before the answer
    qint64 bytes = 0, milliseconds = 0;
    QByteArray requestId;
    QHostAddress peer;
    QString key;  ///< the name of the API key that came along; empty without one
};

/// The HTTP server proper: takes requests from guarded connections, reads their JSON, calls the handlers of the route table.
/// Services thread; JSON bodies past 256 KiB are parsed on a thread of its own.
class Front : public QAbstractHttpServer {
    Q_OBJECT
public:
    /// `certificate`: for HTTPS; outlives this.
    Front(std::shared_ptr<const RouteTable> routes, std::shared_ptr<const Gate> gate, const Limits &limits = {},
          const CertificateFiles *certificate = nullptr, QObject *parent = nullptr);
    ~Front() override;

    /// The port in force, or 0 with errorString(). `also`: a second address to listen on, where this machine has it.
    quint16 listen(const QHostAddress &address, quint16 port, const QHostAddress &also = {});
    QString errorString() const { return m_errorString; }

    int connections() const;
    int underWay() const { return m_underWay; }  ///< requests that a handler has and that are not answered
    int streams() const { return m_streams; }    ///< those of them that are answered piece by piece

    /// See Server::shutDown.
    QFuture<void> shutDown(int seconds);

Q_SIGNALS:
    void activityChanged();
    /// A request is here: what becomes of it, its own signals tell.
    void taken(millm::http::Exchange *exchange);
    /// A WebSocket on a route that allows it; the receiver takes it over.
    void webSocketOpened(const std::shared_ptr<QWebSocket> &socket, const millm::http::RequestHead &head);
    void answered(const millm::http::Answered &what);
    /// shutDown() was called.
    void stopping();

protected:
    bool handleRequest(const QHttpServerRequest &request, QHttpServerResponder &responder) override;
    void missingHandler(const QHttpServerRequest &request, QHttpServerResponder &responder) override;

private:
    void dispatch(Exchange &exchange);
    void readJson(Exchange &exchange, const Route &route);
    void call(Exchange &exchange, const Route &route);
    void takeWebSocket();
    void checkStopped();

    std::shared_ptr<const RouteTable> m_routes;
    std::shared_ptr<const Gate> m_gate;
    Listener *m_listener;
    QThreadPool m_parser;
    QString m_errorString;
    int m_underWay = 0, m_streams = 0;
    std::optional<QPromise<void>> m_stopping;
};

}  // namespace millm::http
