#pragma once

#include "core/base/histogram.h"

#include <QByteArray>
#include <QHash>
#include <QMap>
#include <QObject>

#include <tuple>

namespace millm {
struct DownloadProgress;
class HubClient;
class InferenceService;
class ModelService;
class SystemMonitor;
}  // namespace millm
namespace millm::http {
struct Answered;
class Exchange;
class Front;
}  // namespace millm::http
namespace millm::openai {
struct TokenTotals;
}
namespace millm::socketio {
class EventServer;
}

namespace millm::description {

/// Counts requests and downloads, and writes /metrics as Prometheus text. Services thread.
class Metrics : public QObject {
    Q_OBJECT
public:
    /// What is read when somebody asks. All outlive this.
    struct Sources {
        ModelService &models;
        InferenceService &inference;
        SystemMonitor &system;
        const HubClient &hub;
        socketio::EventServer &events;
        const openai::TokenTotals &tokens;
    };
    explicit Metrics(Sources sources);
    void setFront(const http::Front &front) { m_front = &front; }

    void count(const http::Answered &what);
    void show(http::Exchange &exchange);

private:
    QByteArray text() const;
    void countBytes(const DownloadProgress &progress);

    const Sources m_sources;
    const http::Front *m_front = nullptr;
    QMap<std::tuple<QByteArray, QByteArray, int>, qint64> m_requests;  ///< by method, route, status
    QMap<QByteArray, Histogram> m_durations;                           ///< by route, seconds
    QHash<qint64, qint64> m_downloading;                               ///< bytes that each download under way has told of
    qint64 m_downloadedBytes = 0, m_downloadsDone = 0, m_downloadsFailed = 0;
};

}  // namespace millm::description
