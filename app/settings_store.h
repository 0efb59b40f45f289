#pragma once

#include "app/autostart.h"
#include "core/base/settings.h"
#include "core/base/worker_thread.h"
#include "ui/settings_keeper.h"

#include <QObject>

namespace millm {

struct Services;

/// The settings as this run was told them, the file that the next run reads, and what can be changed under way. GUI thread; the
/// services outlive it.
class SettingsStore : public QObject, public SettingsKeeper {
    Q_OBJECT
public:
    /// `file`: empty where nothing is to be written down.
    SettingsStore(const Settings &settings, SettingOrigins origins, QString file, Services &services);

    Entry entry(const QString &key) const override;
    QString fault(const QString &key, const QString &value) const override;
    QFuture<Result<void>> keep(const QString &key, const QString &value) override;
    bool isKeeping() const override { return !m_file.isEmpty(); }
    void useToken(const QString &token) override;

private:
    Result<void> write(const QString &key, const QString &value);
    Settings next() const;

    const QString m_beganToken;
    const QHash<QString, QString> m_fallbacks;
    SettingOrigins m_origins;
    const QString m_file;
    const Autostart m_autostart = Autostart::ofThisProgram();
    Services &m_services;
    WorkerThread m_files{QStringLiteral("settings")};
};

}  // namespace millm
