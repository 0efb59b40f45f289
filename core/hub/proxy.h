#pragma once

#include <QNetworkProxyFactory>

namespace millm {

/// The proxy that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name (upper or lower case), as command-line programs read them. Never
/// for this machine itself. Any thread.
class EnvironmentProxies : public QNetworkProxyFactory {
public:
    QList<QNetworkProxy> queryProxy(const QNetworkProxyQuery &query) override;
};

}  // namespace millm
