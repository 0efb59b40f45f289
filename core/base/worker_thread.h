#pragma once

#include "core/base/futures.h"

#include <QObject>
#include <QString>
#include <QThread>

namespace millm {

/// A thread with a name and an event loop for work that may block (files, a database, text). Work runs in order, answers are
/// futures. The destructor lets queued work end and joins the thread.
class WorkerThread {
public:
    /// Computing: of large files, for seconds at a time (background.h).
    enum class Work { Short, Computing };
    explicit WorkerThread(const QString &name, Work work = Work::Short);
    ~WorkerThread();
    WorkerThread(const WorkerThread &) = delete;
    WorkerThread &operator=(const WorkerThread &) = delete;

    /// Runs `work` in the thread. From any thread.
    template <class F>
    auto run(F work) {
        return runOn(m_context, std::move(work));
    }
    /// Lives in the thread: for timers and connections that belong there.
    QObject *context() const { return m_context; }

private:
    QThread m_thread;
    QObject *m_context;
};

}  // namespace millm
