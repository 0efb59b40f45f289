#pragma once

#include "core/base/error.h"
#include "core/engine/quantization/scheme.h"

#include <QString>

#include <functional>

/// Names of models: what /v1 and AUTO_LOAD_MODEL call them. Pure.
namespace millm::names {

/// 1 to 255 of letters, digits, '-', '_' and '.'. InvalidRequest with the field otherwise.
Result<void> validate(const QString &name, const QString &field = QStringLiteral("custom_name"));

/// `base` where `taken` knows nobody of that name; else with the scheme, "name-q8", then "name-q8-2" and so on.
QString unique(const QString &base, engine::Scheme scheme, const std::function<bool(const QString &)> &taken);

/// A name from a folder's: what is not allowed becomes '-'. Never empty.
QString fromFolder(const QString &folderName);

/// "Q4": the scheme as API, database and folders write it.
QString schemeId(engine::Scheme scheme);

}  // namespace millm::names
