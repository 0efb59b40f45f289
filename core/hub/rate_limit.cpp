#include "core/hub/rate_limit.h"

#include <QDateTime>
#include <QLocale>
#include <QString>
#include <QTimeZone>

namespace millm {
namespace {

/// The number after `key=` in `"api";r=0;t=212`.
std::optional<qint64> parameter(const QByteArray &header, char key) {
    for (const QByteArray &part : header.split(';')) {
        const QByteArray trimmed = part.trimmed();
        if (trimmed.size() < 3 || trimmed[0] != key || trimmed[1] != '=') continue;
        bool number = false;
        const qint64 value = trimmed.mid(2).toLongLong(&number);
        if (number && value >= 0) return value;
    }
    return {};
}

/// Invalid where the text is no date of HTTP.
QDateTime httpDate(const QByteArray &text) {
    QDateTime date =
        QLocale::c().toDateTime(QString::fromLatin1(text.trimmed()), QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
    date.setTimeZone(QTimeZone::UTC);
    return date;
}

}  // namespace

std::optional<qint64> rateLimitWait(const QByteArray &rateLimit, const QByteArray &retryAfter, const QByteArray &date) {
    const auto remaining = parameter(rateLimit, 'r');
    const auto reset = parameter(rateLimit, 't');
    if (remaining == 0 && reset) return (qMin<qint64>(*reset, 86'400) + 1) * 1000;
    bool number = false;
    const qint64 seconds = retryAfter.trimmed().toLongLong(&number);
    if (number && seconds >= 0) return (qMin<qint64>(seconds, 86'400) + 1) * 1000;
    const QDateTime then = httpDate(retryAfter), told = httpDate(date);
    if (!then.isValid()) return {};
    return qMax<qint64>(0, (told.isValid() ? told : QDateTime::currentDateTimeUtc()).msecsTo(then)) + 1000;
}

}  // namespace millm
