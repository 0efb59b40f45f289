#pragma once

#include "core/base/error.h"

#include <QString>

namespace millm {

/// Changes one key of the settings file and leaves the rest of it as a person wrote it, comments and order too. What is
/// written is what QSettings reads (INI form). Nobody but its owner can read the file afterwards: it may hold the API key.
/// `value` null: the key goes. InvalidRequest for control characters in it, Internal where it cannot be written; the file is as
/// it was then. Blocks shortly.
Result<void> writeSetting(const QString &file, const QString &key, const QString &value);

}  // namespace millm
