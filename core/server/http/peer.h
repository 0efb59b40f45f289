#pragma once

#include <QHostAddress>
#include <QString>

namespace millm::http {

/// Whoever has one address of IPv6 mostly has its whole network (/64), which stands for it here. An address of IPv4 in the
/// clothes of IPv6 is that one.
QHostAddress networkOf(const QHostAddress &peer);
/// As the log shows it: of IPv4 without the clothes.
QString shownAddress(const QHostAddress &peer);

}  // namespace millm::http
