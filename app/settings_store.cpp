#include "app/settings_store.h"

#include "app/command_line.h"
#include "app/services.h"
#include "core/base/errors.h"
#include "core/base/futures.h"
#include "core/base/logging.h"
#include "core/base/settings_file.h"
#include "core/base/writable_folder.h"
#include "ui/error_words.h"

#include <QCoreApplication>

#include <utility>

namespace millm {
namespace {

/// What counts where nobody chose, as far as texts can tell it.
QHash<QString, QString> fallbacksOf(const Settings &settings, const SettingOrigins &origins) {
    const QString folder = QStringLiteral("model-cache-dir"), hub = QStringLiteral("HF_ENDPOINT"), none = QStringLiteral("0");
    const QString data = QStringLiteral("data-dir");
    return {{data, origins.contains(data) ? QString() : settings.dataDir},
            {folder, origins.contains(folder) ? settings.dataDir + QStringLiteral("/models") : settings.modelCacheDir},
            {hub, origins.contains(hub) ? QString() : settings.hfEndpoint.toString()},
            {QStringLiteral("proxy"), Settings().proxy},
            {QStringLiteral("download-limit"), none},
            {QStringLiteral("threads"), none},
            {QStringLiteral("kv-cache"), none},
            {QStringLiteral("idle-unload"), none}};
}

/// Not of the program but of the desktop, whose file it is.
const QString autostartKey = QStringLiteral("autostart");

}  // namespace

SettingsStore::SettingsStore(const Settings &settings, SettingOrigins origins, QString file, Services &services)
    : m_beganToken(settings.hfToken),
      m_fallbacks(fallbacksOf(settings, origins)),
      m_origins(std::move(origins)),
      m_file(std::move(file)),
      m_services(services) {}

SettingsKeeper::Entry SettingsStore::entry(const QString &key) const {
    if (key == autostartKey)
        return {
            m_autostart.isOn() ? QStringLiteral("1") : QString(), {}, m_file.isEmpty() ? QStringLiteral("--demo") : QString()};
    const SettingOrigin origin = m_origins.value(key);
    return {origin.value, m_fallbacks.value(key), origin.setBy};
}

QString SettingsStore::fault(const QString &key, const QString &value) const {
    if (key == autostartKey) return {};
    Settings scratch;
    const QString wrong = applySetting(key, value, scratch);
    return wrong.isEmpty() ? QString() : QCoreApplication::translate("millm", "The value %1.").arg(inWords(wrong));
}

Result<void> SettingsStore::write(const QString &key, const QString &value) {
    if (!m_file.isEmpty()) {
        if (auto written = writeSetting(m_file, key, value.isEmpty() ? QString() : value); !written) return written;
    }
    m_origins.insert(key, {value, {}});
    return {};
}

/// As the program would begin with what is written now.
Settings SettingsStore::next() const {
    Settings settings;
    for (auto origin = m_origins.cbegin(); origin != m_origins.cend(); ++origin)
        if (!origin->value.isEmpty()) (void)applySetting(origin.key(), origin->value, settings);
    return settings;
}

QFuture<Result<void>> SettingsStore::keep(const QString &key, const QString &value) {
    if (key == autostartKey) return resolved(m_autostart.set(!value.isEmpty()));
    if (key == u"model-cache-dir") {
        Settings chosen{.modelCacheDir = m_fallbacks.value(key)};
        if (!value.isEmpty()) (void)applySetting(key, value, chosen);
        // Kept only where it can be used.
        return runOn(&m_services.models,
                     [models = &m_services.models, folder = chosen.modelCacheDir] { return models->setCacheDir(folder); })
            .then(this, [this, key, value](const Result<void> &used) { return used ? write(key, value) : used; });
    }
    if (key == u"data-dir" && !value.isEmpty()) {
        Settings chosen;
        (void)applySetting(key, value, chosen);
        // The next start shall not meet the trouble of this one.
        return m_files.run([folder = chosen.dataDir] { return whyNotWritable(folder); })
            .then(this, [this, key, value, folder = chosen.dataDir](const QString &why) -> Result<void> {
                if (why.isEmpty()) return write(key, value);
                return errors::invalidRequest(key, QStringLiteral("%1 cannot be written: %2.").arg(folder, why));
            });
    }
    static const QStringList computing{QStringLiteral("dtype"), QStringLiteral("products"), QStringLiteral("kv-cache"),
                                       QStringLiteral("threads")};
    const auto written = write(key, value);
    if (written && computing.contains(key))
        runOn(&m_services.inference,
              [inference = &m_services.inference, settings = next()] { inference->reconfigure(settings); });
    if (written && key == u"proxy")
        runOn(&m_services.hub, [hub = &m_services.hub, proxy = next().proxy] { hub->setProxy(proxy); });
    if (written && key == u"download-limit")
        runOn(&m_services.downloads,
              [downloads = &m_services.downloads, limit = next().downloadLimit] { downloads->setLimit(limit); });
    return resolved(written);
}

void SettingsStore::useToken(const QString &token) {
    hideFromLog(token);
    const QString used = token.isEmpty() ? m_beganToken : token;
    runOn(&m_services.hub, [hub = &m_services.hub, used] { hub->setDefaultToken(used); });
}

}  // namespace millm
