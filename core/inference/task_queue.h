#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace millm {

class EngineWorker;

/// What is to be done in the engine's thread, in order. Any thread may post; handles of requests share it, so it outlives the
/// worker where one of them does.
class TaskQueue {
public:
    using Task = std::function<void(EngineWorker &)>;

    void post(Task task);  ///< dropped after close()
    /// All that is queued, at once. Waits for the first one (or for close()) only where `wait` says so.
    std::deque<Task> take(bool wait);
    void close();  ///< drops what is queued and wakes take()
    bool closed() const;

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Task> m_tasks;
    bool m_closed = false;
};

}  // namespace millm
