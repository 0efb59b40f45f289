#pragma once

#include "core/models/model.h"

#include <QDateTime>
#include <QJsonObject>
#include <QString>

#include <optional>

namespace millm::management {

/// The PRD's Model. `progress`: the last one, while it downloads.
QJsonObject toJson(const Model &model, const std::optional<DownloadProgress> &progress = {});
/// The answer to a preview, and what `millm inspect --json` prints.
QJsonObject toJson(const ModelPreview &preview);

/// RFC 3339 in UTC with milliseconds: "2026-01-30T12:00:00.000Z".
/// {"estimated": parts or null, "actual": the same parts while it is loaded, else null}.
QJsonObject memoryJson(const Model &model);
QString timeText(const QDateTime &time);

}  // namespace millm::management
