#include "core/base/log_history.h"

#include <algorithm>
#include <utility>

namespace millm {

void LogHistory::add(LogEntry entry) {
    if (entry.words.size() > mostLetters) entry.words = entry.words.first(mostLetters) + u'…';
    const std::scoped_lock lock(m_mutex);
    entry.number = ++m_last;
    if (m_entries.size() == most) m_entries.pop_front();
    m_entries.push_back(std::move(entry));
}

qint64 LogHistory::last() const {
    const std::scoped_lock lock(m_mutex);
    return m_last;
}

QList<LogEntry> LogHistory::since(qint64 number) const {
    const std::scoped_lock lock(m_mutex);
    const qint64 wanted = std::clamp<qint64>(m_last - number, 0, qint64(m_entries.size()));
    return {m_entries.end() - wanted, m_entries.end()};
}

}  // namespace millm
