#pragma once

#include "core/base/logging.h"

#include <QDateTime>
#include <QList>
#include <QString>

#include <deque>
#include <mutex>

namespace millm {

/// A message of the log as people may see it: secrets are starred out.
struct LogEntry {
    qint64 number = 0;  ///< counted from 1 without gaps
    QDateTime time;     ///< UTC
    LogLevel level = LogLevel::Info;
    QString category;  ///< "millm.http"
    QString words;     ///< at most LogHistory::mostLetters
};

/// The last messages of the log, for whoever shows them. Any thread.
class LogHistory {
public:
    static constexpr std::size_t most = 2000;
    static constexpr qsizetype mostLetters = 2000;  ///< of one message: what is longer is cut

    /// Gives it its number.
    void add(LogEntry entry);
    qint64 last() const;  ///< the newest message's number; 0: none was told
    /// Messages past that number, as far as they are still kept; the oldest first.
    QList<LogEntry> since(qint64 number) const;

private:
    mutable std::mutex m_mutex;  ///< over what follows
    std::deque<LogEntry> m_entries;
    qint64 m_last = 0;
};

}  // namespace millm
