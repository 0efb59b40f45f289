#pragma once

#include <QString>
#include <QStringList>

namespace millm {

/// Takes out of a text what nobody may read in a log: access tokens of the Hub by their form, Authorization headers, the
/// signature part of signed links, passwords in URLs, and the secrets it was told. Thread-safe after construction.
class SecretFilter {
public:
    explicit SecretFilter(const QStringList &secrets = {});  ///< empty ones and ones under 4 characters are left out
    QString clean(QString text) const;

private:
    QStringList m_secrets;
};

}  // namespace millm
