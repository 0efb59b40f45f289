#pragma once

#include "core/base/error.h"

#include <QString>

namespace millm {

/// A sentence of the services in the window's language. They speak English, as their other client, the API, does; those of
/// their sentences that error_words.cpp has are translated, with the names and numbers in them, any other stays as it is. Any
/// thread.
QString inWords(const QString &sentence);
QString inWords(const Error &error);

}  // namespace millm
