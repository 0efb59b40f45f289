#include "core/server/http/key_ring.h"

#include "core/server/http/peer.h"

#include <QCryptographicHash>

#include <algorithm>

namespace millm::http {
std::optional<QString> KeyRing::nameOf(const QByteArray &key) const {
    const QByteArray hash = QCryptographicHash::hash(key, QCryptographicHash::Sha256);
    std::optional<QString> name;
    for (const ApiKey &known : m_keys) {
        unsigned char difference = hash.size() == known.hash.size() ? 0 : 1;
        for (qsizetype i = 0; i < std::min(hash.size(), known.hash.size()); ++i)
            difference |= static_cast<unsigned char>(hash[i] ^ known.hash[i]);
        if (difference == 0) name = known.name;
    }
    return name;
}

KeyRing::Peer &KeyRing::remember(const QHostAddress &peer) {
    const QHostAddress network = networkOf(peer);
    if (m_peers.size() >= m_limits.peers && !m_peers.contains(network)) {
        auto oldest = m_peers.begin();
        for (auto it = m_peers.begin(); it != m_peers.end(); ++it)
            if (it->forgiven < oldest->forgiven) oldest = it;
        m_peers.erase(oldest);
    }
    return m_peers[network];
}

std::optional<std::chrono::milliseconds> KeyRing::delayWrong(const QHostAddress &peer) {
    Peer &known = remember(peer);
    if (known.wrong > 0 && known.forgiven.hasExpired()) known.wrong = 0;
    known.forgiven = QDeadlineTimer(m_limits.memory);
    known.waiting.removeIf([](const QDeadlineTimer &due) { return due.hasExpired(); });
    if (known.waiting.size() >= m_limits.waiting) return {};
    const auto delay = std::min(m_limits.longest, m_limits.first * (1 << std::min(known.wrong++, 16)));
    known.waiting.append(QDeadlineTimer(delay));
    return delay;
}

}  // namespace millm::http
