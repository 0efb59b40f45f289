#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

namespace millm::testing {

/// Notices when the event loop of the thread it lives in does not turn: a timer that ticks every 5 ms and keeps the longest
/// gap. A work that blocks the loop shows as a gap of its length, so tests compare the gap with the work's own duration.
class StallWatch : public QObject {
public:
    explicit StallWatch(QObject *parent = nullptr);
    void restart();                                ///< forgets what it saw
    qint64 longestGapMs() const { return m_gap; }  ///< between two ticks
    qint64 ticks() const { return m_ticks; }

private:
    QTimer m_timer;
    QElapsedTimer m_last;
    qint64 m_gap = 0, m_ticks = 0;
};

}  // namespace millm::testing
