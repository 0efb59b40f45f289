#include "core/base/log_queue.h"

#include <algorithm>
#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace millm {
namespace {

// A pipe that has room at all takes so much without blocking, and as one piece.
constexpr qsizetype piece = 4096;
constexpr int glanceMs = 200;  // how often a writer that waits for a reader looks whether it is to end

}  // namespace

LogQueue::LogQueue(int descriptor, Lost lost, qsizetype most)
    : m_descriptor(descriptor), m_lost(std::move(lost)), m_most(most), m_thread([this] { run(); }) {}

LogQueue::~LogQueue() {
    flush(std::chrono::seconds(1));
    {
        const std::scoped_lock lock(m_mutex);
        m_ends = true;
    }
    m_changed.notify_all();
    m_thread.join();
}

void LogQueue::add(const QByteArray &line) {
    {
        const std::scoped_lock lock(m_mutex);
        // Once lines are dropped, all are until the count is told: so it stands where they are missing.
        if (m_dropped > 0 || m_waiting.size() + line.size() > m_most)
            ++m_dropped;
        else
            m_waiting += line;
    }
    m_changed.notify_all();
}

void LogQueue::flush(std::chrono::milliseconds most) {
    std::unique_lock lock(m_mutex);
    m_changed.wait_for(lock, most, [this] { return m_waiting.isEmpty() && m_dropped == 0; });
}

void LogQueue::run() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_ends || !m_waiting.isEmpty() || m_dropped > 0; });
        if (m_ends) return;
        if (m_dropped > 0 && m_waiting.size() <= m_most / 2) m_waiting += m_lost(std::exchange(m_dropped, 0));
        // Whole lines, where they fit: other programs may write to the same place.
        QByteArray bytes = m_waiting.first(std::min(piece, m_waiting.size()));
        if (const qsizetype end = bytes.lastIndexOf('\n'); end >= 0) bytes.truncate(end + 1);
        lock.unlock();
        const qsizetype written = write(bytes);
        lock.lock();
        m_waiting.remove(0, written);
        if (m_waiting.isEmpty()) m_changed.notify_all();
    }
}

/// How many of the bytes are done with; none where the reader has no room yet.
qsizetype LogQueue::write(const QByteArray &bytes) const {
    pollfd room{.fd = m_descriptor, .events = POLLOUT, .revents = 0};
    if (::poll(&room, 1, glanceMs) <= 0) return 0;
    const ssize_t written = ::write(m_descriptor, bytes.constData(), std::size_t(bytes.size()));
    if (written >= 0) return written;
    return errno == EAGAIN || errno == EINTR ? 0 : bytes.size();  // nobody can ever read it
}

}  // namespace millm
