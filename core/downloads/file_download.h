#pragma once

#include "core/hub/hub_client.h"
#include "core/hub/repository.h"

#include <QObject>
#include <QPointer>
#include <QString>

namespace millm {

class Bandwidth;
class FileSink;
class HubStream;

/// Fetches one file: goes on where the line broke, tries again with growing pauses (the count begins anew when bytes come),
/// asks for a new address when a signed one has run out, and checks size and checksum. Network in the services thread,
/// writing and hashing in the worker's; at most a few MiB are on their way between them. Destroying it ends the download.
class FileDownload : public QObject {
    Q_OBJECT
public:
    struct Order {
        QString repoId, commit, token;
        HubFile file;
        QString path;          ///< where it is written
        bool durable = false;  ///< ends only when the disk has it
        qint64 required = 0;   ///< bytes of the whole model, for the words of a full disk
    };
    /// `worker` lives in the thread that writes.
    FileDownload(HubClient &hub, Bandwidth &bandwidth, QObject *worker, Order order, QObject *parent);
    ~FileDownload() override;

    void start();
    /// After restartNeeded(), once nobody reads the file any more.
    void restart();
    const Order &order() const { return m_order; }

Q_SIGNALS:
    void received(qint64 total);  ///< bytes of the file so far; falls only with a restart
    void written(qint64 total);   ///< bytes that may be read from the file
    void waiting(qint64 milliseconds);
    void resumed();
    void restartNeeded();  ///< the bytes were wrong: restart() throws them away and tries once more
    void finished();
    void failed(const millm::Error &error);

private:
    void makeSink();
    void attempt();
    void check();  ///< the answer's head
    void pump();   ///< bytes from the stream to the sink
    void streamEnded();
    void streamFailed(const HubFailure &failure);
    void retry(const HubFailure &failure);
    void waitFor(std::chrono::milliseconds pause);
    void complete();
    void checked(bool matches);
    void startOver(const Error &otherwise);
    void dropStream();
    void fail(const Error &error);
    QString flawOfHubHeaders() const;

    HubClient &m_hub;
    Bandwidth &m_bandwidth;
    QObject *m_worker;
    Order m_order;
    FileSink *m_sink = nullptr;
    QPointer<HubStream> m_stream;
    qint64 m_received = 0, m_written = 0;
    qint64 m_skip = 0;  ///< bytes of this answer that are here already: the server ignored the range
    int m_tries = 0, m_limits = 0, m_restarts = 0;
    bool m_ended = false, m_done = false;
    bool m_limited = false;  ///< goes on when there is bandwidth again
};

}  // namespace millm
