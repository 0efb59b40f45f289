#include "core/downloads/progress_meter.h"

#include <algorithm>
#include <cmath>

namespace millm {
namespace {

constexpr int shortestGapMs = 100;
constexpr qint64 windowMs = 5000;
constexpr double mostUnfinished = 99.9;

}  // namespace

ProgressMeter::ProgressMeter(qint64 modelId, qint64 totalBytes, double conversionShare, QObject *parent)
    : QObject(parent), m_conversionShare(conversionShare) {
    m_progress.modelId = modelId;
    m_progress.totalBytes = totalBytes;
    m_progress.phase = DownloadPhase::Downloading;
    m_clock.start();
    m_timer.setSingleShot(true);
    m_timer.setInterval(shortestGapMs);
    connect(&m_timer, &QTimer::timeout, this, &ProgressMeter::send);
}

void ProgressMeter::setPhase(DownloadPhase phase, qint64 waitMs) {
    const qint64 seconds = (waitMs + 999) / 1000;
    if (m_progress.phase == phase && m_progress.waitSeconds == seconds) return;
    m_progress.phase = phase;
    m_progress.waitSeconds = seconds;
    changed();
}

void ProgressMeter::setBytes(qint64 bytes) {
    m_bytes = bytes;
    changed();
}

void ProgressMeter::setConverted(double part) {
    m_converted = std::max(m_converted, part);
    changed();
}

void ProgressMeter::changed() {
    if (!m_timer.isActive()) m_timer.start();
}

double ProgressMeter::bytesPerSecond() const {
    if (m_samples.size() < 2) return 0;
    const Sample &first = m_samples.first(), &last = m_samples.last();
    return last.ms > first.ms ? std::max<double>(0, double(last.bytes - first.bytes) * 1000 / double(last.ms - first.ms)) : 0;
}

void ProgressMeter::send() {
    const qint64 now = m_clock.elapsed();
    m_samples.append({now, m_bytes});
    while (m_samples.size() > 2 && m_samples.first().ms < now - windowMs) m_samples.removeFirst();
    const double bytes = m_progress.totalBytes > 0 ? double(m_bytes) / double(m_progress.totalBytes) : 1;
    const double percent = 100 * ((1 - m_conversionShare) * bytes + m_conversionShare * m_converted);
    m_progress.progress = std::max(m_progress.progress, std::clamp(percent, 0.0, mostUnfinished));
    m_progress.bytesDownloaded = std::clamp(m_bytes, m_progress.bytesDownloaded, m_progress.totalBytes);
    const double speed = bytesPerSecond();
    m_progress.speedMbps = speed * 8 / 1e6;
    const qint64 left = m_progress.totalBytes - m_bytes;
    m_progress.secondsLeft = speed > 1 ? qint64(std::ceil(double(left) / speed)) : left == 0 ? 0 : -1;
    Q_EMIT progressed(m_progress);
}

void ProgressMeter::finish() {
    m_timer.stop();
    m_progress.phase = DownloadPhase::Publishing;
    m_progress.waitSeconds = 0;
    m_progress.progress = 100;
    m_progress.bytesDownloaded = m_progress.totalBytes;
    m_progress.secondsLeft = 0;
    Q_EMIT progressed(m_progress);
}

}  // namespace millm
