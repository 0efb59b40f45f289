#include "core/hub/proxy.h"

#include <QHostAddress>
#include <QNetworkProxy>
#include <QUrl>

namespace millm {
namespace {

QString variable(const char *upper, const char *lower) {
    const QString value = qEnvironmentVariable(lower);
    return value.isEmpty() ? qEnvironmentVariable(upper) : value;
}

bool excepted(const QString &host) {
    if (host.compare(QLatin1StringView("localhost"), Qt::CaseInsensitive) == 0 || QHostAddress(host).isLoopback()) return true;
    for (const QString &entry : variable("NO_PROXY", "no_proxy").split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        QString name = entry.trimmed();
        if (name == QLatin1StringView("*")) return true;
        while (name.startsWith(QLatin1Char('.'))) name.removeFirst();
        if (host.compare(name, Qt::CaseInsensitive) == 0 || host.endsWith(QLatin1Char('.') + name, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

}  // namespace

QList<QNetworkProxy> EnvironmentProxies::queryProxy(const QNetworkProxyQuery &query) {
    QString text = query.protocolTag() == QLatin1StringView("https") ? variable("HTTPS_PROXY", "https_proxy")
                                                                     : variable("HTTP_PROXY", "http_proxy");
    if (text.isEmpty()) text = variable("ALL_PROXY", "all_proxy");
    if (text.isEmpty() || excepted(query.peerHostName())) return {QNetworkProxy(QNetworkProxy::NoProxy)};
    if (!text.contains(QLatin1StringView("://"))) text.prepend(QLatin1StringView("http://"));
    const QUrl url(text);
    const bool socks = url.scheme().startsWith(QLatin1StringView("socks"));
    return {QNetworkProxy(socks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, url.host(),
                          quint16(url.port(socks ? 1080 : 80)), url.userName(), url.password())};
}

}  // namespace millm
