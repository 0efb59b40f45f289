#pragma once

#include "core/base/error.h"
#include "core/base/log_scope.h"
#include "core/base/secret_filter.h"

#include <QByteArray>
#include <QDateTime>
#include <QString>
#include <QStringList>
#include <QtLogging>

#include <memory>

namespace millm {

class LogHistory;

enum class LogLevel { Debug, Info, Warning, Error };
enum class LogFormat { Text, Json };

/// "debug", "info", "warning" (or "warn"), "error"; "text", "json". InvalidRequest that names what is allowed.
Result<LogLevel> logLevelFrom(const QString &text);
Result<LogFormat> logFormatFrom(const QString &text);

/// One line of the log, with its end: "2026-01-30T12:00:00.000Z info millm.models: words" or a JSON object of time, level,
/// category and message. Fields follow as "name=value", or are members. Control characters in the words are escaped, so that
/// one message is one line.
QByteArray logLine(LogFormat format, const QDateTime &time, QtMsgType type, const char *category, const QString &words,
                   const LogFields &fields = {});

/// Sends everything that qDebug(), qCInfo()… say to standard error, one line a message, secrets starred out. Nobody waits for
/// who reads there: what does not fit is dropped and counted (LogQueue). Messages of other categories than "millm.…" come from
/// info on, whatever the level. Call once, early in main(); from any thread afterwards. `history`, where it is given, gets the
/// same messages.
void installLogging(LogLevel level, LogFormat format, const QStringList &secrets,
                    std::shared_ptr<LogHistory> history = nullptr);
/// Stars out one more secret from now on. Any thread.
void hideFromLog(const QString &secret);

}  // namespace millm
