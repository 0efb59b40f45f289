#include "core/base/logging.h"

#include "core/base/errors.h"

#include <QJsonDocument>
#include <QLoggingCategory>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace millm {

namespace {

struct Sink {
    LogLevel level;
    LogFormat format;
    SecretFilter filter;
};

// Qt's message handler is a plain function, so what it needs is one of the few statics of the program.
std::mutex mutex;
std::shared_ptr<const Sink> sink;

LogLevel levelOf(QtMsgType type) {
    switch (type) {
        case QtDebugMsg:
            return LogLevel::Debug;
        case QtInfoMsg:
            return LogLevel::Info;
        case QtWarningMsg:
            return LogLevel::Warning;
        case QtCriticalMsg:
        case QtFatalMsg:
            break;
    }
    return LogLevel::Error;
}

QLatin1StringView nameOf(QtMsgType type) {
    switch (levelOf(type)) {
        case LogLevel::Debug:
            return QLatin1StringView("debug");
        case LogLevel::Info:
            return QLatin1StringView("info");
        case LogLevel::Warning:
            return QLatin1StringView("warning");
        case LogLevel::Error:
            break;
    }
    return QLatin1StringView("error");
}

void handle(QtMsgType type, const QMessageLogContext &context, const QString &words) {
    std::shared_ptr<const Sink> current;
    {
        const std::scoped_lock lock(mutex);
        current = sink;
    }
    if (current && levelOf(type) >= current->level) {
        const QByteArray line =
            logLine(current->format, QDateTime::currentDateTimeUtc(), type, context.category, current->filter.clean(words));
        // One write a line: lines of several threads do not mix.
        std::fwrite(line.constData(), 1, std::size_t(line.size()), stderr);
        std::fflush(stderr);
    }
    if (type == QtFatalMsg) std::abort();
}

}  // namespace

Result<LogLevel> logLevelFrom(const QString &text) {
    const QString lower = text.toLower();
    if (lower == QStringLiteral("debug")) return LogLevel::Debug;
    if (lower == QStringLiteral("info")) return LogLevel::Info;
    if (lower == QStringLiteral("warning") || lower == QStringLiteral("warn")) return LogLevel::Warning;
    if (lower == QStringLiteral("error")) return LogLevel::Error;
    return errors::invalidRequest(QStringLiteral("log_level"),
                                  QStringLiteral("The log level is debug, info, warning or error, not '%1'.").arg(text));
}

Result<LogFormat> logFormatFrom(const QString &text) {
    const QString lower = text.toLower();
    if (lower == QStringLiteral("text")) return LogFormat::Text;
    if (lower == QStringLiteral("json")) return LogFormat::Json;
    return errors::invalidRequest(QStringLiteral("log_format"),
                                  QStringLiteral("The log format is text or json, not '%1'.").arg(text));
}

QByteArray logLine(LogFormat format, const QDateTime &time, QtMsgType type, const char *category, const QString &words) {
    const QString at = time.toUTC().toString(Qt::ISODateWithMs);
    const QString from = QString::fromUtf8(category && *category ? category : "default");
    if (format == LogFormat::Json) {
        const QJsonObject object{{QStringLiteral("time"), at},
                                 {QStringLiteral("level"), QString(nameOf(type))},
                                 {QStringLiteral("category"), from},
                                 {QStringLiteral("message"), words}};
        return QJsonDocument(object).toJson(QJsonDocument::Compact) + '\n';
    }
    QString one = words;
    one.replace(QLatin1Char('\r'), QStringLiteral("\\r")).replace(QLatin1Char('\n'), QStringLiteral("\\n"));
    return QStringLiteral("%1 %2 %3: %4\n").arg(at, nameOf(type), from, one).toUtf8();
}

void installLogging(LogLevel level, LogFormat format, const QStringList &secrets) {
    {
        const std::scoped_lock lock(mutex);
        sink = std::make_shared<const Sink>(Sink{level, format, SecretFilter(secrets)});
    }
    QLoggingCategory::setFilterRules(level == LogLevel::Debug ? QStringLiteral("*.debug=false\nmillm.*=true")
                                                              : QStringLiteral("*.debug=false"));
    qInstallMessageHandler(handle);
}

}  // namespace millm
