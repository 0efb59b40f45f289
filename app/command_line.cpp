#include "app/command_line.h"

#include "core/base/pasted_text.h"
#include "core/engine/quantization/scheme.h"
#include "core/hub/proxy.h"

#include <QCommandLineParser>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QHostAddress>
#include <QRegularExpression>
#include <QSettings>
#include <QStandardPaths>

#include <array>
#include <functional>

namespace millm {
namespace {

using Check = std::function<QString(const QString &value, Settings &settings)>;  ///< what is wrong, or nothing

/// One setting: where its value may come from, and what it does. Append a row for a new one.
struct Row {
    const char *option;       ///< long name, and key of the settings file; null where only the environment has it
    const char *environment;  ///< the other key there
    const char *valueName;
    const char *help;
    Check apply;
    bool exact = false;    ///< blanks around the value belong to it
    bool several = false;  ///< the option may stand more than once
};

QString oneOf(const QString &value, const QStringList &allowed, QString &target) {
    if (!allowed.contains(value)) return QStringLiteral("must be one of %1, not '%2'").arg(allowed.join(u", "), value);
    target = value;
    return {};
}

QString absolute(const QString &path, const QString &home) {
    if (path == u"~" || path.startsWith(u"~/")) return QDir::cleanPath(home + path.mid(1));
    return QDir::cleanPath(QFileInfo(path).absoluteFilePath());
}

bool truthy(const QString &value) {
    static const QStringList words{QStringLiteral("1"), QStringLiteral("on"), QStringLiteral("yes"), QStringLiteral("true")};
    return words.contains(value.trimmed().toLower());
}

QString setPort(const QString &value, Settings &settings) {
    bool ok = false;
    const uint port = value.toUInt(&ok);
    if (!ok || port > 65535) return QStringLiteral("must be a port from 0 to 65535, not '%1'").arg(value);
    settings.port = quint16(port);
    return {};
}

QString setKvCache(const QString &value, Settings &settings) {
    bool ok = false;
    const int mebibytes = value.toInt(&ok);
    if (!ok || mebibytes < 0) return QStringLiteral("must be a number of MiB, not '%1'").arg(value);
    settings.kvCacheMb = mebibytes;
    return {};
}

QString setDownloadLimit(const QString &value, Settings &settings) {
    constexpr double most = 100'000;
    bool ok = false;
    const double megabytes = value.toDouble(&ok);
    if (!ok || !(megabytes >= 0 && megabytes <= most) || (megabytes > 0 && megabytes < 0.01))
        return QStringLiteral("must be 0 or 0.01 to %1 MB a second, not '%2'").arg(int(most)).arg(value);
    settings.downloadLimit = qint64(megabytes * 1'000'000);
    return {};
}

QString setProxy(const QString &value, Settings &settings) {
    const QString flaw = flawOfProxy(value);
    if (flaw.isEmpty()) settings.proxy = value;
    return flaw;
}

QString setIdleUnload(const QString &value, Settings &settings) {
    constexpr int week = 7 * 24 * 60;
    bool ok = false;
    const int minutes = value.toInt(&ok);
    if (!ok || minutes < 0 || minutes > week) return QStringLiteral("must be 0 to %1 minutes, not '%2'").arg(week).arg(value);
    settings.idleUnloadMinutes = minutes;
    return {};
}

QString setThreads(const QString &value, Settings &settings) {
    bool ok = false;
    const int threads = value.toInt(&ok);
    if (!ok || threads < 0 || threads > 1024) return QStringLiteral("must be a number from 0 to 1024, not '%1'").arg(value);
    settings.threads = threads;
    return {};
}

/// The option names the only key; a file has as many as it has lines. Both together are fine.
QString addKeys(const QString &value, Settings &settings, const QString &home) {
    settings.apiKeyFile = absolute(value, home);
    const auto keys = readApiKeys(settings.apiKeyFile);
    if (!keys) return QStringLiteral("cannot be used: ") + keys.error().message;
    settings.apiKeys += *keys;
    return {};
}

QString setDevice(const QString &value, Settings &settings) {
    static const QRegularExpression form(QStringLiteral("^(auto|cpu|cuda(:[0-9]{1,3})?)$"));
    if (!form.match(value).hasMatch()) return QStringLiteral("must be auto, cpu, cuda or cuda:N, not '%1'").arg(value);
    settings.device = value;
    return {};
}

QString setQuantization(const QString &value, Settings &settings) {
    QStringList ids;
    for (const engine::SchemeInfo &scheme : engine::schemes())
        ids << QString::fromUtf8(scheme.id.data(), qsizetype(scheme.id.size()));
    return oneOf(value, ids, settings.quantization);
}

QString setScale(const QString &value, Settings &settings) {
    bool ok = false;
    const int percent = value.toInt(&ok);
    if (!ok || percent < 50 || percent > 400) return QStringLiteral("must be a percentage from 50 to 400, not '%1'").arg(value);
    settings.scale = percent;
    return {};
}

QString setEndpoint(const QString &value, Settings &settings) {
    QString trimmed = value;
    while (trimmed.endsWith(u'/')) trimmed.chop(1);
    const QUrl url(trimmed, QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty() || (url.scheme() != u"http" && url.scheme() != u"https")) {
        return QStringLiteral("must be an http or https URL, not '%1'").arg(value);
    }
    settings.hfEndpoint = url;
    return {};
}

QStringList list(const QString &value) {
    QStringList parts;
    for (const QString &part : value.split(u',', Qt::SkipEmptyParts)) {
        if (const QString entry = pasted(part); !entry.isEmpty()) parts.append(entry);
    }
    return parts;
}

QString setAliases(const QString &value, Settings &settings) {
    for (const QString &entry : list(value)) {
        const QString name = entry.section(u'=', 0, 0).trimmed(), model = entry.section(u'=', 1).trimmed();
        if (name.isEmpty() || model.isEmpty() || entry.size() > 1024)
            return QStringLiteral("must be aliases such as gpt-4o=my-model, not '%1'").arg(entry.left(200));
        if (settings.aliases.contains(name)) return QStringLiteral("names the alias '%1' twice").arg(name);
        settings.aliases.insert(name, model);
    }
    return {};
}

/// An origin names a scheme and a host: what has a path, or '*', would never match.
QString setOrigins(const QString &value, Settings &settings) {
    static const QRegularExpression form(QStringLiteral("^(null|[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#\\s*]+/*)$"));
    settings.corsOrigins = list(value);
    for (const QString &origin : std::as_const(settings.corsOrigins)) {
        if (!form.match(origin).hasMatch())
            return QStringLiteral("must be origins such as https://app.example, not '%1'").arg(origin);
    }
    return {};
}

std::vector<Row> rows(const QString &home) {
    return {
        {"host", "MILLM_HOST", "ADDRESS", "Address to listen on (127.0.0.1).",
         [](const QString &v, Settings &s) {
             s.host = v.toLower();
             if (s.host.startsWith(u'[') && s.host.endsWith(u']')) s.host = s.host.sliced(1).chopped(1);  // as in an address
             return v.isEmpty() ? QStringLiteral("is empty") : QString();
         }},
        {"port", "MILLM_PORT", "PORT", "Port to listen on; 0 picks a free one (8000).", setPort},
        {"data-dir", "MILLM_DATA_DIR", "DIR", "Where the database and the instance lock are kept.",
         [home](const QString &v, Settings &s) {
             s.dataDir = absolute(v, home);
             return QString();
         },
         true},
        {"model-cache-dir", "MODEL_CACHE_DIR", "DIR", "Where downloaded models are kept.",
         [home](const QString &v, Settings &s) {
             s.modelCacheDir = absolute(v, home);
             return QString();
         },
         true},
        {"database-url", "DATABASE_URL", "URL", "postgresql://user:password@host:port/db or sqlite:///path.db.",
         [](const QString &v, Settings &s) {
             s.databaseUrl = v;
             return QString();
         }},
        {"device", "MILLM_DEVICE", "DEVICE", "auto, cpu, cuda or cuda:N (auto).", setDevice},
        {"dtype", "MILLM_DTYPE", "TYPE", "Compute type: auto, float16, bfloat16 or float32 (auto).",
         [](const QString &v, Settings &s) {
             return oneOf(
                 v, {QStringLiteral("auto"), QStringLiteral("float16"), QStringLiteral("bfloat16"), QStringLiteral("float32")},
                 s.dtype);
         }},
        {"products", "MILLM_PRODUCTS", "WAY",
         "Quantized weights on the CPU: fast rounds their inputs to 16 bits, exact does not (fast).",
         [](const QString &v, Settings &s) { return oneOf(v, {QStringLiteral("fast"), QStringLiteral("exact")}, s.products); }},
        {"threads", "MILLM_THREADS", "N", "Threads that compute; 0 takes the cores that it may use (0).", setThreads},
        {"kv-cache", "MILLM_KV_CACHE", "MIB",
         "Memory for the KV caches of all requests; 0 takes half of what is free, nine tenths on a GPU (0).", setKvCache},
        {"quantization", "MILLM_QUANTIZATION", "NAME", "What the window's form for downloads begins with (Q4).",
         setQuantization},
        {"scale", "MILLM_SCALE", "PERCENT", "Size of the window's texts and controls (as the system has it).", setScale},
        {"proxy", "MILLM_PROXY", "PROXY",
         "On the way to the Hub: system (HTTPS_PROXY and its like), none or an address (system).", setProxy},
        {"download-limit", "MILLM_DOWNLOAD_LIMIT", "MB",
         "MB (10^6 bytes) a second that downloads may take; 0: all there is (0).", setDownloadLimit},
        {"api-key", "MILLM_API_KEY", "KEY",
         "Clients must send this key. An option is visible to other users: prefer the environment.",
         [](const QString &v, Settings &s) {
             if (!v.isEmpty()) s.apiKeys.append(apiKey(settingsKeyName, v.toUtf8()));
             return QString();
         }},
        {"api-key-file", "MILLM_API_KEY_FILE", "FILE",
         "Clients must send one of the keys in this file, one name:key a line; the name goes to the log.",
         [home](const QString &v, Settings &s) { return addKeys(v, s, home); }, true},
        {"tls-certificate", "MILLM_TLS_CERTIFICATE", "FILE", "HTTPS: certificate chain in PEM form; goes with --tls-key.",
         [home](const QString &v, Settings &s) {
             s.tlsCertificate = v.isEmpty() ? v : absolute(v, home);
             return QString();
         },
         true},
        {"tls-key", "MILLM_TLS_KEY", "FILE", "HTTPS: private key in PEM form. Both are read again when they change.",
         [home](const QString &v, Settings &s) {
             s.tlsKey = v.isEmpty() ? v : absolute(v, home);
             return QString();
         },
         true},
        {"alias", "MILLM_ALIASES", "NAME=MODEL", "Requests may call that model so, too. May stand more than once.", setAliases,
         false, true},
        {"idle-unload", "MILLM_IDLE_UNLOAD", "MINUTES", "Unload a model that nobody asked for so long; 0: never (0).",
         setIdleUnload},
        {"log-level", "MILLM_LOG_LEVEL", "LEVEL", "debug, info, warning or error (info).",
         [](const QString &v, Settings &s) {
             return oneOf(v,
                          {QStringLiteral("debug"), QStringLiteral("info"), QStringLiteral("warning"), QStringLiteral("error")},
                          s.logLevel);
         }},
        {"log-format", "MILLM_LOG_FORMAT", "FORMAT", "text or json, on standard error (text).",
         [](const QString &v, Settings &s) { return oneOf(v, {QStringLiteral("text"), QStringLiteral("json")}, s.logFormat); }},
        {nullptr, "HF_TOKEN", "", "Hub token used where a request carries none.",
         [](const QString &v, Settings &s) {
             s.hfToken = v;
             return QString();
         }},
        {nullptr, "HF_ENDPOINT", "", "Hub or mirror base URL.", setEndpoint},
        {nullptr, "HF_HUB_OFFLINE", "", "1: never touch the network.",
         [](const QString &v, Settings &s) {
             s.hubOffline = truthy(v);
             return QString();
         }},
        {nullptr, "AUTO_LOAD_MODEL", "", "Name of a model to load at start.",
         [](const QString &v, Settings &s) {
             s.autoLoadModel = v;
             return QString();
         }},
        {nullptr, "MILLM_LOAD_ON_DEMAND", "", "1: a ready model that a request names is loaded first.",
         [](const QString &v, Settings &s) {
             s.loadOnDemand = truthy(v);
             return QString();
         }},
        {nullptr, "MILLM_KEEP_IN_TRAY", "", "1: closing the window leaves the program in the tray, where there is one.",
         [](const QString &v, Settings &s) {
             s.keepInTray = truthy(v);
             return QString();
         }},
        {"cors-origins", "MILLM_CORS_ORIGINS", "ORIGINS",
         "Comma-separated origins whose pages may call: https://app.example, app://obsidian.md, null.", setOrigins},
        {"allowed-hosts", "MILLM_ALLOWED_HOSTS", "NAMES",
         "Comma-separated names that the Host header may bear besides the address.",
         [](const QString &v, Settings &s) {
             s.allowedHosts = list(v);
             return QString();
         }},
    };
}

QString tokenOfFile(const QString &path) {
    QFile file(path);
    return file.size() < 4096 && file.open(QIODevice::ReadOnly) ? pasted(QString::fromUtf8(file.readAll())) : QString();
}

/// The official clients' places: $HF_HOME or ~/.cache/huggingface, its hub folder and its token file.
void addHubDefaults(Settings &settings, const Surroundings &around) {
    const QProcessEnvironment &env = around.environment;
    const QString cacheHome = env.value(QStringLiteral("XDG_CACHE_HOME"), around.homeDirectory + QStringLiteral("/.cache"));
    const QString hfHome =
        absolute(env.value(QStringLiteral("HF_HOME"), cacheHome + QStringLiteral("/huggingface")), around.homeDirectory);
    settings.hfHubCache =
        absolute(env.value(QStringLiteral("HF_HUB_CACHE"), hfHome + QStringLiteral("/hub")), around.homeDirectory);
    if (settings.hfEndpoint.isEmpty()) settings.hfEndpoint = QUrl(QStringLiteral("https://huggingface.co"));
    // As for the official clients: then only a request's own token is sent.
    if (truthy(env.value(QStringLiteral("HF_HUB_DISABLE_IMPLICIT_TOKEN"))))
        settings.hfToken.clear();
    else if (settings.hfToken.isEmpty())
        settings.hfToken = tokenOfFile(env.value(QStringLiteral("HF_TOKEN_PATH"), hfHome + QStringLiteral("/token")));
}

bool isSourceTree(const QString &folder) {
    return QFileInfo::exists(folder + QStringLiteral("/core/engine/engine.h")) &&
           QFileInfo::exists(folder + QStringLiteral("/CMakeLists.txt"));
}

void addPlaces(Settings &settings, const Surroundings &around) {
    if (settings.dataDir.isEmpty()) {
        settings.dataDir =
            isSourceTree(around.workingDirectory) ? around.workingDirectory + QStringLiteral("/data") : around.dataDirectory;
    }
    if (settings.modelCacheDir.isEmpty()) settings.modelCacheDir = settings.dataDir + QStringLiteral("/models");
    if (settings.databaseUrl.isEmpty())
        settings.databaseUrl = QStringLiteral("sqlite://") + settings.dataDir + QStringLiteral("/millm.db");
    // Beside the program in a build tree, in the distribution's private library folder once installed.
    settings.engineDirs = {around.programDirectory + QStringLiteral("/../lib"),
                           around.programDirectory + QStringLiteral("/../" MILLM_ENGINE_INSTALL_DIR)};
    const QString engineDir = around.environment.value(QStringLiteral("MILLM_ENGINE_DIR"));
    if (!engineDir.isEmpty()) settings.engineDirs.prepend(engineDir);
}

QString keyOf(const Row &row) {
    return QString::fromLatin1(row.option ? row.option : row.environment);
}

bool isLoopback(const QString &host) {
    return host == u"localhost" || QHostAddress(host).isLoopback();
}

}  // namespace

Surroundings Surroundings::ofThisProcess() {
    Surroundings around;
    around.environment = QProcessEnvironment::systemEnvironment();
    around.settingsFile =
        QStandardPaths::writableLocation(QStandardPaths::GenericConfigLocation) + QStringLiteral("/millm/millm.conf");
    around.dataDirectory = QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation) + QStringLiteral("/millm");
    around.homeDirectory = QDir::homePath();
    // There is no application yet, which would know.
    around.programDirectory = QFileInfo(QStringLiteral("/proc/self/exe")).canonicalPath();
    around.workingDirectory = QDir::currentPath();
    return around;
}

QString applySetting(const QString &key, const QString &value, Settings &settings) {
    for (const Row &row : rows(QDir::homePath()))
        if (keyOf(row) == key) return row.apply(row.exact ? value : pasted(value), settings);
    return QStringLiteral("is no setting");
}

Outcome<Invocation, Exit> parseCommandLine(const QStringList &arguments, const Surroundings &around) {
    const std::vector<Row> table = rows(around.homeDirectory);
    QCommandLineParser parser;
    parser.setApplicationDescription(
        QStringLiteral("Large language models from the Hugging Face Hub on your own machine.\n"
                       "Without a verb the window opens; `serve` runs the same server without one; `inspect` tells what a\n"
                       "folder or a repository is, what it needs and whether it is supported."));
    const QCommandLineOption help = parser.addHelpOption();
    const QCommandLineOption version({QStringLiteral("v"), QStringLiteral("version")}, QStringLiteral("Show the version."));
    const QCommandLineOption demo(QStringLiteral("demo"),
                                  QStringLiteral("Try the whole job against a built-in Hub: no network, no traces."));
    const QCommandLineOption json(QStringLiteral("json"),
                                  QStringLiteral("inspect: print the object of the API's preview, not a table."));
    parser.addOptions({version, demo, json});
    for (const Row &row : table) {
        if (row.option) {
            parser.addOption(
                {QString::fromLatin1(row.option),
                 QStringLiteral("%1 [%2]").arg(QString::fromLatin1(row.help), QString::fromLatin1(row.environment)),
                 QString::fromLatin1(row.valueName)});
        }
    }
    parser.addPositionalArgument(
        QStringLiteral("verb"),
        QStringLiteral("serve: the server without a window.\n"
                       "inspect FOLDER|REPOSITORY: what a model is; ends with 0 where it is supported, "
                       "3 where it is not, 1 where it cannot be told."),
        QStringLiteral("[serve | inspect FOLDER|REPOSITORY]"));

    if (!parser.parse(arguments)) {
        return Exit{2, parser.errorText() + QStringLiteral("\nTry 'millm --help'.\n")};
    }
    if (parser.isSet(help)) {
        // The parser takes the program's name from the application, which is not there yet.
        QString text = parser.helpText().replace(QLatin1StringView("<executable_name>"), arguments.value(0)) +
                       QStringLiteral("\nEnvironment only:\n");
        for (const Row &row : table) {
            if (!row.option)
                text += QStringLiteral("  %1  %2\n")
                            .arg(QString::fromLatin1(row.environment), -20)
                            .arg(QString::fromLatin1(row.help));
        }
        return Exit{0, text};
    }
    if (parser.isSet(version)) return Exit{0, QStringLiteral("millm " MILLM_VERSION "\n")};

    Invocation invocation;
    const QStringList words = parser.positionalArguments();
    if (words.value(0) == u"inspect") {
        if (words.size() != 2 || words[1].trimmed().isEmpty())
            return Exit{2, QStringLiteral("inspect takes one folder or repository.\nTry 'millm --help'.\n")};
        invocation.verb = Invocation::Verb::Inspect;
        invocation.inspect = {words[1], parser.isSet(json)};
    } else if (words == QStringList{QStringLiteral("serve")}) {
        invocation.verb = Invocation::Verb::Serve;
    } else if (!words.isEmpty()) {
        return Exit{2, QStringLiteral("Unknown verb '%1'.\nTry 'millm --help'.\n").arg(words.join(u' '))};
    }
    if (parser.isSet(json) && invocation.verb != Invocation::Verb::Inspect)
        return Exit{2, QStringLiteral("--json goes with inspect.\nTry 'millm --help'.\n")};
    invocation.demo = parser.isSet(demo);

    const QSettings file(around.settingsFile, QSettings::IniFormat);
    for (const Row &row : table) {
        const QString option = QString::fromLatin1(row.option ? row.option : "");
        const QString variable = QString::fromLatin1(row.environment);
        const QString key = keyOf(row);
        QString value, from, setBy;
        if (row.option && parser.isSet(option)) {
            value = row.several ? parser.values(option).join(u',') : parser.value(option);
            from = setBy = QStringLiteral("--") + option;
        } else if (!around.environment.value(variable).isEmpty()) {
            value = around.environment.value(variable);
            from = setBy = variable;
        } else if (const QString name = file.contains(option) ? option : variable; file.contains(name)) {
            value = file.value(name).toStringList().join(u',');  // QSettings splits at commas
            from = around.settingsFile + QStringLiteral(": ") + name;
        } else {
            continue;
        }
        if (!row.exact) value = pasted(value);
        if (const QString wrong = row.apply(value, invocation.settings); !wrong.isEmpty()) {
            return Exit{2, QStringLiteral("%1 %2\n").arg(from, wrong)};
        }
        // What overrides the file is not the window's to show.
        const bool secret = key == u"api-key" || key == u"HF_TOKEN" || (key == u"proxy" && value.contains(u'@'));
        invocation.origins.insert(key, {secret && !setBy.isEmpty() ? QString() : value, setBy});
    }
    invocation.settingsFile = around.settingsFile;
    addHubDefaults(invocation.settings, around);
    addPlaces(invocation.settings, around);
    if (invocation.settings.tlsCertificate.isEmpty() != invocation.settings.tlsKey.isEmpty()) {
        return Exit{2, QStringLiteral("HTTPS takes a certificate and its key: --tls-certificate (MILLM_TLS_CERTIFICATE) and "
                                      "--tls-key (MILLM_TLS_KEY).\n")};
    }
    const bool listens = invocation.verb != Invocation::Verb::Inspect;
    if (listens && !isLoopback(invocation.settings.host) && invocation.settings.apiKeys.isEmpty()) {
        return Exit{
            2, QStringLiteral("Refusing to listen on %1 without an API key: anyone who reaches it could drive this machine. "
                              "Set MILLM_API_KEY or MILLM_API_KEY_FILE, or listen on 127.0.0.1.\n")
                   .arg(invocation.settings.host)};
    }
    return invocation;
}

}  // namespace millm
