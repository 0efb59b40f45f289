#pragma once

#include "app/demo/hub_answers.h"

#include <QThread>

#include <atomic>
#include <functional>
#include <memory>

class QTcpServer;

namespace millm {

/// A Hub of one's own on the loopback: serves folders as repositories by the Hub's protocol, large files through a second
/// listener with signed addresses as the Hub's content network does. Runs in a thread of its own; call it from any thread.
class LocalHub {
public:
    enum class Listener { Hub, Cdn };
    /// May change an answer before it goes out, or look at the request. The local Hub's thread.
    using Filter = std::function<void(Listener, const HttpRequest &, HttpResponse &)>;

    explicit LocalHub(quint16 port = 0, Filter filter = {});  ///< 0: a free one
    ~LocalHub();
    LocalHub(const LocalHub &) = delete;
    LocalHub &operator=(const LocalHub &) = delete;

    bool listening() const { return m_hub.isValid(); }
    QUrl endpoint() const { return m_hub; }  ///< for HF_ENDPOINT
    QUrl cdn() const { return m_cdn; }
    /// Serves `folder` as repository `id` ("owner/name"); answers with the commit.
    QByteArray addRepository(const QString &id, const QString &folder);
    /// Every body's pace in bytes a second; 0: as fast as it goes.
    void setThrottle(qint64 bytesPerSecond) { m_throttle = bytesPerSecond; }
    /// Runs `change` on what the Hub knows, in its thread, and waits for it.
    void change(const std::function<void(HubAnswers &)> &change);

private:
    QUrl listen(Listener which, quint16 port);
    HttpResponse answer(Listener which, const HttpRequest &request);

    QThread m_thread;
    std::unique_ptr<QObject> m_room;  ///< lives in the thread; the servers are its children
    HubAnswers m_answers;
    Filter m_filter;
    QUrl m_hub, m_cdn;
    std::atomic<qint64> m_throttle = 0;
};

}  // namespace millm
