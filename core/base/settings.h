#pragma once

#include "core/base/api_keys.h"
#include "core/base/error.h"

#include <QByteArray>
#include <QHash>
#include <QMap>
#include <QString>
#include <QStringList>
#include <QUrl>

namespace millm {

/// What the program was told, resolved once at start (option, environment, settings file, default: first that is set).
struct Settings {
    QString host = QStringLiteral("127.0.0.1");
    quint16 port = 8000;    ///< 0 = a free one
    QString dataDir;        ///< holds the database and the lock of the running instance
    QString modelCacheDir;  ///< MODEL_CACHE_DIR
    QString databaseUrl;    ///< "sqlite:///abs/path.db" or "postgresql://…"
    QString hfToken;        ///< never logged, stored or sent but to hfEndpoint
    QUrl hfEndpoint;        ///< no trailing slash
    QString hfHubCache;     ///< the official clients' cache, read only
    bool hubOffline = false;
    QString proxy = QStringLiteral("system");  ///< of the Hub: system, none or an address (core/hub/proxy.h)
    qint64 downloadLimit = 0;                  ///< bytes a second that downloads may take; 0: all there is
    bool keepInTray = false;                   ///< closing the window leaves the program in the tray, where there is one
    QString autoLoadModel;
    QMap<QString, QString> aliases;             ///< further names that requests may use, to a model's name or repository id
    int idleUnloadMinutes = 0;                  ///< after which an unused model is unloaded; 0 = never
    QString quantization;                       ///< what the window's form for downloads begins with; empty: the table's first
    int scale = 0;                              ///< of the window, percent; 0: the system's
    bool loadOnDemand = false;                  ///< a ready model that a request names is loaded first
    QString device = QStringLiteral("auto");    ///< auto, cpu, cuda, cuda:N
    QString dtype = QStringLiteral("auto");     ///< auto, float16, bfloat16, float32
    QString products = QStringLiteral("fast");  ///< of quantized weights on the CPU: fast, exact
    int threads = 0;                            ///< of the engine; 0 = the machine's cores
    int kvCacheMb = 0;                          ///< MiB for what requests remember; 0 = a share of what is free
    QString apiKeyFile;                         ///< read again when it changes
    QList<ApiKey> apiKeys;                      ///< of which clients must send one; none: everybody may come
    QString tlsCertificate, tlsKey;             ///< PEM files, both or none: HTTPS
    QStringList corsOrigins;
    QStringList allowedHosts;  ///< further names for the Host check
    QString logLevel = QStringLiteral("info"), logFormat = QStringLiteral("text");
    QStringList engineDirs;  ///< where the engine plugins lie, first that has one
};

/// A setting as it was told, in words.
struct SettingOrigin {
    QString value;
    QString setBy;  ///< "--port", "MILLM_PORT": what overrides the settings file; empty: it is the file's
};
/// By the key in the settings file; those that nobody told are missing.
using SettingOrigins = QHash<QString, SettingOrigin>;

}  // namespace millm
