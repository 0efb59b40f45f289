#pragma once

#include "app/demo/http_message.h"

#include <QElapsedTimer>
#include <QFile>
#include <QObject>
#include <QTcpSocket>
#include <QTimer>

#include <functional>

namespace millm {

/// One HTTP/1.1 connection, kept alive: reads a request, asks the handler, sends its answer. The local Hub's thread.
class HttpConnection : public QObject {
    Q_OBJECT
public:
    using Handler = std::function<HttpResponse(const HttpRequest &)>;
    HttpConnection(QTcpSocket *socket, Handler handler, QObject *parent);

private:
    void read();
    bool parseHead(const QByteArray &head);
    void answer();
    void send();
    bool sendBody(qint64 budget);
    void done();
    qint64 allowance() const;

    QTcpSocket *m_socket;
    Handler m_handler;
    QByteArray m_input;
    HttpRequest m_request;
    qint64 m_bodyMissing = -1;  ///< of the request; -1 while its head is not complete
    HttpResponse m_response;
    QFile m_file;
    qint64 m_sent = 0;
    bool m_busy = false, m_stalled = false;
    QElapsedTimer m_clock;
    QTimer m_pace;
};

}  // namespace millm
