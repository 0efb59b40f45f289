#include "core/hub/origin.h"

#include "core/hub/repository_name.h"

namespace millm {
namespace {

constexpr int mostRelative = 5;
constexpr int mostAbsolute = 5;

int portOf(const QUrl &url) {
    return url.port(url.scheme() == QLatin1StringView("https") ? 443 : 80);
}

}  // namespace

bool sameOrigin(const QUrl &a, const QUrl &b) {
    return a.scheme() == b.scheme() && a.host().compare(b.host(), Qt::CaseInsensitive) == 0 && portOf(a) == portOf(b);
}

QString redacted(const QUrl &url) {
    return url.toString(QUrl::RemoveQuery | QUrl::RemoveFragment | QUrl::RemoveUserInfo);
}

QUrl throughMirror(const QUrl &url, const QUrl &endpoint) {
    if (url.scheme() != QLatin1StringView("https") || !isPublicHub(url.host()) || sameOrigin(url, endpoint)) return url;
    QUrl mirrored = url;
    mirrored.setScheme(endpoint.scheme());
    mirrored.setHost(endpoint.host());
    mirrored.setPort(endpoint.port());
    mirrored.setPath(endpoint.path() + url.path());
    return mirrored;
}

QUrl nextPage(const QByteArray &link) {
    // A comma inside <…> belongs to the address, so links are cut at their angle brackets.
    qsizetype from = 0;
    while ((from = link.indexOf('<', from)) >= 0) {
        const qsizetype end = link.indexOf('>', from);
        if (end < 0) break;
        const qsizetype next = link.indexOf('<', end);
        const QByteArray parameters = link.mid(end + 1, next < 0 ? -1 : next - end - 1);
        if (parameters.contains("rel=\"next\"") || parameters.contains("rel=next"))
            return QUrl::fromEncoded(link.mid(from + 1, end - from - 1), QUrl::StrictMode);
        from = end;
    }
    return {};
}

Outcome<QUrl, QString> RedirectTrail::follow(const QUrl &from, const QByteArray &location) {
    const QUrl target = QUrl::fromEncoded(location, QUrl::StrictMode);
    if (location.isEmpty() || !target.isValid()) return QStringLiteral("a redirect without a valid address");
    const bool relative = target.scheme().isEmpty() && target.host().isEmpty();
    if (relative ? ++m_relative > mostRelative : ++m_absolute > mostAbsolute)
        return QStringLiteral("too many redirects (%1 relative, %2 absolute)").arg(m_relative).arg(m_absolute);
    const QUrl next = from.resolved(target);
    const QString scheme = next.scheme();
    if (scheme != QLatin1StringView("https") && scheme != QLatin1StringView("http"))
        return QStringLiteral("a redirect to the scheme \"%1\"").arg(scheme.left(20));
    if (from.scheme() == QLatin1StringView("https") && scheme == QLatin1StringView("http"))
        return QStringLiteral("a redirect from https to http (%1)").arg(next.host());
    if (next.host().isEmpty()) return QStringLiteral("a redirect without a host");
    return next;
}

}  // namespace millm
