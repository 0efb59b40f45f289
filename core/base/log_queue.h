#pragma once

#include <QByteArray>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace millm {

/// Lines on their way to a file descriptor whose reader may be slow, or read nothing at all: whoever logs never waits for it.
/// What does not fit is dropped and counted, and a line tells the count once there is room again. add() from any thread; a
/// thread of its own writes.
class LogQueue {
public:
    using Lost = std::function<QByteArray(qint64 lines)>;  ///< the line that tells how many were dropped

    /// `most`: bytes that wait at most.
    LogQueue(int descriptor, Lost lost, qsizetype most = 1024 * 1024);
    ~LogQueue();  ///< flushes for a second at most
    LogQueue(const LogQueue &) = delete;
    LogQueue &operator=(const LogQueue &) = delete;

    void add(const QByteArray &line);
    /// Waits until all of it is written, but no longer than `most`.
    void flush(std::chrono::milliseconds most);

private:
    void run();
    qsizetype write(const QByteArray &bytes) const;

    const int m_descriptor;
    const Lost m_lost;
    const qsizetype m_most;
    std::mutex m_mutex;  ///< over what follows
    std::condition_variable m_changed;
    QByteArray m_waiting;
    qint64 m_dropped = 0;
    bool m_ends = false;
    std::thread m_thread;  ///< last: it uses the others
};

}  // namespace millm
