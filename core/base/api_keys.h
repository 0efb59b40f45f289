#pragma once

#include "core/base/error.h"

#include <QByteArray>
#include <QList>
#include <QString>

namespace millm {

/// A key that clients may send, under the name that the log calls it by. Only its SHA-256 is kept.
struct ApiKey {
    QString name;
    QByteArray hash;
    bool ofFile = false;  ///< goes when the file is read again
};

/// What the key of the setting "api-key" is called.
inline const QString settingsKeyName = QStringLiteral("default");

ApiKey apiKey(const QString &name, const QByteArray &key);

/// Lines "name:key"; blank ones and those that begin with '#' say nothing. A name has 1 to 64 of A-Z a-z 0-9 . _ - and stands
/// once, a key 8 to 512 visible ASCII characters. InvalidRequest that names `what` and the line, never the key.
Result<QList<ApiKey>> parseApiKeys(const QByteArray &text, const QString &what);
/// The same of a file; also where it is missing, no regular file, longer than 1 MiB, or holds no key.
Result<QList<ApiKey>> readApiKeys(const QString &file);

}  // namespace millm
