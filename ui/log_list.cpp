#include "ui/log_list.h"

#include <QStringList>

#include <algorithm>
#include <utility>

namespace millm {
namespace {

QString line(const LogEntry &entry, const QString &level) {
    return QStringLiteral("%1 %2 %3: %4").arg(entry.time.toString(Qt::ISODateWithMs), level, entry.category, entry.words);
}

}  // namespace

LogList::LogList(const LogHistory &history, QObject *parent) : QAbstractListModel(parent), m_history(history) {}

int LogList::rowCount(const QModelIndex &parent) const {
    return parent.isValid() ? 0 : count();
}

QVariant LogList::data(const QModelIndex &index, int role) const {
    if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
    const LogEntry &entry = m_shown[index.row()];
    switch (role) {
        case TimeRole:
            return entry.time.toLocalTime().toString(QStringLiteral("HH:mm:ss.zzz"));
        case LevelRole:
            return levels().value(int(entry.level));
        case CategoryRole:
            return entry.category;
        case WordsRole:
            return entry.words;
        case WeightRole:
            return int(entry.level);
        default:
            return {};
    }
}

QHash<int, QByteArray> LogList::roleNames() const {
    return {{TimeRole, "time"}, {LevelRole, "level"}, {CategoryRole, "category"}, {WordsRole, "words"}, {WeightRole, "weight"}};
}

QStringList LogList::levels() const {
    return {tr("Debug"), tr("Info"), tr("Warning"), tr("Error")};  // as LogLevel counts them
}

void LogList::setLevel(int row) {
    const auto level = static_cast<LogLevel>(std::clamp(row, 0, int(LogLevel::Error)));
    if (level == m_level) return;
    m_level = level;
    Q_EMIT levelChanged();
    beginResetModel();
    m_shown.clear();
    endResetModel();
    m_seen = 0;
    refresh();
    Q_EMIT countChanged();
}

QString LogList::text() const {
    QStringList lines;
    for (const LogEntry &entry : m_shown) lines << line(entry, levels().value(int(entry.level)).toLower());
    return lines.join(u'\n');
}

void LogList::refresh() {
    if (m_history.last() == m_seen) return;
    QList<LogEntry> fresh = m_history.since(m_seen);
    if (!fresh.isEmpty()) m_seen = fresh.last().number;
    fresh.removeIf([this](const LogEntry &entry) { return entry.level < m_level; });
    if (!fresh.isEmpty()) take(fresh);
}

void LogList::take(const QList<LogEntry> &entries) {
    const qsizetype over = m_shown.size() + entries.size() - qsizetype(LogHistory::most);
    if (over > 0 && !m_shown.isEmpty()) {
        const qsizetype going = std::min(over, m_shown.size());
        beginRemoveRows({}, 0, int(going) - 1);
        m_shown.remove(0, going);
        endRemoveRows();
    }
    beginInsertRows({}, int(m_shown.size()), int(m_shown.size() + entries.size()) - 1);
    m_shown << entries;
    endInsertRows();
    Q_EMIT countChanged();
}

}  // namespace millm
