#include "core/inference/request_journal.h"

#include <utility>

namespace millm {

quint64 RequestJournal::begin(RequestRecord record) {
    const std::scoped_lock lock(m_mutex);
    record.id = ++m_last;
    record.began = QDateTime::currentDateTimeUtc();
    UnderWay &entry = m_underWay[record.id];
    entry.record = std::move(record);
    entry.clock.start();
    ++m_revision;
    return m_last;
}

void RequestJournal::nameModel(quint64 id, const QString &model) {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_underWay.find(id);
    if (found == m_underWay.end()) return;
    found->second.record.model = model;
    ++m_revision;
}

void RequestJournal::addTokens(quint64 id, qint64 tokens) {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_underWay.find(id);
    if (found == m_underWay.end()) return;
    found->second.record.tokens += tokens;
    ++m_revision;
}

void RequestJournal::end(quint64 id, int status) {
    const std::scoped_lock lock(m_mutex);
    const auto found = m_underWay.find(id);
    if (found == m_underWay.end()) return;
    RequestRecord record = std::move(found->second.record);
    record.milliseconds = found->second.clock.elapsed();
    record.ended = true;
    record.status = status;
    m_underWay.erase(found);
    m_ended.push_front(std::move(record));
    if (m_ended.size() > mostEnded) m_ended.pop_back();
    ++m_revision;
}

RequestJournal::Snapshot RequestJournal::snapshot() const {
    const std::scoped_lock lock(m_mutex);
    Snapshot shown;
    for (auto entry = m_underWay.rbegin(); entry != m_underWay.rend(); ++entry) {
        shown.underWay << entry->second.record;
        shown.underWay.last().milliseconds = entry->second.clock.elapsed();
    }
    shown.ended = {m_ended.begin(), m_ended.end()};
    return shown;
}

}  // namespace millm
