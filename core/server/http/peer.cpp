#include "core/server/http/peer.h"

#include <algorithm>

namespace millm::http {
namespace {

QHostAddress plain(const QHostAddress &peer) {
    bool mapped = false;
    const quint32 four = peer.toIPv4Address(&mapped);
    return mapped ? QHostAddress(four) : peer;
}

}  // namespace

QHostAddress networkOf(const QHostAddress &peer) {
    const QHostAddress address = plain(peer);
    if (address.protocol() != QAbstractSocket::IPv6Protocol) return address;
    Q_IPV6ADDR bytes = address.toIPv6Address();
    std::fill(bytes.c + 8, bytes.c + 16, quint8(0));
    return QHostAddress(bytes);
}

QString shownAddress(const QHostAddress &peer) {
    return plain(peer).toString();
}

}  // namespace millm::http
