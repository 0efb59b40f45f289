#pragma once

#include "core/base/api_keys.h"

#include <QDeadlineTimer>
#include <QHash>
#include <QHostAddress>
#include <QList>

#include <chrono>
#include <optional>

namespace millm::http {

/// How long wrong keys wait for their answers. Plain values, so that tests can make them small.
struct WrongKeyLimits {
    std::chrono::milliseconds first{250};       ///< each further one of a peer waits twice as long
    std::chrono::milliseconds longest{4000};    ///< but no longer than this
    std::chrono::milliseconds memory{600'000};  ///< a peer without a wrong one for so long begins anew
    qsizetype waiting = 16;                     ///< answers of a peer that may wait at once
    qsizetype peers = 1024;                     ///< remembered; the one whose last was longest ago goes
};

/// The keys that open the server, and who came with a wrong one. Right keys never wait: many clients may stand behind the
/// address of one that guesses. Services thread.
class KeyRing {
public:
    explicit KeyRing(QList<ApiKey> keys, const WrongKeyLimits &limits = {}) : m_keys(std::move(keys)), m_limits(limits) {}

    bool isEmpty() const { return m_keys.isEmpty(); }
    /// From now on these open. There must be one: nobody is to be let in because a file was emptied.
    void replace(QList<ApiKey> keys) { m_keys = std::move(keys); }
    /// The name of that key, or nothing. Takes as long for each of them.
    std::optional<QString> nameOf(const QByteArray &key) const;
    /// A wrong key came from there: how long its answer waits; nothing where as many wait as may. Networks of IPv6 (/64) count
    /// as one.
    std::optional<std::chrono::milliseconds> delayWrong(const QHostAddress &peer);

private:
    struct Peer {
        int wrong = 0;
        QDeadlineTimer forgiven;
        QList<QDeadlineTimer> waiting;  ///< when each answer is due
    };
    Peer &remember(const QHostAddress &peer);

    QList<ApiKey> m_keys;
    const WrongKeyLimits m_limits;
    QHash<QHostAddress, Peer> m_peers;
};

}  // namespace millm::http
