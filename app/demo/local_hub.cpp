#include "app/demo/local_hub.h"

#include "app/demo/http_connection.h"

#include <QTcpServer>

namespace millm {

LocalHub::LocalHub(quint16 port, Filter filter) : m_room(std::make_unique<QObject>()), m_filter(std::move(filter)) {
    m_thread.setObjectName(QStringLiteral("local hub"));
    m_room->moveToThread(&m_thread);
    m_thread.start();
    QMetaObject::invokeMethod(
        m_room.get(),
        [this, port] {
            m_cdn = listen(Listener::Cdn, 0);
            m_hub = listen(Listener::Hub, port);
            m_answers.setOrigins(m_hub, m_cdn);
        },
        Qt::BlockingQueuedConnection);
}

LocalHub::~LocalHub() {
    // The servers and connections must go in their own thread.
    QObject *room = m_room.release();
    QMetaObject::invokeMethod(room, [room] { delete room; }, Qt::BlockingQueuedConnection);
    m_thread.quit();
    m_thread.wait();
}

QUrl LocalHub::listen(Listener which, quint16 port) {
    auto *server = new QTcpServer(m_room.get());
    server->setListenBacklogSize(256);
    if (!server->listen(QHostAddress::LocalHost, port)) return {};
    QObject::connect(server, &QTcpServer::newConnection, server, [this, server, which] {
        while (QTcpSocket *socket = server->nextPendingConnection()) {
            new HttpConnection(socket, [this, which](const HttpRequest &request) { return answer(which, request); }, server);
        }
    });
    return QUrl(QStringLiteral("http://127.0.0.1:%1").arg(server->serverPort()));
}

HttpResponse LocalHub::answer(Listener which, const HttpRequest &request) {
    HttpResponse response = which == Listener::Hub ? m_answers.hub(request) : m_answers.cdn(request);
    response.bytesPerSecond = m_throttle;
    if (m_filter) m_filter(which, request, response);
    return response;
}

QByteArray LocalHub::addRepository(const QString &id, const QString &folder) {
    QByteArray commit;
    change([&](HubAnswers &answers) { commit = answers.add(id, folder); });
    return commit;
}

void LocalHub::change(const std::function<void(HubAnswers &)> &change) {
    QMetaObject::invokeMethod(m_room.get(), [&] { change(m_answers); }, Qt::BlockingQueuedConnection);
}

}  // namespace millm
