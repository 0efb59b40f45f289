#pragma once

#include <QByteArray>
#include <QDateTime>

#include <optional>

namespace millm {

/// Milliseconds that a 429 asks to wait: `RateLimit`'s reset where nothing remains, else `Retry-After` (seconds or an HTTP
/// date), each with a second more. Nothing where neither says so.
std::optional<qint64> rateLimitWait(const QByteArray &rateLimit, const QByteArray &retryAfter, const QDateTime &now);

}  // namespace millm
