#pragma once

#include <QNetworkProxyFactory>
#include <QString>

#include <memory>

namespace millm {

/// What is wrong with a setting of the proxy ("system", "none" or a proxy's address); empty: nothing.
QString flawOfProxy(const QString &setting);

/// The proxy of that setting, never for this machine itself. "system": the one that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name
/// (upper or lower case), as command-line programs read them. What has a flaw counts as "system". Any thread.
std::unique_ptr<QNetworkProxyFactory> proxiesOf(const QString &setting);

}  // namespace millm
