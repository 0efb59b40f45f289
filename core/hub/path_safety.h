#pragma once

#include <QString>
#include <QStringList>

namespace millm {

/// Why a file's name from the network must not become a path below a folder of ours, on any system; empty where it may.
QString unsafePath(const QString &path);

/// Longer than file systems take: a name of more than 255 bytes, or a path of more than 240 characters.
bool isTooLong(const QString &path);

/// Two of these that a file system without case would take for one; empty where there are none.
QString caseClash(const QStringList &paths);

}  // namespace millm
