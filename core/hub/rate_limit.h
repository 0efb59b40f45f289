#pragma once

#include <QByteArray>

#include <optional>

namespace millm {

/// Milliseconds that a 429 asks to wait: `RateLimit`'s reset where nothing remains, else `Retry-After` (seconds or an HTTP
/// date), each with a second more. Nothing where neither says so. A date is measured by the answer's own `date`, since clocks
/// differ; where it has none, by this machine's.
std::optional<qint64> rateLimitWait(const QByteArray &rateLimit, const QByteArray &retryAfter, const QByteArray &date);

}  // namespace millm
