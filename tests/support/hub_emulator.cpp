#include "tests/support/hub_emulator.h"

#include <algorithm>

namespace millm::testing {

HubEmulator::HubEmulator(quint16 port)
    : m_hub(port, [this](LocalHub::Listener listener, const HttpRequest &request, HttpResponse &response) {
          filter(listener, request, response);
      }) {}

void HubEmulator::setAccess(const QString &id, const HubAccess &access) {
    m_hub.change([&](HubAnswers &answers) { answers.setAccess(id, access); });
}

void HubEmulator::addToken(const QByteArray &token, const HubAccount &account) {
    m_hub.change([&](HubAnswers &answers) { answers.addToken(token, account); });
}

void HubEmulator::setPopularity(const QString &id, qint64 downloads, qint64 likes) {
    m_hub.change([&](HubAnswers &answers) { answers.setPopularity(id, downloads, likes); });
}

void HubEmulator::rename(const QString &from, const QString &to) {
    m_hub.change([&](HubAnswers &answers) { answers.rename(from, to); });
}

void HubEmulator::setPageSize(int entries) {
    m_hub.change([&](HubAnswers &answers) { answers.setPageSize(entries); });
}

void HubEmulator::setSignatureLifetime(qint64 ms) {
    m_hub.change([&](HubAnswers &answers) { answers.setSignatureLifetime(ms); });
}

void HubEmulator::addFault(HubFault fault) {
    const QMutexLocker lock(&m_mutex);
    m_faults.append(std::move(fault));
}

void HubEmulator::clearFaults() {
    const QMutexLocker lock(&m_mutex);
    m_faults.clear();
}

QList<HubLogEntry> HubEmulator::log() const {
    const QMutexLocker lock(&m_mutex);
    return m_log;
}

void HubEmulator::clearLog() {
    const QMutexLocker lock(&m_mutex);
    m_log.clear();
}

qsizetype HubEmulator::count(const QByteArray &part, std::optional<LocalHub::Listener> listener) const {
    const QMutexLocker lock(&m_mutex);
    return std::count_if(m_log.begin(), m_log.end(), [&](const HubLogEntry &entry) {
        return entry.path.contains(part) && (!listener || entry.listener == *listener);
    });
}

qsizetype HubEmulator::leaks() const {
    const QMutexLocker lock(&m_mutex);
    return std::count_if(m_log.begin(), m_log.end(), [](const HubLogEntry &entry) {
        return entry.authorized && entry.listener == LocalHub::Listener::Cdn;
    });
}

void HubEmulator::filter(LocalHub::Listener listener, const HttpRequest &request, HttpResponse &response) {
    const QMutexLocker lock(&m_mutex);
    for (HubFault &fault : m_faults) {
        if (fault.count == 0 || (fault.listener && *fault.listener != listener)) continue;
        if (!fault.method.isEmpty() && fault.method != request.method) continue;
        if (!QRegularExpression(fault.path).match(QString::fromLatin1(request.path)).hasMatch()) continue;
        if (fault.skip > 0) {
            --fault.skip;
            continue;
        }
        if (fault.count > 0) --fault.count;
        fault.spoil(request, response);
    }
    m_log.append({listener, request.method, request.path, request.header("Range"), request.header("User-Agent"),
                  request.header("Accept-Encoding"), !request.header("Authorization").isEmpty(), response.status});
}

}  // namespace millm::testing
