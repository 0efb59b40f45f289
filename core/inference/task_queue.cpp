#include "core/inference/task_queue.h"

#include <utility>

namespace millm {

void TaskQueue::post(Task task) {
    {
        const std::scoped_lock lock(m_mutex);
        if (m_closed) return;
        m_tasks.push_back(std::move(task));
    }
    m_changed.notify_one();
}

std::deque<TaskQueue::Task> TaskQueue::take(bool wait) {
    std::unique_lock lock(m_mutex);
    if (wait) m_changed.wait(lock, [this] { return m_closed || !m_tasks.empty(); });
    return std::exchange(m_tasks, {});
}

void TaskQueue::close() {
    std::deque<Task> dropped;
    {
        const std::scoped_lock lock(m_mutex);
        m_closed = true;
        dropped = std::exchange(m_tasks, {});
    }
    m_changed.notify_all();
}

bool TaskQueue::closed() const {
    const std::scoped_lock lock(m_mutex);
    return m_closed;
}

}  // namespace millm
