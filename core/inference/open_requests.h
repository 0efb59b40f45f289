#pragma once

#include "core/base/error.h"
#include "core/inference/engine_worker.h"
#include "core/inference/generation_shared.h"
#include "core/inference/inference_times.h"

#include <QDateTime>
#include <QHash>
#include <QList>
#include <QPointer>

#include <functional>
#include <memory>

namespace millm {

/// The requests under way: which places of the queue they take, who hears of them, how long their tokens took. Services thread.
class OpenRequests {
public:
    /// `ended`: one is gone. `emptied`: the last one is, and nobody holds a place for one to come.
    OpenRequests(std::shared_ptr<TaskQueue> engine, std::function<void()> ended, std::function<void()> emptied);
    ~OpenRequests();

    /// So many places, or none of them: QueueFull.
    Result<QueuePlaces> take(int count);
    /// A request that keeps `places` until it has ended.
    Generation *open(QueuePlaces places, QObject *parent);
    const std::shared_ptr<Generation::Shared> &sharedOf(const Generation &generation) const;
    void deliver(const QList<GenerationEvent> &events);
    void cancelAll();
    /// Cancels them and lets the handles, which may outlive this, hear of it at once.
    void failAll(const Error &error);

    int count() const { return int(m_open.size()); }
    bool isEmpty() const { return m_open.isEmpty() && m_places->taken == 0; }
    QDateTime lastEnd() const { return m_lastEnd; }  ///< null before the first one
    const InferenceTimes &times() const { return m_times; }

private:
    struct Open {
        QPointer<Generation> handle;
        std::shared_ptr<Generation::Shared> shared;
        QueuePlaces places;
    };
    struct Places {
        int taken = 0;
        std::function<void()> freed;
    };
    void time(const GenerationEvent &event, Generation::Shared &shared);
    void end(quint64 request);
    void lookIfEmpty();

    const std::shared_ptr<TaskQueue> m_engine;
    const std::function<void()> m_ended, m_emptied;
    const std::shared_ptr<Places> m_places = std::make_shared<Places>();
    QHash<quint64, Open> m_open;
    quint64 m_last = 0;
    QDateTime m_lastEnd;
    InferenceTimes m_times;
};

}  // namespace millm
