#include "tests/support/stall_watch.h"

#include <algorithm>

namespace millm::testing {

StallWatch::StallWatch(QObject *parent) : QObject(parent) {
    m_timer.setTimerType(Qt::PreciseTimer);
    m_timer.setInterval(5);
    connect(&m_timer, &QTimer::timeout, this, [this] {
        ++m_ticks;
        m_gap = std::max(m_gap, m_last.restart());
    });
    m_last.start();
    m_timer.start();
}

void StallWatch::restart() {
    m_gap = 0;
    m_ticks = 0;
    m_last.restart();
}

}  // namespace millm::testing
