#pragma once

#include <QObject>
#include <QTimer>

#include <chrono>
#include <functional>

namespace millm {

/// What downloads may take of the line: a bucket that fills at the limit's speed and holds a fifth of a second of it, so that
/// pauses save nothing up. One for all downloads. Services thread.
class Bandwidth : public QObject {
    Q_OBJECT
public:
    using Clock = std::chrono::steady_clock;
    /// `now`: tests bring a clock of their own.
    explicit Bandwidth(std::function<Clock::time_point()> now = &Clock::now, QObject *parent = nullptr);

    /// Bytes a second from now on; 0: no limit.
    void setLimit(qint64 bytesPerSecond);
    qint64 limit() const { return m_limit; }
    /// At most `wanted` bytes, taken out of the bucket; 0 where it is empty: replenished() follows.
    qint64 take(qint64 wanted);
    /// What was taken and not used.
    void giveBack(qint64 bytes);

Q_SIGNALS:
    void replenished();

private:
    double capacity() const;
    void fill();

    const std::function<Clock::time_point()> m_now;
    QTimer m_timer;
    qint64 m_limit = 0;
    double m_bytes = 0;
    Clock::time_point m_filled;
};

}  // namespace millm
