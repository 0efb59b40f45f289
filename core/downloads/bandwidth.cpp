#include "core/downloads/bandwidth.h"

#include <algorithm>
#include <utility>

namespace millm {
namespace {

constexpr double secondsKept = 0.2;
constexpr qint64 grain = 4096;  // bytes: fewer at once cost more than they bring

}  // namespace

Bandwidth::Bandwidth(std::function<Clock::time_point()> now, QObject *parent)
    : QObject(parent), m_now(std::move(now)), m_filled(m_now()) {
    m_timer.setSingleShot(true);
    m_timer.setInterval(50);
    connect(&m_timer, &QTimer::timeout, this, &Bandwidth::replenished);
}

double Bandwidth::capacity() const {
    return std::max(double(m_limit) * secondsKept, double(grain));
}

void Bandwidth::setLimit(qint64 bytesPerSecond) {
    if (bytesPerSecond == m_limit) return;
    fill();
    m_limit = std::max<qint64>(0, bytesPerSecond);
    m_bytes = std::min(m_bytes, capacity());
    Q_EMIT replenished();
}

void Bandwidth::fill() {
    const Clock::time_point now = m_now();
    const double seconds = std::chrono::duration<double>(now - m_filled).count();
    m_filled = now;
    m_bytes = std::min(capacity(), m_bytes + std::max(0.0, seconds) * double(m_limit));
}

qint64 Bandwidth::take(qint64 wanted) {
    if (m_limit == 0) return wanted;
    fill();
    qint64 given = std::min(wanted, qint64(m_bytes));
    if (given < std::min(wanted, grain)) given = 0;
    m_bytes -= double(given);
    if (given < wanted && !m_timer.isActive()) m_timer.start();
    return given;
}

void Bandwidth::giveBack(qint64 bytes) {
    if (m_limit > 0) m_bytes = std::min(capacity(), m_bytes + double(bytes));
}

}  // namespace millm
