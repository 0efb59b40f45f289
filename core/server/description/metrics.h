#pragma once

#include <QByteArray>
#include <QMap>

#include <tuple>

namespace millm {
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

/// Counts requests and writes /metrics as Prometheus text. Services thread.
class Metrics {
public:
    /// What is read when somebody asks. All outlive this.
    struct Sources {
        ModelService &models;
        InferenceService &inference;
        SystemMonitor &system;
        socketio::EventServer &events;
        const openai::TokenTotals &tokens;
    };
    explicit Metrics(Sources sources) : m_sources(sources) {}
    void setFront(const http::Front &front) { m_front = &front; }

    void count(const http::Answered &what);
    void show(http::Exchange &exchange);

private:
    QByteArray text() const;

    struct Timing {
        qint64 count = 0, milliseconds = 0;
    };
    const Sources m_sources;
    const http::Front *m_front = nullptr;
    QMap<std::tuple<QByteArray, QByteArray, int>, qint64> m_requests;  ///< by method, route, status
    QMap<QByteArray, Timing> m_timings;                                ///< by route
};

}  // namespace millm::description
