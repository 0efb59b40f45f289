#pragma once

#include "core/base/error.h"

#include <QString>

namespace millm {

/// Is this host the public Hub itself (not a mirror)?
bool isPublicHub(const QString &host);

/// "owner/name" by the Hub's rules, from an id or a pasted address of its page; InvalidRepoId says which rule it breaks.
Result<QString> normaliseRepositoryName(const QString &text);

}  // namespace millm
