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

bool isThisMachine(const QString &host) {
    return host.compare(QLatin1StringView("localhost"), Qt::CaseInsensitive) == 0 || QHostAddress(host).isLoopback();
}

bool excepted(const QString &host) {
    for (const QString &entry : variable("NO_PROXY", "no_proxy").split(QLatin1Char(','), Qt::SkipEmptyParts)) {
        QString name = entry.trimmed();
        if (name == QLatin1StringView("*")) return true;
        while (name.startsWith(QLatin1Char('.'))) name.removeFirst();
        if (host.compare(name, Qt::CaseInsensitive) == 0 || host.endsWith(QLatin1Char('.') + name, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

QUrl addressOf(const QString &text) {
    return QUrl(text.contains(QLatin1StringView("://")) ? text : QStringLiteral("http://") + text, QUrl::StrictMode);
}

QNetworkProxy proxyAt(const QUrl &url) {
    const bool socks = url.scheme().startsWith(QLatin1StringView("socks"));
    return QNetworkProxy(socks ? QNetworkProxy::Socks5Proxy : QNetworkProxy::HttpProxy, url.host(),
                         quint16(url.port(socks ? 1080 : 80)), url.userName(), url.password());
}

class EnvironmentProxies : public QNetworkProxyFactory {
public:
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override {
        QString text = query.protocolTag() == QLatin1StringView("https") ? variable("HTTPS_PROXY", "https_proxy")
                                                                         : variable("HTTP_PROXY", "http_proxy");
        if (text.isEmpty()) text = variable("ALL_PROXY", "all_proxy");
        const QString host = query.peerHostName();
        if (text.isEmpty() || isThisMachine(host) || excepted(host)) return {QNetworkProxy(QNetworkProxy::NoProxy)};
        return {proxyAt(addressOf(text))};
    }
};

class OneProxy : public QNetworkProxyFactory {
public:
    explicit OneProxy(const QNetworkProxy &proxy) : m_proxy(proxy) {}
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override {
        return {isThisMachine(query.peerHostName()) ? QNetworkProxy(QNetworkProxy::NoProxy) : m_proxy};
    }

private:
    const QNetworkProxy m_proxy;
};

}  // namespace

QString flawOfProxy(const QString &setting) {
    static const QStringList schemes{QStringLiteral("http"), QStringLiteral("socks5"), QStringLiteral("socks5h")};
    if (setting == u"system" || setting == u"none") return {};
    const QUrl url = addressOf(setting);
    const bool bare = url.path().isEmpty() || url.path() == u"/";
    const bool address = setting.contains(u':');  // a word alone is a slip, not a host
    if (address && url.isValid() && !url.host().isEmpty() && url.port(1) > 0 && bare && !url.hasQuery() &&
        schemes.contains(url.scheme()))
        return {};
    // Not the text itself: it may hold a password.
    return QStringLiteral(
        "must be system, none or an address such as http://proxy.example:3128 or socks5://proxy.example:1080");
}

std::unique_ptr<QNetworkProxyFactory> proxiesOf(const QString &setting) {
    if (setting == u"none") return std::make_unique<OneProxy>(QNetworkProxy(QNetworkProxy::NoProxy));
    if (setting == u"system" || setting.isEmpty() || !flawOfProxy(setting).isEmpty())
        return std::make_unique<EnvironmentProxies>();
    return std::make_unique<OneProxy>(proxyAt(addressOf(setting)));
}

}  // namespace millm
