#pragma once

#include "app/demo/local_hub.h"

#include <QList>
#include <QMutex>
#include <QRegularExpression>

#include <functional>
#include <optional>

namespace millm::testing {

/// One request as the emulator saw it.
struct HubLogEntry {
    LocalHub::Listener listener = LocalHub::Listener::Hub;
    QByteArray method, path, range, userAgent, acceptEncoding;
    bool authorized = false;  ///< with an Authorization header
    int status = 0;
};

/// A change of an answer that makes a healthy Hub an ill one. hub_faults.h has them all.
using HubSpoiler = std::function<void(const HttpRequest &request, HttpResponse &response)>;

/// Where and how often a spoiler is at work.
struct HubFault {
    HubSpoiler spoil;
    QString path = QStringLiteral(".*");              ///< regular expression, found anywhere in the request's path
    std::optional<LocalHub::Listener> listener = {};  ///< nothing: both
    QByteArray method = {};                           ///< empty: any
    int count = 1;                                    ///< -1: for ever
    int skip = 0;                                     ///< so many matching requests pass first
};

/// The local Hub with faults, a log and a leak detector. Own thread; call it from any.
class HubEmulator {
public:
    explicit HubEmulator(quint16 port = 0);

    QUrl endpoint() const { return m_hub.endpoint(); }
    QUrl cdn() const { return m_hub.cdn(); }
    /// Serves `folder` as `id` now; a second call moves main to a new commit. Answers with the commit.
    QByteArray addRepository(const QString &id, const QString &folder) { return m_hub.addRepository(id, folder); }
    void setAccess(const QString &id, const HubAccess &access);
    void addToken(const QByteArray &token, const HubAccount &account = {QStringLiteral("somebody"), false});
    void setPopularity(const QString &id, qint64 downloads, qint64 likes);
    void rename(const QString &from, const QString &to);
    void setPageSize(int entries);
    void setSignatureLifetime(qint64 ms);
    void setThrottle(qint64 bytesPerSecond) { m_hub.setThrottle(bytesPerSecond); }

    void addFault(HubFault fault);
    void clearFaults();

    QList<HubLogEntry> log() const;
    /// Requests whose path contains `part`, at both listeners or at one.
    qsizetype count(const QByteArray &part, std::optional<LocalHub::Listener> listener = {}) const;
    void clearLog();
    /// Requests at the content listener that carried a token: must stay 0.
    qsizetype leaks() const;

private:
    void filter(LocalHub::Listener listener, const HttpRequest &request, HttpResponse &response);

    mutable QMutex m_mutex;  ///< of the two lists
    QList<HubFault> m_faults;
    QList<HubLogEntry> m_log;
    LocalHub m_hub;  ///< last: its thread uses the lists
};

}  // namespace millm::testing
