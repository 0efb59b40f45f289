#pragma once

#include "core/base/settings.h"

#include <QString>
#include <QUrl>

namespace millm::testing {

/// Settings of a program that lives wholly in `folder` and uses the Hub at `hub`: a free port, SQLite, the CPU, two threads.
inline Settings settingsIn(const QString &folder, const QUrl &hub = {}) {
    Settings settings;
    settings.port = 0;
    settings.dataDir = folder;
    settings.modelCacheDir = folder + QStringLiteral("/models");
    settings.databaseUrl = QStringLiteral("sqlite://") + folder + QStringLiteral("/millm.db");
    settings.hfHubCache = folder + QStringLiteral("/hub");
    settings.device = QStringLiteral("cpu");
    settings.threads = 2;
    settings.engineDirs = {QStringLiteral(MILLM_ENGINE_DIR)};
    if (!hub.isEmpty()) settings.hfEndpoint = hub;
    return settings;
}

}  // namespace millm::testing
