#include "ui/system_status.h"

#include "ui/format.h"

namespace millm {

QString SystemStatus::cpuText() const {
    return format::percent(m_sample.cpuPercent);
}

QString SystemStatus::memoryText() const {
    return format::ratio(m_sample.memoryUsed, m_sample.memoryTotal);
}

QString SystemStatus::gpuText() const {
    return hasGpu() ? format::percent(m_sample.gpus.first().utilisation) : QString();
}

QString SystemStatus::gpuName() const {
    return hasGpu() ? m_sample.gpus.first().name : QString();
}

QString SystemStatus::gpuMemoryText() const {
    return hasGpu() ? format::ratio(m_sample.gpus.first().memoryUsed, m_sample.gpus.first().memoryTotal) : QString();
}

QString SystemStatus::temperatureText() const {
    if (!hasGpu() || m_sample.gpus.first().temperature < 0) return {};
    return tr("%1°C").arg(format::number(m_sample.gpus.first().temperature));
}

SystemStatus::Heat SystemStatus::heat() const {
    const int celsius = hasGpu() ? m_sample.gpus.first().temperature : -1;
    if (celsius >= 80) return Heat::Hot;
    return celsius >= 65 ? Heat::Warm : Heat::Normal;
}

void SystemStatus::setSample(const SystemSample &sample) {
    m_sample = sample;
    m_known = true;
    Q_EMIT changed();
}

}  // namespace millm
