#pragma once

#include <QHash>
#include <QObject>
#include <QPointer>

namespace millm {
class RequestJournal;
}
namespace millm::http {
class Exchange;
class Front;
}  // namespace millm::http

namespace millm {

/// Writes into the journal what a front has under way and what became of it, and ends what the journal is asked to stop.
/// Probes and polls of events are left out while all is well: they would push out what people look for. Services thread.
class RequestRecorder : public QObject {
    Q_OBJECT
public:
    explicit RequestRecorder(RequestJournal &journal, QObject *parent = nullptr);
    void watch(http::Front &front);

private:
    void take(http::Exchange &exchange);
    void stop(quint64 id);

    RequestJournal &m_journal;
    QHash<quint64, QPointer<http::Exchange>> m_underWay;
};

}  // namespace millm
