#include "core/base/logging.h"

#include "core/base/errors.h"
#include "core/base/log_history.h"
#include "core/base/log_queue.h"

#include <QJsonDocument>
#include <QLoggingCategory>

#include <cstdlib>
#include <memory>
#include <mutex>

#include <unistd.h>

namespace millm {

namespace {

struct Sink {
    LogLevel level;
    LogFormat format;
    QStringList secrets;
    SecretFilter filter;
    std::shared_ptr<LogQueue> lines;  ///< to standard error
    std::shared_ptr<LogHistory> history;
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

/// Control characters as "\\x1b": they could end a line, or make a terminal do things.
QString withoutControls(const QString &words) {
    QString shown;
    shown.reserve(words.size());
    for (const QChar c : words) {
        const ushort code = c.unicode();
        if (code == u'\r')
            shown += QLatin1StringView("\\r");
        else if (code == u'\n')
            shown += QLatin1StringView("\\n");
        else if (c.category() == QChar::Other_Control)
            shown += QStringLiteral("\\x%1").arg(code, 2, 16, QLatin1Char('0'));
        else if (c.category() == QChar::Separator_Line || c.category() == QChar::Separator_Paragraph)
            shown += QStringLiteral("\\u%1").arg(code, 4, 16, QLatin1Char('0'));
        else
            shown += c;
    }
    return shown;
}

/// The words, and behind them the fields.
QString onOneLine(const QString &words, const LogFields &fields) {
    QString line = withoutControls(words);
    for (const auto &[name, value] : fields) line += u' ' + name + u'=' + withoutControls(value);
    return line;
}

void handle(QtMsgType type, const QMessageLogContext &context, const QString &words) {
    std::shared_ptr<const Sink> current;
    {
        const std::scoped_lock lock(mutex);
        current = sink;
    }
    if (current && levelOf(type) >= current->level) {
        const QDateTime now = QDateTime::currentDateTimeUtc();
        const QString clean = current->filter.clean(words);
        const LogFields fields = LogScope::fields();
        current->lines->add(logLine(current->format, now, type, context.category, clean, fields));
        // What a screen reader's walk over the shown log makes Qt say would be shown there, and walked over.
        if (current->history && !QByteArrayView(context.category).startsWith("qt.accessibility"))
            current->history->add({0, now, levelOf(type), QString::fromUtf8(context.category), onOneLine(clean, fields)});
    }
    if (type != QtFatalMsg) return;
    if (current) current->lines->flush(std::chrono::seconds(1));
    std::abort();
}

/// JSON's own escapes leave the controls above 0x7e as they are.
QByteArray withoutHighControls(const QJsonObject &object) {
    const QString json = QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
    QString shown;
    shown.reserve(json.size());
    for (const QChar c : json) {
        if (c.category() == QChar::Other_Control)
            shown += QStringLiteral("\\u%1").arg(c.unicode(), 4, 16, QLatin1Char('0'));
        else
            shown += c;
    }
    return shown.toUtf8();
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

QByteArray logLine(LogFormat format, const QDateTime &time, QtMsgType type, const char *category, const QString &words,
                   const LogFields &fields) {
    const QString at = time.toUTC().toString(Qt::ISODateWithMs);
    const QString from = QString::fromUtf8(category && *category ? category : "default");
    if (format == LogFormat::Json) {
        QJsonObject object{{QStringLiteral("time"), at},
                           {QStringLiteral("level"), QString(nameOf(type))},
                           {QStringLiteral("category"), from},
                           {QStringLiteral("message"), words}};
        for (const auto &[name, value] : fields) object.insert(name, value);
        return withoutHighControls(object) + '\n';
    }
    return QStringLiteral("%1 %2 %3: %4\n").arg(at, nameOf(type), from, onOneLine(words, fields)).toUtf8();
}

void installLogging(LogLevel level, LogFormat format, const QStringList &secrets, std::shared_ptr<LogHistory> history) {
    {
        const auto lost = [format](qint64 lines) {
            return logLine(format, QDateTime::currentDateTimeUtc(), QtWarningMsg, "millm.log",
                           QStringLiteral("%1 messages are missing here: nobody read them in time").arg(lines));
        };
        auto lines = std::make_shared<LogQueue>(STDERR_FILENO, lost);
        const std::scoped_lock lock(mutex);
        sink = std::make_shared<const Sink>(
            Sink{level, format, secrets, SecretFilter(secrets), std::move(lines), std::move(history)});
    }
    QLoggingCategory::setFilterRules(level == LogLevel::Debug ? QStringLiteral("*.debug=false\nmillm.*=true")
                                                              : QStringLiteral("*.debug=false"));
    qInstallMessageHandler(handle);
}

void hideFromLog(const QString &secret) {
    const std::scoped_lock lock(mutex);
    if (!sink || secret.isEmpty() || sink->secrets.contains(secret)) return;
    Sink next = *sink;
    next.secrets << secret;
    next.filter = SecretFilter(next.secrets);
    sink = std::make_shared<const Sink>(std::move(next));
}

}  // namespace millm
